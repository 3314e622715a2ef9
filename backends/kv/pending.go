package kv

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
)

// pending is a full snapshot between its two phases. It is released once: after
// Write, by Discard, or by the instance's Close, whatever comes first.
type pending struct {
	in     *instance
	id     backends.CheckpointID
	view   View
	table  []byte        // of states
	states []frozenState // by state id
	// canonical: it is written as any backend reads it.
	canonical bool
	started   bool
	released  bool
}

var _ backends.Pending = (*pending)(nil)

// frozenState is a state as it was in the synchronous phase.
type frozenState struct {
	shape
	family string
	expiry *expiry // nil: nothing is left out
}

var (
	errReleased = errors.New("the snapshot was discarded")
	errStarted  = errors.New("the snapshot has been written before")
)

// Snapshot is the store's own, where it has one and opts does not ask for a full
// one. A full one fixes a view.
func (in *instance) Snapshot(id backends.CheckpointID, opts backends.SnapshotOptions) (backends.Pending, error) {
	if err := in.unusable(); err != nil {
		return nil, err
	}
	table := appendTable(nil, &in.params, in.states)
	if in.snapshotter != nil && !opts.Full && !opts.Canonical {
		p, err := in.snapshotter.Snapshot(id, table)
		if err != nil {
			return nil, fmt.Errorf("snapshot %d of %s/%d: %w", id, in.params.Operator, in.params.Subtask, err)
		}
		return p, nil
	}
	view, err := in.store.View()
	if err != nil {
		return nil, fmt.Errorf("full snapshot %d of %s/%d: %w", id, in.params.Operator, in.params.Subtask, err)
	}
	p := &pending{in: in, id: id, view: view, table: table, canonical: opts.Canonical, states: make([]frozenState, len(in.states))}
	for i, s := range in.states {
		p.states[i] = frozenState{shape: s.shape, family: familyName(s.meta.Name), expiry: expiryOf(s.cleanUp)}
	}
	in.pendings = append(in.pendings, p)
	return p, nil
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
	p.view.Release()
	p.in.pendings = slices.DeleteFunc(p.in.pendings, func(o *pending) bool { return o == p })
}

// scan reads a state of the view.
func (p *pending) scan(state int, from, to []byte, yield func(key, value []byte) bool) error {
	return p.view.Scan(p.states[state].family, from, to, yield)
}

// check tells why the snapshot must not go on, if so.
func (p *pending) check(ctx context.Context) error {
	switch {
	case p.in.closed:
		return p.in.errClosed()
	case p.released:
		return errReleased
	}
	return ctx.Err()
}
