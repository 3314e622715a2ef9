package backendtest

import (
	"fmt"
	"testing"

	"flinch/backends"
)

func iteratorNowhere(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	_, err := m.Iterator()
	wants(t, "no key", err, "no current key")
	in.Use(1)
	m.SetNamespace("")
	_, err = m.Iterator()
	wants(t, "empty namespace", err, "the namespace is empty")
	m.SetNamespace("w")
	letters(t, m, "abc")
	refused := func(when string, i backends.MapIterator) {
		t.Helper()
		if i.Remove() == nil || i.SetValue(&Box{}) == nil {
			t.Errorf("%s something was changed", when)
		}
	}
	i := iterate(t, m)
	refused("before the first entry", i)
	i.Next()
	must(t, i.Remove())
	refused("after a removal", i)
	if !i.Next() || i.Key() != "b" {
		t.Errorf("the next is %q, %v, want b", i.Key(), i.Err())
	}
	i.Next()
	i.Next()
	refused("after the end", i)
	stopped := iterate(t, m)
	stopped.Next()
	stopped.Close()
	refused("closed", stopped)
	if got := ranged(t, m); got != "bc" {
		t.Errorf("%q is left", got)
	}
}

// foreignChanges are changes of a map that an iterator over it has not made.
var foreignChanges = []struct {
	what string
	do   func(m backends.RawMap) error
}{
	{"a new user key", func(m backends.RawMap) error { return m.Put("x", &Box{}) }},
	{"a put", func(m backends.RawMap) error { return m.Put("f", &Box{}) }},
	{"a removal", func(m backends.RawMap) error { return m.Remove("a") }},
	{"a clear", func(m backends.RawMap) error { return m.Clear() }},
	{"another iterator", func(m backends.RawMap) error {
		i, err := m.Iterator()
		if err != nil || !i.Next() {
			return fmt.Errorf("no entry: %w", err)
		}
		return i.Remove()
	}},
}

func iteratorForeign(t *testing.T, world func() *World) {
	for _, c := range foreignChanges {
		piece(t, c.what, func(t *testing.T) {
			in := world().Open(t, 0, 1)
			m := in.BoxMap("m")
			in.Use(1)
			letters(t, m, "abcdefg")
			i := iterate(t, m)
			i.Next()
			i.Next()
			must(t, c.do(m))
			if i.Next() {
				t.Errorf("it goes on to %q", i.Key())
			}
			wants(t, c.what, i.Err(), "changed")
			if i.Next() {
				t.Error("it goes on after its error")
			}
			nowhere(t, "after its error", i)
			i.Close()
			wants(t, "closed", i.Err(), "changed")
		})
	}
}

func iteratorClosed(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	letters(t, m, "abc")
	i := iterate(t, m)
	i.Next()
	must(t, in.Close())
	wants(t, "remove", i.Remove(), "closed")
	wants(t, "set", i.SetValue(&Box{}), "closed")
	if i.Next() {
		t.Errorf("it goes on to %q", i.Key())
	}
	wants(t, "next", i.Err(), "closed")
	i.Close()
	_, err := m.Iterator()
	wants(t, "iterator", err, "closed")
}
