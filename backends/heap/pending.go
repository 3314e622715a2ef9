package heap

import (
	"context"
	"errors"
	"slices"

	"flinch/backends"
)

// pending is a snapshot between its two phases. It is released once: after
// Write, by Discard, or by the instance's Close, whatever comes first.
type pending struct {
	in     *instance
	id     backends.CheckpointID
	states []stateSnapshot // by state id
	// canonical: it is written as any backend reads it.
	canonical bool
	started   bool
	released  bool
}

var _ backends.Pending = (*pending)(nil)

// stateSnapshot is one state as it was in the synchronous phase.
type stateSnapshot struct {
	meta   backends.StateMeta
	layout layout
	codec  backends.Codec  // of the asynchronous phase alone
	tables []tableSnapshot // of the groups in which the state has entries, rising
	next   int             // table that is written next
	gone   func(any) bool  // what had expired, and is not written; nil: all is
}

var (
	errReleased = errors.New("the snapshot was discarded")
	errStarted  = errors.New("the snapshot has been written before")
)

// Snapshot copies bucket arrays, not entries. Every snapshot is full.
func (in *instance) Snapshot(id backends.CheckpointID, opts backends.SnapshotOptions) (backends.Pending, error) {
	if in.closed {
		return nil, errClosed
	}
	p := &pending{in: in, id: id, canonical: opts.Canonical, states: make([]stateSnapshot, len(in.states))}
	for i, s := range in.states {
		p.states[i] = s.snapshot()
	}
	in.pendings = append(in.pendings, p)
	return p, nil
}

func (s *state) snapshot() stateSnapshot {
	snap := stateSnapshot{
		meta:   s.meta,
		layout: s.layout,
		codec:  s.codec.Duplicate(),
		tables: make([]tableSnapshot, 0, s.tables.count),
	}
	for group, t := range s.tables.all() {
		if t.size > 0 {
			snap.tables = append(snap.tables, t.snapshot(group))
		}
	}
	if c := s.cleanUp; c != nil && c.FullSnapshots {
		snap.gone = goneAt(c, c.Now())
	}
	return snap
}

// kept is what the snapshot writes of a value; nil if nothing.
func (s *stateSnapshot) kept(value any) any {
	if s.gone != nil {
		value, _ = s.layout.without(value, s.gone)
	}
	return value
}

// at returns the table of a group, from the start of the range; nil if the state
// has no entry there. It knows of the group that is written next alone.
func (s *stateSnapshot) at(group int) *tableSnapshot {
	if s.next < len(s.tables) && s.tables[s.next].group == group {
		return &s.tables[s.next]
	}
	return nil
}

// nextGroup is the group that is written next, or -1.
func nextGroup(states []stateSnapshot) int {
	group := -1
	for id := range states {
		s := &states[id]
		if s.next < len(s.tables) && (group < 0 || s.tables[s.next].group < group) {
			group = s.tables[s.next].group
		}
	}
	return group
}

// release gives up one key group of all states.
func release(states []stateSnapshot, group int) {
	for id := range states {
		if t := states[id].at(group); t != nil {
			t.release()
			states[id].next++
		}
	}
}

// Discard releases the snapshot. A Write that is under way fails at its next step.
func (p *pending) Discard() error {
	p.release()
	return nil
}

func (p *pending) release() {
	if p.released {
		return
	}
	p.released = true
	for _, s := range p.states {
		for i := range s.tables {
			s.tables[i].release()
		}
	}
	p.states = nil
	p.in.pendings = slices.DeleteFunc(p.in.pendings, func(o *pending) bool { return o == p })
}

// check tells why the snapshot must not go on, if so.
func (p *pending) check(ctx context.Context) error {
	switch {
	case p.in.closed:
		return errClosed
	case p.released:
		return errReleased
	}
	return ctx.Err()
}
