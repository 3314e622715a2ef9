package kv

import (
	"bytes"
	"errors"
	"fmt"

	"flinch/backends"
)

// state is one named state: a family of the store.
type state struct {
	shape
	in     *instance
	family Family
	merger Merger // nil if the family cannot append

	// What the job registers; nil until then.
	registered bool
	codec      backends.Codec
	absent     any // value state: the default
	reduce     func(a, b any) any
	aggregate  *backends.Aggregate
	cleanUp    *backends.CleanUp
	timers     *timers

	namespace []byte // as it is in composite keys; empty if it was chosen so
	scratch   []byte // a value that is read, or one that is written
	operand   []byte // joined elements of a list
	spent     []int  // of the sources that are merged, those that hold something
	ranges    []*ranging
	rewritten bool // since it was restored
}

// ranging is a way under way through the map behind a prefix of composite keys.
type ranging struct {
	prefix  []byte
	changed bool
}

func newState(in *instance, as *shape, family Family) *state {
	s := &state{shape: *as, in: in, family: family}
	s.merger, _ = family.(Merger)
	s.SetNamespace(backends.VoidNamespace)
	return s
}

// SetNamespace chooses the namespace of the calls that follow.
func (s *state) SetNamespace(ns string) {
	s.namespace = s.namespace[:0]
	if ns != "" {
		s.namespace = appendNamespace(s.namespace, ns)
	}
}

// locate returns the composite key of the current key and namespace: scratch
// memory until the next access to any state, with nothing behind it, so that a
// user key may be appended.
func (s *state) locate() ([]byte, error) {
	in := s.in
	if !in.hasKey || len(s.namespace) == 0 {
		return nil, s.nowhere()
	}
	in.key = append(in.key[:in.keyEnd], s.namespace...)
	return in.key, nil
}

// locateIn is locate for another namespace, where there is a current key.
func (s *state) locateIn(ns string) []byte {
	s.in.key = appendNamespace(s.in.key[:s.in.keyEnd], ns)
	return s.in.key
}

// nowhere says why there is no current entry to go to.
func (s *state) nowhere() error {
	if err := s.in.unusable(); err != nil {
		return err
	}
	if !s.in.hasKey {
		return fmt.Errorf("state %q of %s: no current key is set", s.meta.Name, s.in.params.Operator)
	}
	return fmt.Errorf("state %q of %s: %w", s.meta.Name, s.in.params.Operator, errNoNamespace)
}

// get reads a value into the scratch memory of the state.
func (s *state) get(key []byte) ([]byte, bool, error) {
	value, ok, err := s.family.Get(key, s.scratch[:0])
	if err != nil {
		return nil, false, fmt.Errorf("state %q: get: %w", s.meta.Name, err)
	}
	s.scratch = value
	return value, ok, nil
}

func (s *state) put(key, value []byte) error {
	if err := s.family.Put(key, value); err != nil {
		return fmt.Errorf("state %q: put: %w", s.meta.Name, err)
	}
	return nil
}

func (s *state) remove(key []byte) error {
	if err := s.family.Delete(key); err != nil {
		return fmt.Errorf("state %q: delete: %w", s.meta.Name, err)
	}
	return nil
}

// Clear removes the entry of the current key, of which a map has many.
func (s *state) Clear() error {
	key, err := s.locate()
	if err != nil {
		return err
	}
	return s.remove(key)
}

var errNoBytes = errors.New("a value has no bytes")

// encode returns memory of the codec.
func (s *state) encode(v any) ([]byte, error) {
	encoded, err := s.codec.Encode(v)
	switch {
	case err != nil:
		return nil, fmt.Errorf("state %q: %w", s.meta.Name, err)
	case len(encoded) == 0:
		return nil, fmt.Errorf("state %q: codec %s: %w", s.meta.Name, s.meta.Codec, errNoBytes)
	case s.elementBytes > 0 && len(encoded) != s.elementBytes:
		return nil, fmt.Errorf("state %q: codec %s wrote %d bytes, where it promised %d each time", s.meta.Name, s.meta.Codec, len(encoded), s.elementBytes)
	}
	return encoded, nil
}

// decode returns what a whole value, element or map value was made of.
func (s *state) decode(encoded []byte) (any, error) {
	if len(encoded) == 0 {
		return nil, fmt.Errorf("state %q: %w", s.meta.Name, errNoBytes)
	}
	v, err := s.codec.Decode(encoded)
	if err != nil {
		return nil, fmt.Errorf("state %q: %w", s.meta.Name, err)
	}
	return v, nil
}

// changing notes a change of a map for all who go through it, but for the one
// that makes it, if it is one of them.
func (s *state) changing(key []byte, by *ranging) {
	for _, r := range s.ranges {
		if r != by && bytes.HasPrefix(key, r.prefix) {
			r.changed = true
		}
	}
}
