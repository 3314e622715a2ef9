package reference

import (
	"fmt"
	"slices"

	"flinch/backends"
)

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
// Nothing changes before all is folded.
func (s mergingState) MergeNamespaces(target string, sources []string) error {
	to, from, err := s.merged(target, sources)
	if err != nil {
		return err
	}
	var taken any
	for i, at := range from {
		if !slices.Contains(from[:i], at) {
			if taken, err = s.both(taken, at, false); err != nil {
				return err
			}
		}
	}
	if taken == nil {
		return nil
	}
	if !slices.Contains(from, to) {
		if taken, err = s.both(taken, to, true); err != nil {
			return err
		}
	}
	parts, err := s.encodeAll([]any{taken})
	if err != nil {
		return err
	}
	for _, at := range from {
		s.set(at, nil)
	}
	s.set(to, parts)
	return nil
}

// both makes one value of v and of what a place holds, which may be the older. Either
// may be nothing.
func (s mergingState) both(v any, at place, older bool) (any, error) {
	held, err := s.folded(at)
	switch {
	case err != nil || held == nil:
		return v, err
	case v == nil:
		return held, nil
	case older:
		v, held = held, v
	}
	merge := s.d.Reduce
	if s.d.Kind == backends.AggregatingKind {
		merge = s.d.Aggregate.Merge
	}
	merged := merge(v, held)
	if merged == nil {
		return nil, fmt.Errorf("state %q: its function returned nil: %w", s.d.Name, errNil)
	}
	return merged, nil
}
