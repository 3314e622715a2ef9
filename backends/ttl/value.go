package ttl

import "flinch/backends"

// valueState is value state of stamped values.
type valueState struct {
	backends.RawValue
	clock  *clock
	absent any // what is read where there is nothing; nil: nothing
	codec  backends.Codec
}

var _ backends.RawValue = (*valueState)(nil)

func (s *valueState) Get() (any, error) {
	v, err := s.RawValue.Get()
	if err != nil {
		return nil, err
	}
	if v == nil {
		return s.orDefault()
	}
	found := v.(*stamped)
	switch {
	case s.clock.expired(found):
		if err := s.Clear(); err != nil {
			return nil, err
		}
		if !s.clock.shows {
			return s.orDefault()
		}
	case s.clock.touches:
		found.at = s.clock.now()
		if err := s.RawValue.Update(found); err != nil {
			return nil, err
		}
	}
	return found.value, nil
}

func (s *valueState) orDefault() (any, error) {
	if s.absent == nil {
		return nil, nil
	}
	return s.codec.Copy(s.absent)
}

func (s *valueState) Update(v any) error {
	if v == nil {
		return s.Clear()
	}
	return s.RawValue.Update(s.clock.stamp(v))
}
