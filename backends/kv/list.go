package kv

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"flinch/backends"
)

// listState is list state: one entry, its elements joined by commas.
type listState struct{ *state }

var _ backends.RawList = listState{}

// comma joins elements. Flink's lists have it, and the store's Merge adds it.
const comma = 0x2C

func (s listState) Get() ([]any, error) {
	key, err := s.locate()
	if err != nil {
		return nil, err
	}
	value, ok, err := s.get(key)
	if !ok || err != nil {
		return nil, err
	}
	var out []any
	for element, err := range s.elements(value) {
		if err != nil {
			return nil, fmt.Errorf("list state %q: get: %w", s.meta.Name, err)
		}
		v, err := s.decode(element)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", len(out), err)
		}
		out = append(out, v)
	}
	return out, nil
}

func (s listState) Add(v any) error {
	if v == nil {
		return fmt.Errorf("list state %q: add: %w", s.meta.Name, errNil)
	}
	key, err := s.locate()
	if err != nil {
		return err
	}
	s.operand, err = s.appendElement(s.operand[:0], v)
	if err != nil {
		return err
	}
	return s.merge(key)
}

func (s listState) AddAll(vs []any) error {
	if slices.Contains(vs, nil) {
		return fmt.Errorf("list state %q: add all: %w", s.meta.Name, errNil)
	}
	key, err := s.locate()
	if err != nil || len(vs) == 0 {
		return err
	}
	if err := s.join(vs); err != nil {
		return err
	}
	return s.merge(key)
}

func (s listState) Update(vs []any) error {
	if slices.Contains(vs, nil) {
		return fmt.Errorf("list state %q: update: %w", s.meta.Name, errNil)
	}
	if len(vs) == 0 {
		return s.Clear()
	}
	key, err := s.locate()
	if err != nil {
		return err
	}
	if err := s.join(vs); err != nil {
		return err
	}
	return s.put(key, s.operand)
}

// join encodes elements into s.operand.
func (s listState) join(vs []any) (err error) {
	s.operand = s.operand[:0]
	for i, v := range vs {
		if s.operand, err = s.appendElement(s.operand, v); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}

// merge appends the elements in s.operand.
func (s listState) merge(key []byte) error {
	if s.merger != nil {
		if err := s.merger.Merge(key, s.operand); err != nil {
			return fmt.Errorf("state %q: merge: %w", s.meta.Name, err)
		}
		s.in.count("list_merges")
		return nil
	}
	value, ok, err := s.get(key)
	if err != nil {
		return err
	}
	if ok {
		value = append(value, comma)
	}
	s.scratch = append(value, s.operand...)
	return s.put(key, s.scratch)
}

// appendElement adds an element, and a comma before it if it is not the first. On
// an error it returns dst as it was.
func (s *state) appendElement(dst []byte, v any) ([]byte, error) {
	encoded, err := s.encode(v)
	if err != nil {
		return dst, err
	}
	if len(dst) > 0 {
		dst = append(dst, comma)
	}
	return s.appendFramed(dst, encoded)
}

// appendFramed adds the bytes of an element, of any codec, as they stand in lists.
func (s *shape) appendFramed(dst, encoded []byte) ([]byte, error) {
	switch {
	case s.elementBytes == 0:
		dst = binary.AppendUvarint(dst, uint64(len(encoded)))
	case len(encoded) != s.elementBytes:
		return dst, fmt.Errorf("an element has %d bytes, where codec %s promises %d each time", len(encoded), s.meta.Codec, s.elementBytes)
	}
	return append(dst, encoded...), nil
}

// elements takes a list apart. Elements are lent from value; an error is the last.
func (s *shape) elements(value []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		c := backends.NewCursor(value)
		for i := 0; ; i++ {
			if i > 0 && c.Byte() != comma {
				c.Fail("no comma before element %d", i)
			}
			element := s.element(c)
			if err := c.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(element, nil) || c.Left() == 0 {
				return
			}
		}
	}
}

func (s *shape) element(c *backends.Cursor) []byte {
	if s.elementBytes > 0 {
		return c.Raw(s.elementBytes)
	}
	element := c.Blob()
	if len(element) == 0 {
		c.Fail("an element has no bytes")
	}
	return element
}
