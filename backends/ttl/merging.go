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

// touch, as what is added, sets the stamp of what is there.
type touch struct{}

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
		if err := s.RawMerging.Add(touch{}); err != nil {
			return nil, err
		}
		if v, err = s.RawMerging.Get(); err != nil {
			return nil, err
		}
		found = v.(*stamped)
	}
	return s.result(found.value), nil
}

func (s *mergingState) Add(v any) error {
	if v == nil || s.aggregates {
		return s.RawMerging.Add(v)
	}
	return s.RawMerging.Add(s.clock.stamp(v))
}

// reduce folds stamped values. An expired one counts as absent, and the other
// stays as it is.
func (c *clock) reduce(of func(a, b any) any) func(a, b any) any {
	return func(a, b any) any {
		older := a.(*stamped)
		if _, ok := b.(touch); ok {
			older.at = c.now()
			return older
		}
		newer := b.(*stamped)
		switch {
		case c.expired(older):
			return newer
		case c.expired(newer):
			return older
		}
		older.value, older.at = of(older.value, newer.value), c.now()
		return older
	}
}

// aggregate works on stamped accumulators: an expired one counts as absent.
func (c *clock) aggregate(of *backends.Aggregate) *backends.Aggregate {
	if of == nil {
		return nil
	}
	merge := c.reduce(of.Merge)
	return &backends.Aggregate{
		Create: func() any { return c.stamp(of.Create()) },
		Add: func(accumulator, v any) any {
			a := accumulator.(*stamped)
			if _, ok := v.(touch); !ok {
				if c.expired(a) {
					a.value = of.Create()
				}
				a.value = of.Add(a.value, v)
			}
			a.at = c.now()
			return a
		},
		Merge:  merge,
		Result: func(accumulator any) any { return accumulator },
	}
}
