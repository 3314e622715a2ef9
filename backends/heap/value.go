package heap

import (
	"errors"
	"fmt"

	"flinch/backends"
)

// valueState is value state; the table's value is the caller's.
type valueState struct{ *state }

var _ backends.RawValue = valueState{}

func (s valueState) Get() (any, error) {
	v, err := s.get()
	if v != nil || err != nil || s.initial == nil {
		return v, err
	}
	if v, err = s.codec.Copy(s.initial); err != nil {
		return nil, fmt.Errorf("value state %q: copy the default: %w", s.meta.Name, err)
	}
	return v, nil
}

func (s valueState) Update(v any) error {
	if v == nil {
		return s.Clear()
	}
	return s.put(v)
}

// valueLayout is of reducing and aggregating state, too.
type valueLayout struct{}

func (valueLayout) apply(value any, f func(any) (any, error)) (any, error) { return f(value) }

func (valueLayout) write(w *backends.ChunkWriter, codec backends.Codec, value any) error {
	encoded, err := codec.Encode(value)
	if err != nil {
		return err
	}
	w.Blob(encoded)
	return nil
}

func (valueLayout) read(c *backends.Cursor, _ *address, _ int) any { return readElement(c) }

func (valueLayout) load(old any, e backends.Entry) (any, error) {
	if old != nil {
		return nil, errTwice
	}
	return e.Value, nil
}

var errTwice = errors.New("it is there twice")

func (valueLayout) without(value any, gone func(any) bool) (any, bool) {
	if gone(value) {
		return nil, true
	}
	return value, false
}

func (valueLayout) entries(base backends.Entry, value any, x exporter) error {
	return x.element(base, value)
}

// readElement reads what codec.Encode gave, which is never empty.
func readElement(c *backends.Cursor) []byte {
	b := c.Blob()
	if len(b) == 0 {
		c.Fail("a value has no bytes")
	}
	return b
}
