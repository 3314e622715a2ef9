package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
	"flinch/backends/storage"
)

// ErrOutcomeUnknown is wrapped by errors of Pointer.Store and Store.Add after
// which the new record may or may not be in place, now or later. Nothing that
// either record names may be deleted.
var ErrOutcomeUnknown = errors.New("outcome unknown")

// ErrSuperseded is wrapped by errors that say that somebody else leads, so that
// this store is out of date for good. It does not say that nothing happened: a
// write may have been applied first and refused when it was repeated.
var ErrSuperseded = errors.New("superseded by another leader")

// Pointer is the root of the completed-checkpoint store: one record, replaced
// as a whole.
type Pointer interface {
	// Load returns the record, the zero one if none was ever stored. What it
	// returns is durable by then: nobody may act on a record that a power loss
	// could take back. A damaged record is an error, never an empty one.
	Load(ctx context.Context) (Record, error)
	// Store replaces old, which Load or Store saw last, by next. Without an error
	// next is durable. An error that wraps ErrOutcomeUnknown leaves open whether
	// it is in place or will be, and Load must be called before the next Store; after
	// any other error it is not, and never will be.
	Store(ctx context.Context, old, next Record) error
	// Leader is the epoch of the leader that stores through this value; 0 where
	// there can be one only.
	Leader() uint64
}

// Record is what a Pointer keeps.
type Record struct {
	// Version rises by one with each Store. 0: nothing was stored yet.
	Version uint64
	// Leader is the epoch of the leader that stored the record, so that two
	// leaders' records are never taken for one another; 0 where there is one only.
	Leader uint64
	// NextID is the lowest checkpoint id that was never handed out. 0 counts as 1.
	NextID backends.CheckpointID
	// Retained are the completed checkpoints, oldest first.
	Retained []Entry
}

// Entry names a retained checkpoint.
type Entry struct {
	ID       backends.CheckpointID
	Location string // of its metadata, as the storage's Publish returned it
}

// Equal tells whether two records are the same.
func (r Record) Equal(o Record) bool {
	return r.Version == o.Version && r.Leader == o.Leader && r.NextID == o.NextID && slices.Equal(r.Retained, o.Retained)
}

func (r Record) clone() Record {
	r.Retained = slices.Clone(r.Retained)
	return r
}

// recordVersion is the newest layout of encoded records.
const recordVersion = 1

func encodeRecord(r Record) []byte {
	var e encoder
	e.uint(r.Version)
	e.uint(r.Leader)
	e.int(int64(r.NextID))
	encodeList(&e, r.Retained, func(e *encoder, c Entry) {
		e.int(int64(c.ID))
		e.string(c.Location)
	})
	return storage.Seal(storage.PointerKind, recordVersion, e.out)
}

func decodeRecord(data []byte) (Record, error) {
	_, payload, err := storage.Unseal(storage.PointerKind, recordVersion, data)
	if err != nil {
		return Record{}, err
	}
	d := newDecoder(payload)
	r := Record{
		Version: d.uint(),
		Leader:  d.uint(),
		NextID:  backends.CheckpointID(d.int()),
		Retained: decodeList(d, func(d *decoder) Entry {
			return Entry{ID: backends.CheckpointID(d.int()), Location: d.string()}
		}),
	}
	return r, d.end()
}

// NamedBy lists the checkpoints that an encoded record names, oldest first. It is
// for auditors, who read a root without becoming its leader.
func NamedBy(record []byte) ([]backends.CheckpointID, error) {
	r, err := decodeRecord(record)
	if err != nil {
		return nil, err
	}
	ids := make([]backends.CheckpointID, len(r.Retained))
	for i, e := range r.Retained {
		ids[i] = e.ID
	}
	return ids, nil
}

// MemoryPointer keeps the record in the job manager's memory and is lost with
// it. The zero value is empty and ready.
type MemoryPointer struct{ record Record }

var _ Pointer = (*MemoryPointer)(nil)

// Leader implements Pointer.
func (p *MemoryPointer) Leader() uint64 { return 0 }

// Load implements Pointer.
func (p *MemoryPointer) Load(ctx context.Context) (Record, error) {
	return p.record.clone(), ctx.Err()
}

// Store implements Pointer.
func (p *MemoryPointer) Store(ctx context.Context, old, next Record) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("store the checkpoint record: %w", err)
	}
	if !p.record.Equal(old) {
		return fmt.Errorf("store the checkpoint record: version %d is in place, not %d: %w", p.record.Version, old.Version, ErrSuperseded)
	}
	p.record = next.clone()
	return nil
}
