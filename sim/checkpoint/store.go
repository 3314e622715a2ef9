package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
	"flinch/backends/storage"
)

// Params is what a Store stands on.
type Params struct {
	Pointer     Pointer
	Storage     storage.Storage
	RetainedMax int // completed checkpoints to keep, at least 1
}

// Store is the completed-checkpoint store of one job manager. The pointer is
// changed first, memory after it, and only then is anybody told.
//
// Its methods are scheduling points and must not overlap: one that is called
// while another is under way, or after one was cut off by a panic, panics.
// Retained and Unsettled may be called at any time.
type Store struct {
	pointer     Pointer
	storage     storage.Storage
	retainedMax int

	current  change      // what is in place
	attempts []change    // tried upon current, outcome unknown; empty: nothing is open
	released []Completed // no longer reachable, not yet handed back
	busy     bool
}

// change is a record with the checkpoints that it names.
type change struct {
	record   Record
	retained []Completed // oldest first
}

// Open recovers the store from its pointer and reads the metadata of every
// retained checkpoint. One that cannot be read fails the recovery, to be tried
// again: going on without it would silently restore an older one.
func Open(ctx context.Context, p Params) (*Store, error) {
	if p.RetainedMax < 1 {
		return nil, fmt.Errorf("open checkpoint store: %d retained checkpoints: want 1 or more", p.RetainedMax)
	}
	record, err := p.Pointer.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("open checkpoint store: %w", err)
	}
	s := &Store{pointer: p.Pointer, storage: p.Storage, retainedMax: p.RetainedMax, current: change{record: record}}
	for _, e := range record.Retained {
		c, err := s.read(ctx, e)
		if err != nil {
			return nil, fmt.Errorf("recover checkpoint %d: %w", e.ID, err)
		}
		s.current.retained = append(s.current.retained, c)
	}
	return s, nil
}

func (s *Store) read(ctx context.Context, e Entry) (Completed, error) {
	data, err := s.storage.ReadMetadata(ctx, e.Location)
	if err != nil {
		return Completed{}, err
	}
	m, err := Decode(data)
	if err != nil {
		return Completed{}, fmt.Errorf("%s: %w", e.Location, err)
	}
	if m.ID != e.ID {
		return Completed{}, fmt.Errorf("%s: metadata of checkpoint %d: %w", e.Location, m.ID, storage.ErrCorrupt)
	}
	return Completed{ID: e.ID, Location: e.Location, Metadata: m, Unclaimed: e.Unclaimed}, nil
}

// NextID hands out a checkpoint id. The counter is durable before the id is
// used, so that no id is used twice, whoever crashes; after an error the id is
// not used.
func (s *Store) NextID(ctx context.Context) (backends.CheckpointID, error) {
	s.enter()
	id, err := s.nextID(ctx)
	s.leave()
	return id, err
}

func (s *Store) nextID(ctx context.Context) (backends.CheckpointID, error) {
	if err := s.resolve(ctx); err != nil {
		return 0, fmt.Errorf("reserve a checkpoint id: %w", err)
	}
	next := s.next()
	id := max(next.record.NextID, 1)
	next.record.NextID = id + 1
	if err := s.put(ctx, next); err != nil {
		return 0, fmt.Errorf("reserve checkpoint id %d: %w", id, err)
	}
	return id, nil
}

// Add makes m, published at location, the latest completed checkpoint. Without
// an error it is durably so, and the checkpoints handed back can be reached from
// nowhere any more: the caller deletes their files. They are the ones that m
// subsumes and those of earlier calls that turned out not to be in place.
//
// After an error that wraps ErrOutcomeUnknown the files of m are kept: the store
// finds out later, and either retains m or hands it back. After any other error
// m is the caller's to discard.
func (s *Store) Add(ctx context.Context, m Metadata, location string) ([]Completed, error) {
	s.enter()
	released, err := s.add(ctx, Completed{ID: m.ID, Location: location, Metadata: m})
	s.leave()
	if err != nil {
		return nil, fmt.Errorf("add checkpoint %d to the store: %w", m.ID, err)
	}
	return released, nil
}

func (s *Store) add(ctx context.Context, c Completed) ([]Completed, error) {
	if err := s.resolve(ctx); err != nil {
		if errors.Is(err, ErrOutcomeUnknown) { // an earlier change's, but the caller keeps the files
			s.released = appendMissing(s.released, []Completed{c}, nil)
		}
		return nil, err
	}
	next := s.next()
	if c.ID >= next.record.NextID {
		return nil, fmt.Errorf("the id was never handed out, %d comes next", next.record.NextID)
	}
	if n := len(next.retained); n > 0 && next.retained[n-1].ID >= c.ID {
		return nil, fmt.Errorf("checkpoint %d is there already, and ids rise", next.retained[n-1].ID)
	}
	// What the job does not own it needs no more: the user may delete it.
	next.retained = slices.DeleteFunc(next.retained, func(o Completed) bool { return o.Unclaimed })
	next.retained = append(next.retained, c)
	next.retained = next.retained[max(0, len(next.retained)-s.retainedMax):]
	next.record.Retained = entries(next.retained)
	if err := s.put(ctx, next); err != nil {
		return nil, err
	}
	released := s.released
	s.released = nil
	return released, nil
}

// Latest returns the newest completed checkpoint, and false if there is none.
// An open outcome is settled first: to restore an older checkpoint while a newer
// one may be in place would let a later restore jump to a rolled-back lineage.
func (s *Store) Latest(ctx context.Context) (Completed, bool, error) {
	s.enter()
	err := s.resolve(ctx)
	s.leave()
	if err != nil {
		return Completed{}, false, fmt.Errorf("find the latest checkpoint: %w", err)
	}
	n := len(s.current.retained)
	if n == 0 {
		return Completed{}, false, nil
	}
	return s.current.retained[n-1], true, nil
}

func (s *Store) enter() {
	if s.busy {
		panic("checkpoint store: a call overlaps another, or follows one that was cut off")
	}
	s.busy = true
}

func (s *Store) leave() { s.busy = false }

// Retained returns the completed checkpoints that the store is known to hold,
// oldest first. The slice is the caller's.
func (s *Store) Retained() []Completed { return slices.Clone(s.current.retained) }

// Unsettled returns the checkpoints that were added with unknown outcome and are
// still open: their files must be kept.
func (s *Store) Unsettled() []Completed {
	var open []Completed
	for _, a := range s.attempts {
		open = appendMissing(open, a.retained, s.current.retained)
	}
	return open
}

// next is a copy of what is in place, one version on.
func (s *Store) next() change {
	c := change{record: s.current.record.clone(), retained: slices.Clone(s.current.retained)}
	c.record.Version++
	c.record.Leader = s.pointer.Leader()
	return c
}

// put makes c what is in place. If the pointer does not know, it is read again
// at once; an error is returned unless c is found there.
func (s *Store) put(ctx context.Context, c change) error {
	err := s.try(ctx, c)
	if !errors.Is(err, ErrOutcomeUnknown) {
		return err
	}
	if unresolved := s.resolve(ctx); unresolved != nil {
		return errors.Join(err, unresolved)
	}
	if !s.current.record.Equal(c.record) {
		return err
	}
	return nil
}

func (s *Store) try(ctx context.Context, c change) error {
	err := s.pointer.Store(ctx, s.current.record, c.record)
	switch {
	case err == nil:
		s.adopt(c)
	case errors.Is(err, ErrOutcomeUnknown):
		s.attempts = append(s.attempts, c)
	}
	return err
}

// resolve settles open outcomes. If the old record is still in place, it is
// stored once more under the next version, so that an attempt which is still on
// its way is refused when it arrives.
func (s *Store) resolve(ctx context.Context) error {
	if len(s.attempts) == 0 {
		return nil
	}
	found, err := s.pointer.Load(ctx)
	if err != nil {
		return err
	}
	for _, a := range s.attempts {
		if a.record.Equal(found) {
			s.adopt(a)
			return nil
		}
	}
	if !found.Equal(s.current.record) {
		return fmt.Errorf("version %d of leader %d is in place: %w", found.Version, found.Leader, ErrSuperseded)
	}
	return s.try(ctx, s.next())
}

// adopt takes note that c is in place. Every checkpoint that was in place or
// tried before, and is not in c, is released.
func (s *Store) adopt(c change) {
	s.released = appendMissing(s.released, s.current.retained, c.retained)
	for _, a := range s.attempts {
		s.released = appendMissing(s.released, a.retained, c.retained)
	}
	s.current, s.attempts = c, nil
}

// appendMissing appends to list the checkpoints of from that are neither in it
// nor in except.
func appendMissing(list, from, except []Completed) []Completed {
	for _, c := range from {
		same := func(o Completed) bool { return o.ID == c.ID }
		if !slices.ContainsFunc(except, same) && !slices.ContainsFunc(list, same) {
			list = append(list, c)
		}
	}
	return list
}

func entries(retained []Completed) []Entry {
	list := make([]Entry, len(retained))
	for i, c := range retained {
		list[i] = Entry{ID: c.ID, Location: c.Location, Unclaimed: c.Unclaimed}
	}
	return list
}
