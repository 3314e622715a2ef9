package kv

import (
	"cmp"
	"fmt"
	"slices"

	"flinch/backends"
)

func (in *instance) Value(d backends.Descriptor) (backends.RawValue, error) {
	s, err := in.register(d, backends.ValueKind)
	if err != nil {
		return nil, err
	}
	return valueState{s}, nil
}

func (in *instance) List(d backends.Descriptor) (backends.RawList, error) {
	s, err := in.register(d, backends.ListKind)
	if err != nil {
		return nil, err
	}
	return listState{s}, nil
}

func (in *instance) Map(d backends.Descriptor) (backends.RawMap, error) {
	s, err := in.register(d, backends.MapKind)
	if err != nil {
		return nil, err
	}
	return mapState{s}, nil
}

func (in *instance) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	s, err := in.register(d, backends.ReducingKind)
	if err != nil {
		return nil, err
	}
	return foldingState{s}, nil
}

func (in *instance) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	s, err := in.register(d, backends.AggregatingKind)
	if err != nil {
		return nil, err
	}
	return foldingState{s}, nil
}

func (in *instance) Timers(name string) (backends.RawTimers, error) {
	s, err := in.register(backends.Descriptor{Name: name, Kind: backends.TimerKind}, backends.TimerKind)
	if err != nil {
		return nil, err
	}
	if s.timers == nil {
		s.timers = &timers{state: s, most: timerCache(in.params.Tuning)}
	}
	return s.timers, nil
}

// register returns the state that d describes, new or known.
func (in *instance) register(d backends.Descriptor, kind backends.StateKind) (*state, error) {
	if in.closed {
		return nil, in.errClosed()
	}
	meta, err := d.MetaAs(kind)
	if err != nil {
		return nil, fmt.Errorf("register state of %s: %w", in.params.Operator, err)
	}
	elementBytes := 0
	if f, ok := d.Value.(backends.FixedSizer); ok && kind == backends.ListKind {
		elementBytes = f.FixedBytes()
	}
	s, err := in.known(meta, elementBytes)
	if err != nil {
		return nil, fmt.Errorf("register state of %s: %w", in.params.Operator, err)
	}
	if s.codec == nil {
		s.codec, s.absent, s.reduce, s.aggregate = d.Value, d.Default, d.Reduce, d.Aggregate
	}
	return s, nil
}

// known returns the state that meta names, which it makes if there is none, or
// says in what the one that there is differs.
func (in *instance) known(meta backends.StateMeta, elementBytes int) (*state, error) {
	s := in.byName[meta.Name]
	if s == nil {
		return in.addState(meta, elementBytes)
	}
	if err := s.meta.Check(meta); err != nil {
		return nil, err
	}
	if s.elementBytes != elementBytes {
		return nil, fmt.Errorf("state %q has elements of %d bytes, not %d (0: of any length), under one and the same codec %s",
			meta.Name, s.elementBytes, elementBytes, meta.Codec)
	}
	return s, nil
}

// addState makes a state that nobody has registered yet.
func (in *instance) addState(meta backends.StateMeta, elementBytes int) (*state, error) {
	family, err := in.store.Family(familyName(meta.Name))
	if err != nil {
		return nil, fmt.Errorf("family of state %q: %w", meta.Name, err)
	}
	s := newState(in, meta, family)
	s.elementBytes = elementBytes
	at, _ := slices.BinarySearchFunc(in.states, meta.Name, func(s *state, name string) int { return cmp.Compare(s.meta.Name, name) })
	in.states = slices.Insert(in.states, at, s)
	in.byName[meta.Name] = s
	return s, nil
}
