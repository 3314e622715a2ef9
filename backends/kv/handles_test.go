package kv_test

import (
	"errors"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

// Of three subtasks that had their list from a canonical savepoint, one has
// registered it by the next checkpoint: its lists are laid out as the codec says,
// those of the others are framed.
func TestListsOfEachHandleAreReadAsItsOwnTableSays(t *testing.T) {
	r := &rig{native: true, merges: true}
	w := world(r)
	var handles []backends.KeyedHandle
	var want []string
	for i := range 3 {
		in := w.Open(t, i, 3)
		fixedLists(t, in)
		saved := savepoint(t, w, in)
		back := w.Open(t, i, 3, saved)
		if i == 2 {
			_, err := back.List(backendtest.FixedBoxes("fixed", backends.ListKind))
			must(t, err)
		}
		handles = append(handles, w.Write(t, back.Take(2)))
		want = append(want, in.Dump()...)
	}
	for n := 1; n <= 4; n++ {
		var lines []string
		for i := range n {
			for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
				var given []backends.KeyedHandle
				for _, at := range order {
					given = append(given, handles[at])
				}
				in, err := w.TryOpen(t, w.Params(i, n, given...))
				if err != nil {
					t.Fatalf("%d of %d, order %v: %v", i, n, order, err)
				}
				_, err = in.List(backendtest.FixedBoxes("fixed", backends.ListKind))
				must(t, err)
				if order[0] == 0 {
					lines = append(lines, in.Dump()...)
				}
			}
		}
		if diff := gocmp.Diff(want, lines); diff != "" {
			t.Errorf("%d subtasks (-want +got):\n%s", n, diff)
		}
	}
	// A list that cannot be laid out anew is no state to go on with.
	r.failAt("put", 1)
	if _, err := w.TryOpen(t, w.Params(0, 1, handles[2], handles[0])); err == nil || !errors.Is(err, backends.ErrBroken) {
		t.Errorf("half laid out: %v", err)
	}
}

func TestStoresHaveATableForEachHandle(t *testing.T) {
	r := &rig{native: true}
	w := world(r)
	h := w.Write(t, w.Open(t, 0, 1).Take(1))
	r.failAt("tables", 1)
	_, err := w.TryOpen(t, w.Params(0, 1, h))
	if err == nil || !strings.Contains(err.Error(), "0 tables of states for 1 handles") {
		t.Errorf("error %v", err)
	}
}

func fixedLists(t *testing.T, in *backendtest.Instance) {
	t.Helper()
	l, err := in.List(backendtest.FixedBoxes("fixed", backends.ListKind))
	must(t, err)
	for _, k := range in.OwnKeys(6) {
		in.Use(k)
		must(t, l.AddAll([]any{&backendtest.Box{N: k}, &backendtest.Box{N: 7}}))
	}
}
