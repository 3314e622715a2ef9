package heap

import (
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
)

// instance is the state of one operator subtask.
type instance struct {
	params   backends.KeyedParams
	capacity int
	chunk    int

	key    backends.Key
	group  int
	hasKey bool
	closed bool

	states   []*state // a state's id is its index
	byName   map[string]*state
	restored map[int]backends.CheckpointID // key group to the checkpoint it came from
	pendings []*pending                    // open ones
	queries  queries
}

var (
	_ backends.Keyed     = (*instance)(nil)
	_ backends.Queryable = (*instance)(nil)
)

var errClosed = errors.New("heap state is closed")

func newInstance(p backends.KeyedParams) *instance {
	return &instance{
		params:   p,
		capacity: tableCapacity(p.Tuning),
		chunk:    backends.ChunkBytes(p.Tuning, tuneChunkBytes),
		byName:   make(map[string]*state),
		restored: make(map[int]backends.CheckpointID),
	}
}

func (in *instance) SetCurrentKey(k backends.Key) error {
	if in.closed {
		return errClosed
	}
	group := backends.KeyGroup(k.Hash, in.params.MaxParallelism)
	if !in.params.KeyGroups.Contains(group) {
		return fmt.Errorf("set key %q: its key group %d is not within %s of %s/%d",
			k.Encoded, group, in.params.KeyGroups, in.params.Operator, in.params.Subtask)
	}
	if k.Encoded == "" {
		return errors.New("set key: its encoded form is empty")
	}
	in.key, in.group, in.hasKey = k, group, true
	return nil
}

func (in *instance) Value(d backends.Descriptor) (backends.RawValue, error) {
	s, err := in.register(d, backends.ValueKind)
	if err != nil {
		return nil, err
	}
	if s.shared != nil {
		return sharedValue{valueState{s}}, nil
	}
	return valueState{s}, nil
}

func (in *instance) List(d backends.Descriptor) (backends.RawList, error) {
	s, err := in.register(d, backends.ListKind)
	if err != nil {
		return nil, err
	}
	if s.shared != nil {
		return sharedList{listState{s}}, nil
	}
	return listState{s}, nil
}

func (in *instance) Map(d backends.Descriptor) (backends.RawMap, error) {
	s, err := in.register(d, backends.MapKind)
	if err != nil {
		return nil, err
	}
	if s.shared != nil {
		return sharedMap{mapState{s}}, nil
	}
	return mapState{s}, nil
}

func (in *instance) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	return in.merging(d, backends.ReducingKind)
}

func (in *instance) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	return in.merging(d, backends.AggregatingKind)
}

func (in *instance) merging(d backends.Descriptor, kind backends.StateKind) (backends.RawMerging, error) {
	s, err := in.register(d, kind)
	if err != nil {
		return nil, err
	}
	if s.shared != nil {
		return sharedMerging{mergingState{s}}, nil
	}
	return mergingState{s}, nil
}

func (in *instance) Timers(name string) (backends.RawTimers, error) {
	s, err := in.register(backends.Descriptor{Name: name, Kind: backends.TimerKind}, backends.TimerKind)
	if err != nil {
		return nil, err
	}
	return timerState{s}, nil
}

// register returns the state that d describes, new or known.
func (in *instance) register(d backends.Descriptor, kind backends.StateKind) (*state, error) {
	if in.closed {
		return nil, errClosed
	}
	meta, err := d.MetaAs(kind)
	if err != nil {
		return nil, fmt.Errorf("register state of %s: %w", in.params.Operator, err)
	}
	s := in.byName[d.Name]
	if s == nil {
		s = in.addState(meta)
	}
	if s.registered {
		err = s.meta.Check(meta)
	} else {
		err = s.adopt(d, meta)
	}
	if err != nil {
		return nil, fmt.Errorf("register state %q of %s: %w", d.Name, in.params.Operator, err)
	}
	return s, nil
}

// addState makes a state that nobody has registered yet.
func (in *instance) addState(meta backends.StateMeta) *state {
	s := newState(in, meta)
	in.states = append(in.states, s)
	in.byName[meta.Name] = s
	return s
}

// NotifyComplete does nothing: no heap snapshot builds on another.
func (in *instance) NotifyComplete(backends.CheckpointID) error { return nil }

// NotifyAborted does nothing.
func (in *instance) NotifyAborted(backends.CheckpointID) error { return nil }

// NotifySubsumed does nothing.
func (in *instance) NotifySubsumed(backends.CheckpointID) error { return nil }

func (in *instance) Close() error {
	if in.closed {
		return nil
	}
	in.closed, in.hasKey = true, false
	in.queries.close()
	for _, p := range slices.Clone(in.pendings) {
		p.release()
	}
	in.states, in.byName = nil, nil
	return nil
}
