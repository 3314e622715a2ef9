// Package operator keeps operator state: state of a subtask as a whole, not of a
// key, such as the offsets of a source. It lives on the heap whatever the keyed
// backend is, as in Flink.
//
// Start at Open. State has one of three modes, which say what new subtasks get
// when a job is restored (Redistribute):
//
//   - a split list (SplitList) is one list over all subtasks, of which each holds a
//     part: its elements are dealt anew when the parallelism changes;
//   - a union list (UnionList) is dealt as a whole: each subtask gets the elements
//     of all, and says for itself which of them it goes on with;
//   - a broadcast map (BroadcastMap) is meant to be the same in every subtask: each
//     gets one old copy.
//
// The first registration after a restore may be with another codec, which takes over
// what was stored (backends.Evolver, KeyEvolver). All subtasks are to register a state
// with it before the next checkpoint: parts that two codecs wrote cannot be joined,
// which is when a job is rescaled, and of union lists whenever it is restored.
//
// Snapshots are taken in two phases like those of keyed state: Snapshot copies
// every state deeply, Pending.Write writes the copies while the task goes on.
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
	// Compress says that snapshots are written compressed. What is restored may be
	// either.
	Compress bool
}

// Backend is the operator state of one subtask. It belongs to one task: no calls
// may be concurrent.
type Backend struct {
	params Params
	states []state // by name
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

// SplitList returns the split list of that name, registering it on first use.
// Another codec or mode under a known name is an error, but for the first codec
// after a restore: it may take over what another one wrote (backends.Evolver). The
// list stays valid for good.
func (b *Backend) SplitList(name string, codec backends.Codec) (*List, error) {
	return register[*List](b, name, backends.Split, codec)
}

// UnionList is SplitList for a union list.
func (b *Backend) UnionList(name string, codec backends.Codec) (*List, error) {
	return register[*List](b, name, backends.Union, codec)
}

// BroadcastMap is SplitList for a broadcast map, whose values the codec is for
// and whose keys it may evolve (KeyEvolver).
func (b *Backend) BroadcastMap(name string, codec backends.Codec) (*BroadcastMap, error) {
	return register[*BroadcastMap](b, name, backends.Broadcast, codec)
}

// register returns the state of that name as the job uses it.
func register[S state](b *Backend, name string, mode backends.DistributionMode, codec backends.Codec) (S, error) {
	var none S
	switch {
	case name == "":
		return none, fmt.Errorf("register operator state of %s: the state has no name", b.params.Operator)
	case codec == nil:
		return none, fmt.Errorf("register operator state %q of %s: the state has no codec", name, b.params.Operator)
	}
	s, err := b.find(identity{name: name, mode: mode, codec: codec.ID()})
	if err == nil {
		err = s.adopt(codec)
	}
	if err != nil {
		return none, fmt.Errorf("register operator state %q of %s: %w", name, b.params.Operator, err)
	}
	return s.(S), nil
}

// find returns the state of that name, made if need be. Its codec may be another.
func (b *Backend) find(id identity) (state, error) {
	i, known := slices.BinarySearchFunc(b.states, id.name, func(s state, name string) int { return cmp.Compare(s.about().name, name) })
	if !known {
		b.states = slices.Insert(b.states, i, newState(id))
	}
	return b.states[i], b.states[i].about().checkMode(id.mode)
}

// State is one operator state as Dump reports it.
type State struct {
	Name  string
	Mode  backends.DistributionMode
	Codec backends.CodecID
	// Elements are those of a list in its order, or the values of a broadcast map in
	// the order of their keys: encoded, the caller's own.
	Elements [][]byte
	Keys     []string // of a broadcast map, by element
}

// Dump reports every registered or restored state in the order of the names. It
// has no side effect.
func (b *Backend) Dump() ([]State, error) {
	states := make([]State, len(b.states))
	for i, s := range b.states {
		c := s.lend()
		elements, err := c.encoded()
		if err != nil {
			return nil, fmt.Errorf("dump operator state %q of %s: %w", c.name, b.params.Operator, err)
		}
		states[i] = State{Name: c.name, Mode: c.mode, Codec: c.identity.codec, Elements: elements, Keys: c.keys}
	}
	return states, nil
}
