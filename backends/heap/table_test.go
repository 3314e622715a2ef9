package heap

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

var errTest = errors.New("injected by the test")

func TestMapWithoutUserKeysLeavesNoEntry(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	must(t, m.Put("a", &backendtest.Box{N: 1}))
	must(t, m.Remove("a"))
	if size := inner(in).byName["m"].of(inner(in).group).size; size != 0 {
		t.Errorf("%d entries are left", size)
	}
}

// An auditor may look at any moment: the tables, a rehash under way included,
// are the same after it.
func TestEntriesLeavesTheTablesAlone(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	for k := range int64(60) {
		in.Put("v", k, k)
	}
	p := in.Take(1)
	before := picture(inner(in))
	if !strings.Contains(before, "rehash") {
		t.Fatal("no table is in a rehash")
	}
	in.Dump()
	if after := picture(inner(in)); before != after {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	must(t, p.Discard())
}

// picture shows where everything is.
func picture(in *instance) string {
	var b strings.Builder
	for i, table := range in.byName["v"].tables.all() {
		if table.grown != nil {
			fmt.Fprintf(&b, "rehash %d ", table.moved)
		}
		fmt.Fprintf(&b, "%d: %v %v %d %d\n", i, table.buckets, table.grown, table.version, table.size)
		for _, e := range table.entries() {
			fmt.Fprintf(&b, "%x %d %d %p\n", e.key.Encoded, e.entryVersion, e.valueVersion, e.value)
		}
	}
	return b.String()
}

// Without an open snapshot nothing is copied: the caller's object is the state.
func TestValuesAreLiveWhileNoSnapshotIsOpen(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	v := in.Boxes("v")
	in.Use(1)
	given := &backendtest.Box{N: 1}
	must(t, v.Update(given))
	p := in.Take(1)
	copied, err := v.Get()
	must(t, err)
	again, err := v.Get()
	must(t, err)
	if copied == any(given) || again != copied {
		t.Errorf("given %p, then %p and %p", given, copied, again)
	}
	must(t, p.Discard())
	if got, _ := v.Get(); !reflect.DeepEqual(got, any(given)) || got != copied {
		t.Errorf("after the snapshot: %p", got)
	}
}

// Two codecs may share an ID by mistake: what comes out is then of another type.
func TestTypedStateReportsAForeignType(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	in.Put("v", 1, 1)
	wrong := backends.Int64Codec()
	wrong.ID = backendtest.BoxCodec().ID
	v, err := backends.NewValueState(in, "v", wrong)
	must(t, err)
	if _, ok, err := v.Get(); ok || err == nil {
		t.Errorf("%v, %v", ok, err)
	}
}

// A rehash leaves chains in three ranges of two arrays. Snapshots at every size
// meet it at every stage, and an access in between moves it on.
func TestSnapshotDuringRehashKeepsEveryEntry(t *testing.T) {
	stages := make(map[int]bool)
	for n := 1; n <= 200; n++ {
		w := newWorld()
		in := w.Open(t, 0, 1)
		for k := range n {
			in.Put("v", int64(k), int64(k))
		}
		for _, table := range inner(in).byName["v"].tables.all() {
			if table.grown != nil {
				stages[table.moved] = true
			}
		}
		want := in.Dump()
		back := w.Open(t, 0, 1, w.Write(t, in.Take(1)))
		if diff := gocmp.Diff(want, back.Dump()); diff != "" || len(want) != n {
			t.Fatalf("%d of %d entries (-want +got):\n%s", len(want), n, diff)
		}
	}
	if len(stages) < 3 {
		t.Errorf("snapshots met only the stages %v of a rehash", stages)
	}
}

func TestRestoreMakesNoTablesForOtherKeyGroups(t *testing.T) {
	w := newWorld()
	in := w.Open(t, 0, 1)
	for k := range int64(50) {
		in.Put("v", k, k)
	}
	h := w.Write(t, in.Take(1))
	for i := range 3 {
		for _, table := range inner(w.Open(t, i, 3, h)).byName["v"].tables.all() {
			if table.size == 0 {
				t.Errorf("subtask %d has a table without entries", i)
			}
		}
	}
}
