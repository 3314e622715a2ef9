package reference

import (
	"errors"
	"fmt"

	"flinch/backends"
)

// state is what all kinds of state have in common.
type state struct {
	in        *instance
	d         backends.Descriptor // as it was registered first
	namespace string
}

var errNil = errors.New("nil cannot be stored")

// SetNamespace chooses the namespace of the calls that follow.
func (s *state) SetNamespace(ns string) { s.namespace = ns }

// here is the place of the current key in a namespace.
func (s *state) here(namespace string) (place, error) {
	switch {
	case s.in.closed:
		return place{}, errClosed
	case s.in.key == "":
		return place{}, fmt.Errorf("state %q of %s: no current key is set", s.d.Name, s.in.params.Operator)
	case namespace == "":
		return place{}, fmt.Errorf("state %q of %s: the namespace is empty", s.d.Name, s.in.params.Operator)
	}
	return place{group: s.in.group, state: s.d.Name, key: s.in.key, namespace: namespace}, nil
}

// set replaces what a place holds.
func (s *state) set(at place, parts []part) {
	s.in.writes[at]++
	if len(parts) == 0 {
		delete(s.in.entries, at)
		return
	}
	s.in.entries[at] = parts
}

// Clear removes what the current key and namespace have.
func (s *state) Clear() error {
	at, err := s.here(s.namespace)
	if err == nil && len(s.in.entries[at]) > 0 {
		s.set(at, nil)
	}
	return err
}

func (s *state) encode(v any) ([]byte, error) {
	if v == nil {
		return nil, fmt.Errorf("state %q: %w", s.d.Name, errNil)
	}
	lent, err := s.d.Value.Encode(v)
	if err != nil {
		return nil, fmt.Errorf("state %q: %w", s.d.Name, err)
	}
	return append([]byte(nil), lent...), nil
}

// encodeAll encodes all values or none.
func (s *state) encodeAll(vs []any) ([]part, error) {
	var parts []part
	for _, v := range vs {
		encoded, err := s.encode(v)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{value: encoded})
	}
	return parts, nil
}

func (s *state) decode(p part) (any, error) {
	v, err := s.d.Value.Decode(p.value)
	if err != nil {
		return nil, fmt.Errorf("state %q: %w", s.d.Name, err)
	}
	return v, nil
}

// decodeAll decodes all values or none.
func (s *state) decodeAll(parts []part) ([]any, error) {
	var vs []any
	for _, p := range parts {
		v, err := s.decode(p)
		if err != nil {
			return nil, err
		}
		vs = append(vs, v)
	}
	return vs, nil
}
