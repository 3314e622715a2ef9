package ttl

import "flinch/backends"

// mergingState is reducing or aggregating state of stamped values. The state
// below answers with what it stores, stamp and all.
type mergingState struct {
	backends.RawMerging
	clock      *clock
	aggregates bool // what is added is folded into an accumulator, and has no stamp
	result     func(v any) any
}

var _ backends.RawMerging = (*mergingState)(nil)

func (s *mergingState) Get() (any, error) {
	v, err := s.RawMerging.Get()
	if v == nil || err != nil {
		return nil, err
	}
	found := v.(*stamped)
	switch {
	case s.clock.expired(found):
		if err := s.Clear(); err != nil || !s.clock.shows {
			return nil, err
		}
	case s.clock.touches:
		if found, err = s.touch(found); found == nil || err != nil {
			return nil, err
		}
	}
	return s.result(found.value), nil
}

// touch stamps what was found, and returns it anew. The state cannot be written but
// by adding. What was found is added, so that it is stored again if a backend's
// clean-up came between.
func (s *mergingState) touch(found *stamped) (*stamped, error) {
	found.at = s.clock.now()
	s.clock.touching = found
	err := s.RawMerging.Add(found)
	s.clock.touching = nil
	if err != nil {
		return nil, err
	}
	v, err := s.RawMerging.Get()
	if v == nil || err != nil {
		return nil, err
	}
	return v.(*stamped), nil
}

func (s *mergingState) Add(v any) error {
	if v == nil || s.aggregates {
		return s.RawMerging.Add(v)
	}
	return s.RawMerging.Add(s.clock.stamp(v))
}

// reduce folds stamped values. An expired one counts as absent, and the other
// stays as it is. A function that returns nil is the backend's to refuse.
func (c *clock) reduce(of func(a, b any) any) func(a, b any) any {
	return func(a, b any) any {
		older, newer := a.(*stamped), b.(*stamped)
		switch {
		case newer == c.touching:
			older.at = newer.at
			return older
		case c.expired(older):
			return newer
		case c.expired(newer):
			return older
		}
		v := of(older.value, newer.value)
		if v == nil {
			return nil
		}
		older.value, older.at = v, c.now()
		return older
	}
}

// aggregate works on stamped accumulators: an expired one counts as absent.
func (c *clock) aggregate(of *backends.Aggregate) *backends.Aggregate {
	if of == nil {
		return nil
	}
	return &backends.Aggregate{
		Create: func() any { return c.stamp(of.Create()) },
		Add: func(accumulator, v any) any {
			a := accumulator.(*stamped)
			if found, ok := v.(*stamped); ok { // no job's own: it is being touched
				a.value, a.at = found.value, found.at
				return a
			}
			folded := a.value
			if c.expired(a) {
				folded = of.Create()
			}
			if folded = of.Add(folded, v); folded == nil {
				return nil
			}
			a.value, a.at = folded, c.now()
			return a
		},
		Merge:  c.reduce(of.Merge),
		Result: func(accumulator any) any { return accumulator },
	}
}
