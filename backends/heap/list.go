package heap

import (
	"fmt"
	"slices"

	"flinch/backends"
)

// listState is list state; the table's value is a *list.
type listState struct{ *state }

var _ backends.RawList = listState{}

// list is the elements of one key, at least one.
type list struct{ elements []any }

func (s listState) Get() ([]any, error) {
	l, err := s.list()
	if l == nil || err != nil {
		return nil, err
	}
	return l.elements, nil
}

func (s listState) Add(v any) error {
	if v == nil {
		return fmt.Errorf("list state %q: add: %w", s.meta.Name, errNil)
	}
	l, err := s.list()
	switch {
	case err != nil:
		return err
	case l == nil:
		return s.put(&list{elements: []any{v}})
	}
	l.elements = append(l.elements, v)
	return nil
}

func (s listState) AddAll(vs []any) error {
	if slices.Contains(vs, nil) {
		return fmt.Errorf("list state %q: add all: %w", s.meta.Name, errNil)
	}
	l, err := s.list()
	switch {
	case err != nil || len(vs) == 0:
		return err
	case l == nil:
		return s.put(&list{elements: slices.Clone(vs)})
	}
	l.elements = append(l.elements, vs...)
	return nil
}

func (s listState) Update(vs []any) error {
	if slices.Contains(vs, nil) {
		return fmt.Errorf("list state %q: update: %w", s.meta.Name, errNil)
	}
	if len(vs) == 0 {
		return s.Clear()
	}
	t, err := s.locate()
	if err != nil {
		return err
	}
	if t != nil {
		if l, ok := t.own(&s.at).(*list); ok {
			l.elements = vs
			return nil
		}
	}
	return s.put(&list{elements: vs})
}

// list returns the current key's list, free to be changed, or nil.
func (s listState) list() (*list, error) {
	v, err := s.get()
	if v == nil || err != nil {
		return nil, err
	}
	return v.(*list), nil
}

func (s listState) MergeNamespaces(target string, sources []string) error {
	return s.mergeNamespaces(target, sources, func(a, b any) any {
		l := a.(*list)
		l.elements = append(l.elements, b.(*list).elements...)
		return l
	})
}

type listLayout struct{}

func (listLayout) apply(value any, f func(any) (any, error)) (any, error) {
	old := value.(*list).elements
	out := &list{elements: make([]any, len(old))}
	for i, e := range old {
		var err error
		if out.elements[i], err = f(e); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return out, nil
}

func (listLayout) write(w *backends.ChunkWriter, codec backends.Codec, value any) error {
	elements := value.(*list).elements
	w.Uvarint(uint64(len(elements)))
	for i, e := range elements {
		encoded, err := codec.Encode(e)
		if err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
		w.Blob(encoded)
	}
	return nil
}

func (listLayout) read(c *backends.Cursor, _ *address, _ int) any {
	n := c.Count()
	if n == 0 {
		c.Fail("a list has no elements")
	}
	l := &list{}
	for range n {
		l.elements = append(l.elements, readElement(c))
	}
	return l
}

func (listLayout) load(old any, e backends.Entry) (any, error) {
	l, _ := old.(*list)
	if l == nil {
		l = &list{}
	}
	if e.Index != len(l.elements) {
		return nil, fmt.Errorf("element %d stands in place %d", e.Index, len(l.elements))
	}
	l.elements = append(l.elements, e.Value)
	return l, nil
}

func (listLayout) without(value any, gone func(any) bool) (any, bool) {
	old := value.(*list).elements
	first := slices.IndexFunc(old, gone)
	if first < 0 {
		return value, false
	}
	left := slices.Clone(old[:first])
	for _, e := range old[first+1:] {
		if !gone(e) {
			left = append(left, e)
		}
	}
	if len(left) == 0 {
		return nil, true
	}
	return &list{elements: left}, true
}

func (listLayout) entries(base backends.Entry, value any, x exporter) error {
	for i, e := range value.(*list).elements {
		base.Index = i
		if err := x.element(base, e); err != nil {
			return err
		}
	}
	return nil
}
