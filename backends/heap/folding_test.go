package heap

import (
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

// seeing describes a reducing state of boxes that adds in place, and tells seen
// which box it changed.
func seeing(seen func(*backendtest.Box)) backends.Descriptor {
	d := backendtest.Boxes("r", backends.ReducingKind)
	d.Reduce = func(a, b any) any {
		box := a.(*backendtest.Box)
		seen(box)
		box.N += b.(*backendtest.Box).N
		return box
	}
	return d
}

// What a function of the job changes in place is copied once for each snapshot, and
// never without one.
func TestFoldingCopiesOnceForEachSnapshot(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	var changed *backendtest.Box
	r := in.Folding(seeing(func(b *backendtest.Box) { changed = b }))
	in.Use(1)
	given := &backendtest.Box{N: 1}
	must(t, r.Add(given))
	must(t, r.Add(&backendtest.Box{N: 2}))
	if changed != given {
		t.Errorf("copied without a snapshot")
	}
	last := given
	for id := range backends.CheckpointID(2) {
		p := in.Take(id)
		defer func() { must(t, p.Discard()) }()
		must(t, r.Add(&backendtest.Box{N: 2}))
		private := changed
		must(t, r.Add(&backendtest.Box{N: 2}))
		got, err := r.Get()
		must(t, err)
		if private == last || changed != private || got != any(private) {
			t.Errorf("snapshot %d holds %p: %p and %p were changed, %p is read", id, last, private, changed, got)
		}
		last = private
	}
	if given.N != 3 {
		t.Errorf("the first snapshot holds %d", given.N)
	}
}

// Merging changes values in place, too, and moves those that it does not change.
func TestMergeCopiesOnlyWhatSnapshotsHold(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	var changed []*backendtest.Box
	r := in.Folding(seeing(func(b *backendtest.Box) { changed = append(changed, b) }))
	in.Use(1)
	boxes := make(map[string]*backendtest.Box)
	for _, ns := range []string{"a", "b", "c"} {
		boxes[ns] = &backendtest.Box{N: 1}
		r.SetNamespace(ns)
		must(t, r.Add(boxes[ns]))
	}
	p := in.Take(1)
	must(t, r.MergeNamespaces("a", []string{"b", "c"}))
	if len(changed) != 2 || changed[0] == boxes["b"] || changed[1] == boxes["a"] {
		t.Errorf("of %v a merge changed %v, which a snapshot holds", boxes, changed)
	}
	must(t, p.Discard())
	r.SetNamespace("a")
	held, err := r.Get()
	must(t, err)
	must(t, r.MergeNamespaces("d", []string{"a", "none"}))
	r.SetNamespace("d")
	if got, err := r.Get(); got != held || err != nil || got.(*backendtest.Box).N != 3 {
		t.Errorf("moved to an empty target, %p is %p: %v", held, got, err)
	}
}

// noCopies is a codec that cannot copy.
type noCopies struct{ backends.Codec }

func (noCopies) Copy(any) (any, error) { return nil, errTest }

func TestMergeThatCannotCopyChangesNothing(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	d := seeing(func(*backendtest.Box) {})
	d.Value = noCopies{d.Value}
	r := in.Folding(d)
	in.Use(1)
	add := func(ns string) error {
		r.SetNamespace(ns)
		return r.Add(&backendtest.Box{N: 5})
	}
	must(t, add("a"))
	must(t, add("held"))
	p := in.Take(1)
	defer func() { must(t, p.Discard()) }()
	must(t, add("b"))
	before := in.Dump()
	if err := r.MergeNamespaces("a", []string{"b", "held"}); err == nil {
		t.Error("a value that a snapshot holds was merged without a copy")
	}
	if err := add("held"); err == nil {
		t.Error("a value that a snapshot holds was added to without a copy")
	}
	if diff := gocmp.Diff(before, in.Dump()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

func TestFoldingToNilIsAnError(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	d := backendtest.Boxes("r", backends.ReducingKind)
	d.Reduce = func(_, _ any) any { return nil }
	r := in.Folding(d)
	in.Use(1)
	for _, ns := range []string{"a", "b"} {
		r.SetNamespace(ns)
		must(t, r.Add(&backendtest.Box{}))
	}
	if err := r.Add(&backendtest.Box{}); err == nil {
		t.Error("added up to nil")
	}
	if err := r.MergeNamespaces("a", []string{"b"}); err == nil {
		t.Error("merged to nil")
	}
	in.Dump() // ends the test if a nil was stored
}
