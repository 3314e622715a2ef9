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
	if err := in.unusable(); err != nil {
		return nil, err
	}
	s, err := in.describedBy(d, kind)
	if err != nil {
		return nil, fmt.Errorf("register state of %s: %w", in.params.Operator, err)
	}
	return s, nil
}

func (in *instance) describedBy(d backends.Descriptor, kind backends.StateKind) (*state, error) {
	meta, err := d.MetaAs(kind)
	if err != nil {
		return nil, err
	}
	wanted := shape{meta: meta, keys: in.keys}
	if f, ok := d.Value.(backends.FixedSizer); ok && kind == backends.ListKind {
		wanted.elementBytes = f.FixedBytes()
	}
	s := in.byName[meta.Name]
	switch {
	case s == nil:
		if s, err = in.addState(&wanted); err != nil {
			return nil, err
		}
	case s.registered:
		return s, s.shape.same(&wanted)
	default:
		if err := s.adopt(d, &wanted); err != nil {
			return nil, err
		}
	}
	s.registered, s.codec, s.cleanUp = true, d.Value, d.CleanUp
	s.absent, s.reduce, s.aggregate = d.Default, d.Reduce, d.Aggregate
	s.letExpire()
	return s, nil
}

// described returns the state that a snapshot describes, which it makes if there is
// none. Lists may be framed in one snapshot and not in another.
func (in *instance) described(stored *shape) (*state, error) {
	s := in.byName[stored.meta.Name]
	if s == nil {
		return in.addState(stored)
	}
	if err := s.meta.CheckRestored(stored.meta); err != nil {
		return nil, err
	}
	if s.elementBytes == 0 || stored.elementBytes == 0 {
		return s, nil
	}
	return s, s.shape.same(stored)
}

// addState makes a state that nobody has registered yet.
func (in *instance) addState(as *shape) (*state, error) {
	name := as.meta.Name
	family, err := in.store.Family(familyName(name))
	if err != nil {
		return nil, fmt.Errorf("family of state %q: %w", name, err)
	}
	s := newState(in, as, family)
	at, _ := slices.BinarySearchFunc(in.states, name, func(s *state, name string) int { return cmp.Compare(s.meta.Name, name) })
	in.states = slices.Insert(in.states, at, s)
	in.byName[name] = s
	return s, nil
}

// same tells in what two shapes of a state differ, if they do.
func (s *shape) same(o *shape) error {
	if err := s.meta.Check(o.meta); err != nil {
		return err
	}
	if s.elementBytes != o.elementBytes {
		return fmt.Errorf("state %q has elements of %d bytes, not %d (0: of any length), under one and the same codec %s",
			s.meta.Name, s.elementBytes, o.elementBytes, s.meta.Codec)
	}
	return nil
}
