package reference

import "flinch/backends"

// mergingState is reducing or aggregating state.
type mergingState struct{ *state }

var _ backends.RawMerging = mergingState{}

// Get returns what was reduced, or the result of a new copy of the accumulator.
func (s mergingState) Get() (any, error) {
	at, err := s.here(s.namespace)
	if err != nil {
		return nil, err
	}
	v, err := s.folded(at)
	if err != nil || v == nil || s.d.Kind == backends.ReducingKind {
		return v, err
	}
	return s.d.Aggregate.Result(v), nil
}

// folded is what a place holds, or nil.
func (s mergingState) folded(at place) (any, error) {
	if parts := s.in.entries[at]; len(parts) > 0 {
		return s.decode(parts[0])
	}
	return nil, nil
}

// Add folds v into what is there.
func (s mergingState) Add(v any) error {
	at, err := s.here(s.namespace)
	if err != nil {
		return err
	}
	if v == nil {
		return errNil
	}
	old, err := s.folded(at)
	if err != nil {
		return err
	}
	switch {
	case s.d.Kind == backends.AggregatingKind && old == nil:
		v = s.d.Aggregate.Add(s.d.Aggregate.Create(), v)
	case s.d.Kind == backends.AggregatingKind:
		v = s.d.Aggregate.Add(old, v)
	case old != nil:
		v = s.d.Reduce(old, v)
	}
	return s.store(at, v)
}

func (s mergingState) store(at place, v any) error {
	parts, err := s.encodeAll([]any{v})
	if err == nil {
		s.set(at, parts)
	}
	return err
}

// MergeNamespaces folds the sources, in their order, then that into the target.
func (s mergingState) MergeNamespaces(target string, sources []string) error {
	to, from, err := s.merged(target, sources)
	if err != nil {
		return err
	}
	var taken any
	for _, at := range from {
		v, err := s.folded(at)
		if err != nil {
			return err
		}
		taken = s.both(taken, v)
		s.set(at, nil)
	}
	if taken == nil {
		return nil
	}
	old, err := s.folded(to)
	if err != nil {
		return err
	}
	return s.store(to, s.both(old, taken))
}

// both makes one value of two, either of which may be nil.
func (s mergingState) both(a, b any) any {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case s.d.Kind == backends.ReducingKind:
		return s.d.Reduce(a, b)
	}
	return s.d.Aggregate.Merge(a, b)
}
