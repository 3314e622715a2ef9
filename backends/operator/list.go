package operator

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
)

// List is a subtask's part of a split list.
//
// What Get returns, slice and elements, is lent until the next call on the list.
// The caller may change it in place only if it writes it back, with Update,
// before any other call.
type List struct {
	meta  backends.StateMeta
	codec backends.Codec // nil until the job registers the list
	items []any
	raw   [][]byte // instead of items while codec is nil
}

var errNil = errors.New("nil cannot be stored")

// Get returns the elements in order; never nil.
func (l *List) Get() []any {
	if l.items == nil {
		return []any{}
	}
	return l.items
}

// Add appends an element and takes ownership of it. nil is an error.
func (l *List) Add(v any) error {
	if v == nil {
		return fmt.Errorf("operator state %q: add: %w", l.meta.Name, errNil)
	}
	l.items = append(l.items, v)
	return nil
}

// AddAll appends elements and takes ownership of them, not of the slice. If one
// is nil, none is added.
func (l *List) AddAll(vs []any) error {
	if slices.Contains(vs, nil) {
		return fmt.Errorf("operator state %q: add all: %w", l.meta.Name, errNil)
	}
	l.items = append(l.items, vs...)
	return nil
}

// Update replaces all elements and takes ownership of vs. If one is nil, nothing
// changes.
func (l *List) Update(vs []any) error {
	if slices.Contains(vs, nil) {
		return fmt.Errorf("operator state %q: update: %w", l.meta.Name, errNil)
	}
	l.items = vs
	return nil
}

// Clear removes all elements.
func (l *List) Clear() { l.items = nil }

// adopt turns elements that were restored as bytes into live ones, once.
func (l *List) adopt(codec backends.Codec) error {
	if l.codec != nil {
		return nil
	}
	items := make([]any, len(l.raw))
	for i, r := range l.raw {
		var err error
		if items[i], err = codec.Decode(r); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	l.codec, l.items, l.raw = codec, items, nil
	return nil
}

// capture returns the list as it is now, deeply copied.
func (l *List) capture() (captured, error) {
	c := captured{meta: l.meta, raw: l.raw}
	if l.codec == nil {
		return c, nil
	}
	c.codec = l.codec.Duplicate()
	c.items = make([]any, len(l.items))
	for i, v := range l.items {
		var err error
		if c.items[i], err = l.codec.Copy(v); err != nil {
			return captured{}, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return c, nil
}

// encoded returns the bytes of every element.
func (l *List) encoded() ([][]byte, error) {
	c := captured{raw: l.raw, items: l.items}
	if l.codec != nil {
		c.codec = l.codec.Duplicate()
	}
	out := make([][]byte, c.len())
	for i := range out {
		b, err := c.encode(i)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		out[i] = bytes.Clone(b)
	}
	return out, nil
}
