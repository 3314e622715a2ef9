// Package operator keeps operator state: state of a subtask as a whole, not of a
// key, such as the offsets of a source. It lives on the heap whatever the keyed
// backend is, as in Flink.
//
// Start at Open and Backend.SplitList. A split list is one list over all subtasks,
// of which each holds a part: Redistribute deals its elements anew when the
// parallelism changes. Snapshots are taken in two phases like those of keyed
// state: Snapshot copies every list deeply, Pending.Write writes the copies while
// the task goes on.
package operator

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"flinch/backends"
)

// Params is what Open needs.
type Params struct {
	Operator string
	Subtask  int // from 0
	Streams  backends.CheckpointStreams
	Restore  []backends.OperatorHandle // not changed; their elements are joined in this order
}

// Backend is the operator state of one subtask. It belongs to one task: no calls
// may be concurrent.
type Backend struct {
	params Params
	lists  []*List // by name
}

// Open returns the operator state of a subtask: empty, or what p.Restore holds.
func Open(ctx context.Context, p Params) (*Backend, error) {
	b := &Backend{params: p}
	for i, h := range p.Restore {
		if err := b.restore(ctx, h); err != nil {
			return nil, fmt.Errorf("restore operator state of %s/%d, handle %d: %w", p.Operator, p.Subtask, i, err)
		}
	}
	b.params.Restore = nil
	return b, nil
}

// SplitList returns the list of that name, registering it on first use. Another
// codec under a known name is an error. The list stays valid for good.
func (b *Backend) SplitList(name string, codec backends.Codec) (*List, error) {
	meta, err := backends.Descriptor{Name: name, Kind: backends.ListKind, Value: codec}.Meta()
	if err != nil {
		return nil, fmt.Errorf("register operator state of %s: %w", b.params.Operator, err)
	}
	l, err := b.list(meta)
	if err != nil {
		return nil, fmt.Errorf("register operator state of %s: %w", b.params.Operator, err)
	}
	if err := l.adopt(codec); err != nil {
		return nil, fmt.Errorf("register operator state %q of %s: %w", name, b.params.Operator, err)
	}
	return l, nil
}

// list returns the list of that name, made if need be.
func (b *Backend) list(meta backends.StateMeta) (*List, error) {
	i, known := slices.BinarySearchFunc(b.lists, meta.Name, func(l *List, name string) int { return cmp.Compare(l.meta.Name, name) })
	if !known {
		b.lists = slices.Insert(b.lists, i, &List{meta: meta})
	}
	return b.lists[i], b.lists[i].meta.Check(meta)
}

// State is one operator state as Dump reports it.
type State struct {
	Name     string
	Mode     backends.DistributionMode
	Codec    backends.CodecID
	Elements [][]byte // encoded, in order; the caller's own
}

// Dump reports every registered or restored state in the order of the names. It
// has no side effect.
func (b *Backend) Dump() ([]State, error) {
	states := make([]State, len(b.lists))
	for i, l := range b.lists {
		states[i] = State{Name: l.meta.Name, Mode: backends.Split, Codec: l.meta.Codec}
		var err error
		if states[i].Elements, err = l.encoded(); err != nil {
			return nil, fmt.Errorf("dump operator state %q of %s: %w", l.meta.Name, b.params.Operator, err)
		}
	}
	return states, nil
}
