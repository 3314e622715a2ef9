package backendtest

import (
	"fmt"
	"testing"

	"flinch/backends"
)

// iteratorClauses are about iterators over maps.
var iteratorClauses = []clause{
	{"IteratorGoesInOrderAndIsNowhereAtItsEnds", iteratorOrder},
	{"IteratorRemovesAndReplaces", iteratorChanges},
	{"IteratorWithoutAnEntryRefusesChanges", iteratorNowhere},
	{"IteratorRemovesTheLastEntryAndTheMap", iteratorLast},
	{"IteratorNoticesChangesOfTheMap", iteratorForeign},
	{"IteratorStaysWithKeyAndNamespace", iteratorStays},
	{"IteratorChangesLeaveOpenSnapshotsAlone", iteratorSnapshot},
	{"IteratorEndsWithTheState", iteratorClosed},
}

// iterate returns an iterator over a map.
func iterate(t TB, m backends.RawMap) backends.MapIterator {
	t.Helper()
	return must2[backends.MapIterator](t)(m.Iterator())
}

// nowhere tells whether an iterator is at no entry.
func nowhere(t *testing.T, when string, i backends.MapIterator) {
	t.Helper()
	if i.Key() != "" || i.Value() != nil {
		t.Errorf("%s it is at %q = %v", when, i.Key(), i.Value())
	}
}

func iteratorOrder(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	empty := iterate(t, m)
	if empty.Next() || empty.Err() != nil {
		t.Errorf("an empty map has the next %q, %v", empty.Key(), empty.Err())
	}
	letters(t, m, "dbeca")
	i := iterate(t, m)
	nowhere(t, "before the first", i)
	for _, want := range "abcde" {
		if !i.Next() {
			t.Fatalf("no next, want %c: %v", want, i.Err())
		}
		for range 2 {
			if i.Key() != string(want) || i.Value().(*Box).N != int64(want) {
				t.Fatalf("%q = %v, want %c", i.Key(), i.Value(), want)
			}
		}
	}
	for range 2 {
		if i.Next() || i.Err() != nil {
			t.Errorf("after the end comes %q, %v", i.Key(), i.Err())
		}
		nowhere(t, "after the end", i)
	}
	i.Close()
	stopped := iterate(t, m)
	stopped.Next()
	stopped.Close()
	stopped.Close()
	if stopped.Next() || stopped.Err() != nil {
		t.Errorf("closed, it goes on to %q, %v", stopped.Key(), stopped.Err())
	}
}

// More entries than fit into a page, of which some stay, some change and some go.
func iteratorChanges(t *testing.T, world func() *World) {
	const entries = 300
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	user := func(n int64) string { return fmt.Sprintf("%03d", n) }
	for n := range int64(entries) {
		must(t, m.Put(user(n), &Box{N: n}))
	}
	i := iterate(t, m)
	for n := range int64(entries) {
		if !i.Next() || i.Key() != user(n) || i.Value().(*Box).N != n {
			t.Fatalf("at %q = %v, want %d: %v", i.Key(), i.Value(), n, i.Err())
		}
		switch n % 4 {
		case 0:
			must(t, i.Remove())
			nowhere(t, "after Remove", i)
		case 1:
			must(t, i.SetValue(&Box{N: -n}))
			wants(t, "set nil", i.SetValue(nil), "nil cannot be stored")
			if got := i.Value().(*Box).N; got != -n {
				t.Errorf("the replaced value reads %d, want %d", got, -n)
			}
		case 2: // changed in place and written back, then gone
			lent := i.Value().(*Box)
			lent.N = 1000
			must(t, i.SetValue(lent))
			must(t, i.Remove())
		}
	}
	if i.Next() || i.Err() != nil {
		t.Fatalf("after the end: %q, %v", i.Key(), i.Err())
	}
	next := int64(0)
	must(t, m.Range(func(k string, v any) bool {
		for next%4 == 0 || next%4 == 2 {
			next++
		}
		want := next
		if next%4 == 1 {
			want = -next
		}
		if k != user(next) || v.(*Box).N != want {
			t.Fatalf("%q = %v, want %d = %d", k, v, next, want)
		}
		next++
		return true
	}))
	if next != entries {
		t.Errorf("the last one left is %d", next-1)
	}
}

func iteratorLast(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	letters(t, m, "ab")
	i := iterate(t, m)
	for i.Next() {
		must(t, i.Remove())
	}
	must(t, i.Err())
	if empty, err := m.IsEmpty(); !empty || err != nil {
		t.Errorf("empty: %v, %v", empty, err)
	}
	if lines, keys := in.Dump(), in.listed(t, "m", backends.VoidNamespace); lines != nil || keys != nil {
		t.Errorf("there are entries %v and keys %v", lines, keys)
	}
	letters(t, m, "z")
	if got := ranged(t, m); got != "z" {
		t.Errorf("filled again it is %q", got)
	}
}

// Reading the map, another key's, another namespace's and another state's does no
// harm, and what the iterator changes is its own map.
func iteratorStays(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	letters(t, m, "abcd")
	i := iterate(t, m)
	for n := int64(2); i.Next(); n++ {
		if got := ranged(t, m); n == 2 && got != "abcd" {
			t.Errorf("read meanwhile: %q", got)
		}
		in.Use(n)
		m.SetNamespace("w")
		letters(t, m, "ab")
		if i.Key() == "b" {
			must(t, i.Remove())
		} else {
			must(t, i.SetValue(i.Value()))
		}
		m.SetNamespace(backends.VoidNamespace)
		in.Use(1)
	}
	must(t, i.Err())
	if got := ranged(t, m); got != "acd" {
		t.Errorf("the iterator's map has %q", got)
	}
	m.SetNamespace("w")
	if got := ranged(t, m); got != "" {
		t.Errorf("the other namespace of its key has %q", got)
	}
	for k := int64(2); k < 6; k++ {
		in.Use(k)
		if got := ranged(t, m); got != "ab" {
			t.Errorf("key %d has %q", k, got)
		}
	}
}

func iteratorSnapshot(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		m := in.BoxMap("m")
		in.Use(1)
		letters(t, m, "abcdefghijklmnopqrstuvwxyz")
		before := in.Dump()
		i := iterate(t, m)
		i.Next()
		p := in.take(1, o)
		must(t, i.SetValue(&Box{N: 1}))
		w.at(func() {
			switch {
			case !i.Next():
			case i.Key()[0]%3 == 0:
				must(t, i.Remove())
			default:
				lent := i.Value().(*Box)
				lent.N++
				must(t, i.SetValue(lent))
			}
		})
		h := w.Write(t, p)
		w.at(nil)
		same(t, before, w.Open(t, 0, 1, h))
		for i.Next() {
			must(t, i.Remove())
		}
		must(t, i.Err())
		same(t, in.Dump(), w.Open(t, 0, 1, w.Write(t, in.take(2, o))))
	})
}
