package kv

import (
	"fmt"

	"flinch/backends"
)

// valueState is value state: one entry with the codec's bytes.
type valueState struct{ *state }

var _ backends.RawValue = valueState{}

func (s valueState) Get() (any, error) {
	key, err := s.locate()
	if err != nil {
		return nil, err
	}
	value, ok, err := s.get(key)
	if err != nil {
		return nil, err
	}
	if !ok {
		return s.copyAbsent()
	}
	return s.decode(value)
}

// copyAbsent returns a default of the caller's own, or nil if there is none.
func (s valueState) copyAbsent() (any, error) {
	if s.absent == nil {
		return nil, nil
	}
	v, err := s.codec.Copy(s.absent)
	if err != nil {
		return nil, fmt.Errorf("state %q: copy its default: %w", s.meta.Name, err)
	}
	return v, nil
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
