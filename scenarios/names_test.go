package scenarios_test

import (
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/scenarios"
)

// named is a heap of some name.
type named struct {
	*heap.Backend
	name string
}

func (n named) Name() string { return n.name }

func TestBackendsWithoutAProperNameOfTheirOwnAreRefused(t *testing.T) {
	for _, tc := range []struct {
		list []backends.Backend
		want string
	}{
		{nil, "there is no backend: give one at least, as mine.New()"},
		{[]backends.Backend{heap.New(), nil}, "backend 2 of 2 is nil: give an instance"},
		{[]backends.Backend{named{name: ""}}, `backend 1 of 1, a scenarios_test.named, has the name "": have its Name return a short lower-case word, as "mine"`},
		{[]backends.Backend{named{name: "My Backend"}}, `has the name "My Backend": have its Name`},
		{[]backends.Backend{named{name: "../mine"}}, `has the name "../mine": have its Name`},
		{[]backends.Backend{named{name: strings.Repeat("x", 33)}}, `: have its Name`},
		{[]backends.Backend{heap.New(), named{name: "mine"}, named{name: "heap"}}, `backends 1 and 3 of 3 are both called "heap": have the Name of each return another one`},
	} {
		err := scenarios.ValidateBackends(tc.list...)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("got %v, want %s", err, tc.want)
		}
	}
	if err := scenarios.ValidateBackends(named{name: "rocksdb-native"}, named{name: "tree_2"}, heap.New()); err != nil {
		t.Errorf("proper names: %v", err)
	}
}

func TestCheckRefusesABackendWithoutAProperName(t *testing.T) {
	for _, b := range []backends.Backend{nil, named{heap.New(), "My Backend"}} {
		r := &recorder{name: "TestMine"}
		scenarios.Check(r, b, scenarios.CheckOptions{Scenarios: []string{"calm"}, Count: 1})
		if !r.fatal || len(r.failures) != 1 || !strings.HasPrefix(r.failures[0], "flinch: check: backend 1 of 1") {
			t.Errorf("%v: failures %q, want one of the name alone", b, r.failures)
		}
	}
}
