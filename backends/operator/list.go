package operator

import (
	"fmt"
	"slices"

	"flinch/backends"
)

// List is a subtask's part of a split list, or of a union list.
//
// What Get returns, slice and elements, is lent until the next call on the list.
// The caller may change it in place only if it writes it back, with Update,
// before any other call.
type List struct {
	identity
	codec backends.Codec // nil until the job registers the list
	items []any
	raw   [][]byte // instead of items while codec is nil
}

// Get returns the elements in order; never nil. Those of a union list are, after a
// restore, the elements of all old subtasks in the order of the subtasks.
func (l *List) Get() []any {
	if l.items == nil {
		return []any{}
	}
	return l.items
}

// Add appends an element and takes ownership of it. nil is an error.
func (l *List) Add(v any) error {
	if v == nil {
		return fmt.Errorf("operator state %q: add: %w", l.name, errNil)
	}
	l.items = append(l.items, v)
	return nil
}

// AddAll appends elements and takes ownership of them, not of the slice. If one
// is nil, none is added.
func (l *List) AddAll(vs []any) error {
	if slices.Contains(vs, nil) {
		return fmt.Errorf("operator state %q: add all: %w", l.name, errNil)
	}
	l.items = append(l.items, vs...)
	return nil
}

// Update replaces all elements and takes ownership of vs. If one is nil, nothing
// changes.
func (l *List) Update(vs []any) error {
	if slices.Contains(vs, nil) {
		return fmt.Errorf("operator state %q: update: %w", l.name, errNil)
	}
	l.items = vs
	return nil
}

// Clear removes all elements.
func (l *List) Clear() { l.items = nil }

func (l *List) about() identity { return l.identity }

func (l *List) adopt(codec backends.Codec) error {
	if l.codec != nil {
		return l.checkCodec(codec.ID())
	}
	read, err := l.reader(codec)
	if err != nil {
		return err
	}
	items := make([]any, len(l.raw))
	for i, r := range l.raw {
		if items[i], err = read.Decode(r); err != nil {
			return fmt.Errorf("element %d, of codec %s: %w", i, l.identity.codec, err)
		}
	}
	l.identity.codec = codec.ID()
	l.codec, l.items, l.raw = codec, items, nil
	return nil
}

func (l *List) lend() captured {
	c := captured{identity: l.identity, items: l.items, raw: l.raw}
	if l.codec != nil {
		c.codec = l.codec.Duplicate()
	}
	return c
}

func (l *List) capture() (captured, error) {
	c := l.lend()
	if l.codec == nil {
		return c, nil
	}
	var err error
	c.items, err = copyItems(l.codec, l.items)
	return c, err
}

// restore appends an element.
func (l *List) restore(c *backends.Cursor) error {
	element := c.Raw(c.Left())
	if len(element) == 0 {
		c.Fail("the element has no bytes")
	}
	if err := c.Finish(); err != nil {
		return err
	}
	l.raw = append(l.raw, element)
	return nil
}
