package heap

import (
	"testing"

	"flinch/backends/backendtest"
)

// A snapshot that begins on the way freezes the whole map: it is copied once, not
// at each step, and what was handed out before is of no consequence any more.
func TestIteratorCopiesTheMapOnceForASnapshot(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	boxes := make(map[string]any)
	for _, k := range []string{"a", "b", "c", "d"} {
		boxes[k] = &backendtest.Box{}
		must(t, m.Put(k, boxes[k]))
	}
	i, err := m.Iterator()
	must(t, err)
	if !i.Next() || i.Value() != boxes["a"] {
		t.Errorf("without a snapshot %p is %p", boxes["a"], i.Value())
	}
	p := in.Take(1)
	defer func() { must(t, p.Discard()) }()
	var copies []any
	for i.Next() {
		if i.Value() == boxes[i.Key()] {
			t.Errorf("%s of the snapshot was handed out", i.Key())
		}
		copies = append(copies, i.Value())
	}
	must(t, i.Err())
	for n, k := range []string{"b", "c", "d"} {
		if got, err := m.Get(k); err != nil || got != copies[n] {
			t.Errorf("%s was copied again: %p, %p", k, copies[n], got)
		}
	}
}

// A map that was cleared and filled again is another one, whatever it holds.
func TestIteratorNoticesAMapThatTookThePlaceOfItsOwn(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	fill := func() { must(t, m.Put("a", &backendtest.Box{})) }
	fill()
	i, err := m.Iterator()
	must(t, err)
	i.Next()
	must(t, m.Clear())
	fill()
	if err := i.Remove(); err == nil || i.Next() || i.Err() == nil {
		t.Errorf("remove: %v, next: %v, %v", err, i.Key(), i.Err())
	}
}

// Removing the last entry leaves nothing in the table, so that no listing shows
// the key.
func TestIteratorThatRemovesAllLeavesNoEntry(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	for _, k := range []string{"a", "b", "c"} {
		must(t, m.Put(k, &backendtest.Box{}))
	}
	i, err := m.Iterator()
	must(t, err)
	for i.Next() {
		must(t, i.Remove())
	}
	must(t, i.Err())
	if size := inner(in).byName["m"].of(inner(in).group).size; size != 0 {
		t.Errorf("%d entries are left", size)
	}
}
