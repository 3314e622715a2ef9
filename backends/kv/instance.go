package kv

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
)

// instance is the state of one operator subtask.
type instance struct {
	engine Engine
	params backends.KeyedParams
	keys   keyLayout
	chunk  int
	page   int

	store       Store
	snapshotter Snapshotter // nil if the store has no snapshots of its own
	maintainer  backends.Maintainer

	// key begins with the group and key that are current, up to keyEnd. What
	// follows is scratch of the access under way.
	key    []byte
	keyEnd int
	hasKey bool
	closed bool
	broken error // why nothing is read or written any more; wraps backends.ErrBroken

	states   []*state // in the order of their names
	byName   map[string]*state
	restored map[int]backends.CheckpointID // key group to the checkpoint it came from
	pendings []*pending                    // open ones
	pages    []*page                       // free ones
}

var (
	_ backends.Keyed      = (*instance)(nil)
	_ backends.Maintainer = (*instance)(nil)
)

func newInstance(e Engine, p backends.KeyedParams) *instance {
	return &instance{
		engine:   e,
		params:   p,
		keys:     newKeyLayout(&p),
		chunk:    backends.ChunkBytes(p.Tuning, tuneChunkBytes),
		page:     pageEntries(p.Tuning),
		byName:   make(map[string]*state),
		restored: make(map[int]backends.CheckpointID),
	}
}

// unusable tells why the instance is of no use, if so.
func (in *instance) unusable() error {
	if in.closed {
		return in.errClosed()
	}
	return in.broken
}

func (in *instance) errClosed() error { return fmt.Errorf("%s state is closed", in.engine.Name()) }

// breaks ends the use of the instance: what it holds is neither the state before nor
// the state after what failed.
func (in *instance) breaks(err error) error {
	if !errors.Is(err, backends.ErrBroken) {
		err = fmt.Errorf("%w: %w", backends.ErrBroken, err)
	}
	in.broken, in.hasKey = err, false
	return err
}

func (in *instance) SetCurrentKey(k backends.Key) error {
	if err := in.unusable(); err != nil {
		return err
	}
	group := backends.KeyGroup(k.Hash, in.params.MaxParallelism)
	if !in.params.KeyGroups.Contains(group) {
		return fmt.Errorf("set key %q: its key group %d is not within %s of %s/%d",
			k.Encoded, group, in.params.KeyGroups, in.params.Operator, in.params.Subtask)
	}
	if err := in.keys.checkKey(k.Encoded); err != nil {
		return fmt.Errorf("set key %q: %w", k.Encoded, err)
	}
	in.key = append(in.keys.appendGroup(in.key[:0], group), k.Encoded...)
	in.keyEnd, in.hasKey = len(in.key), true
	return nil
}

// NotifyComplete is for stores that snapshot their own files: no full snapshot
// builds on another.
func (in *instance) NotifyComplete(id backends.CheckpointID) error {
	if in.closed || in.snapshotter == nil {
		return nil
	}
	return in.notified("complete", id, in.snapshotter.NotifyComplete(id))
}

// NotifyAborted is for stores that snapshot their own files.
func (in *instance) NotifyAborted(id backends.CheckpointID) error {
	if in.closed || in.snapshotter == nil {
		return nil
	}
	return in.notified("aborted", id, in.snapshotter.NotifyAborted(id))
}

// NotifySubsumed is for stores that snapshot their own files.
func (in *instance) NotifySubsumed(id backends.CheckpointID) error {
	if in.closed || in.snapshotter == nil {
		return nil
	}
	return in.notified("subsumed", id, in.snapshotter.NotifySubsumed(id))
}

func (in *instance) notified(what string, id backends.CheckpointID, err error) error {
	if err != nil {
		return fmt.Errorf("tell %s/%d that checkpoint %d is %s: %w", in.params.Operator, in.params.Subtask, id, what, err)
	}
	return nil
}

// Backlog is the store's, or 0.
func (in *instance) Backlog() int {
	if in.closed || in.maintainer == nil {
		return 0
	}
	return in.maintainer.Backlog()
}

// Maintain is the store's, or does nothing.
func (in *instance) Maintain(ctx context.Context) error {
	if in.closed || in.maintainer == nil {
		return nil
	}
	return in.maintainer.Maintain(ctx)
}

// Close releases all views before the store, which counts on it.
func (in *instance) Close() error {
	if in.closed {
		return nil
	}
	in.closed, in.hasKey = true, false
	for _, p := range slices.Clone(in.pendings) {
		p.release()
	}
	in.states, in.byName = nil, nil
	if err := in.store.Close(); err != nil {
		return fmt.Errorf("close %s state of %s/%d: %w", in.engine.Name(), in.params.Operator, in.params.Subtask, err)
	}
	return nil
}

func (in *instance) count(counter string) {
	if in.params.Count != nil {
		in.params.Count(counter, 1)
	}
}

var (
	errNil         = errors.New("nil cannot be stored")
	errNoNamespace = errors.New("the namespace is empty")
	errChanged     = errors.New("the map was changed while it was ranged over")
)
