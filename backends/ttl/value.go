package ttl

import "flinch/backends"

// valueState is value state of stamped values.
type valueState struct {
	backends.RawValue
	clock *clock
}

var _ backends.RawValue = (*valueState)(nil)

func (s *valueState) Get() (any, error) {
	v, err := s.RawValue.Get()
	if v == nil || err != nil {
		return nil, err
	}
	found := v.(*stamped)
	switch {
	case found.initial:
	case s.clock.expired(found):
		if err := s.Clear(); err != nil {
			return nil, err
		}
		if !s.clock.shows {
			return s.Get() // the default, if there is one
		}
	case s.clock.touches:
		found.at = s.clock.now()
		if err := s.RawValue.Update(found); err != nil {
			return nil, err
		}
	}
	return found.value, nil
}

func (s *valueState) Update(v any) error {
	if v == nil {
		return s.Clear()
	}
	return s.RawValue.Update(s.clock.stamp(v))
}
