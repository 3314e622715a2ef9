package kv

import "flinch/backends"

// valueState is value state: one entry with the codec's bytes.
type valueState struct{ *state }

var _ backends.RawValue = valueState{}

func (s valueState) Get() (any, error) {
	key, err := s.locate()
	if err != nil {
		return nil, err
	}
	value, ok, err := s.get(key)
	if !ok || err != nil {
		return nil, err
	}
	return s.decode(value)
}

func (s valueState) Update(v any) error {
	if v == nil {
		return s.Clear()
	}
	key, err := s.locate()
	if err != nil {
		return err
	}
	encoded, err := s.encode(v)
	if err != nil {
		return err
	}
	return s.put(key, encoded)
}
