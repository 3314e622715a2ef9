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
	// Submission is the user's request that the job was begun anew by, 0 if none was.
	Submission int64
	// Stop is the savepoint that the job ended with; its zero value: it has not ended.
	Stop Stop
}

// Entry names a retained checkpoint.
type Entry struct {
	ID       backends.CheckpointID
	Location string // of its metadata, as the storage's Publish returned it
	// Unclaimed says that the user has kept it: the job began with it, and does not
	// own it.
	Unclaimed bool
}

// Equal tells whether two records are the same.
func (r Record) Equal(o Record) bool {
	return r.Version == o.Version && r.Leader == o.Leader && r.NextID == o.NextID && slices.Equal(r.Retained, o.Retained) &&
		r.Submission == o.Submission && r.Stop == o.Stop
}

func (r Record) clone() Record {
	r.Retained = slices.Clone(r.Retained)
	return r
}

// recordVersion is the newest layout of encoded records: the one of jobs that their
// user has stopped or begun anew. Others are written as the first layout has them.
const recordVersion = 2

func encodeRecord(r Record) []byte {
	var e encoder
	e.uint(r.Version)
	e.uint(r.Leader)
	e.int(int64(r.NextID))
	encodeList(&e, r.Retained, func(e *encoder, c Entry) {
		e.int(int64(c.ID))
		e.string(c.Location)
	})
	if r.Submission == 0 && r.Stop == (Stop{}) {
		return storage.Seal(storage.PointerKind, 1, e.out)
	}
	e.int(r.Submission)
	e.int(r.Stop.Number)
	e.int(int64(r.Stop.ID))
	e.string(r.Stop.Location)
	for _, c := range r.Retained {
		e.bool(c.Unclaimed)
	}
	return storage.Seal(storage.PointerKind, recordVersion, e.out)
}

func decodeRecord(data []byte) (Record, error) {
	version, payload, err := storage.Unseal(storage.PointerKind, recordVersion, data)
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
	if version > 1 {
		r.Submission = d.int()
		r.Stop.Number = d.int()
		r.Stop.ID, r.Stop.Location = backends.CheckpointID(d.int()), d.string()
		for i := range r.Retained {
			r.Retained[i].Unclaimed = d.upTo(1) == 1
		}
	}
	return r, d.end()
}

// ReadRecord decodes a record. It is for auditors, who read a root without becoming
// its leader.
func ReadRecord(record []byte) (Record, error) { return decodeRecord(record) }

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
