package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnionListsGiveEveryoneEverything(t *testing.T) {
	old := [][]string{{"a", "b"}, nil, {"c"}}
	for parallelism := 1; parallelism < 5; parallelism++ {
		got := UnionLists(old, parallelism)
		if len(got) != parallelism {
			t.Fatalf("%d subtasks instead of %d", len(got), parallelism)
		}
		for i, list := range got {
			if diff := cmp.Diff([]string{"a", "b", "c"}, list); diff != "" {
				t.Errorf("parallelism %d, subtask %d: %s", parallelism, i, diff)
			}
		}
	}
}

func TestBroadcastCopiesGoRoundAmongThoseReported(t *testing.T) {
	a, b, c := []string{"a"}, []string{}, []string{"c"}
	for _, tc := range []struct{ old, want [][]string }{
		{[][]string{a, b, c}, [][]string{a, b, c}},
		{[][]string{a, b, c}, [][]string{a, b}},
		{[][]string{a, c}, [][]string{a, c, a, c, a}},
		{[][]string{nil, a, c}, [][]string{a, c, a}},
		{[][]string{a, nil, c}, [][]string{a, c}},
		{[][]string{nil, nil, c}, [][]string{c, c, c, c}},
		{[][]string{nil, nil}, [][]string{nil, nil}},
		{nil, [][]string{nil}},
	} {
		if diff := cmp.Diff(tc.want, BroadcastCopies(tc.old, len(tc.want))); diff != "" {
			t.Errorf("%v to %d: %s", tc.old, len(tc.want), diff)
		}
	}
}
