package operator

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"flinch/backends"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// lengths is the list length of each old subtask, by state.
type lengths map[string][]int

// parseCase reads "lens[3,4]->2" and "two states s1[2,2] s2[3,2] ->3".
func parseCase(t *testing.T, name string) (lengths, int) {
	t.Helper()
	left, right, found := strings.Cut(name, "->")
	parallelism := 0
	if _, err := fmt.Sscan(right, &parallelism); err != nil || !found {
		t.Fatalf("%q: %v", name, err)
	}
	out := make(lengths)
	for _, word := range strings.Fields(left) {
		state, list, found := strings.Cut(word, "[")
		if !found {
			continue
		}
		if state == "lens" {
			state = "s"
		}
		var lens []int
		if err := json.Unmarshal([]byte("["+list), &lens); err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		out[state] = lens
	}
	return out, parallelism
}

// handles makes one handle for each old subtask, whose offsets are the indices
// of the elements.
func (l lengths) handles() [][]backends.OperatorHandle {
	var names []string
	subtasks := 0
	for name, ns := range l {
		names, subtasks = append(names, name), len(ns)
	}
	slices.Sort(names)
	old := make([][]backends.OperatorHandle, subtasks)
	for i := range old {
		h := backends.OperatorHandle{Format: formatPlain, Stream: backends.StreamHandle{Path: fmt.Sprint(i)}}
		for _, name := range names {
			s := backends.OperatorStateHandle{Name: name}
			for j := range l[name][i] {
				s.Offsets = append(s.Offsets, int64(j))
			}
			h.States = append(h.States, s)
		}
		old[i] = []backends.OperatorHandle{h}
	}
	return old
}

// named lists the elements of each state as "old subtask.index", in the order of
// the handles.
func named(handles []backends.OperatorHandle) map[string][]string {
	out := make(map[string][]string)
	for _, h := range handles {
		for _, s := range h.States {
			for _, o := range s.Offsets {
				out[s.Name] = append(out[s.Name], fmt.Sprintf("%s.%d", h.Stream.Path, o))
			}
		}
	}
	return out
}

func TestRedistributionIsFlinks(t *testing.T) {
	raw, err := os.ReadFile("../testdata/vectors.json")
	must(t, err)
	var file struct{ SplitDistribute map[string]json.RawMessage }
	must(t, json.Unmarshal(raw, &file))
	delete(file.SplitDistribute, "note")
	if len(file.SplitDistribute) < 8 {
		t.Fatalf("%d vectors", len(file.SplitDistribute))
	}
	for name, raw := range file.SplitDistribute {
		var want []map[string][]string
		must(t, json.Unmarshal(raw, &want))
		l, parallelism := parseCase(t, name)
		old := l.handles()
		if len(old) == parallelism {
			old = append(old, nil) // one vector ignores that equal parallelism deals nothing
		}
		var got []map[string][]string
		for _, handles := range Redistribute(old, parallelism) {
			got = append(got, named(handles))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEqualParallelismGivesEachItsOwn(t *testing.T) {
	old := lengths{"a": {3, 0}, "b": {1, 5}}.handles()
	if diff := cmp.Diff(old, Redistribute(old, 2)); diff != "" {
		t.Error(diff)
	}
}

// Nothing is lost or doubled, parts are even, each old file is named once, and
// what was passed in stays as it was, also when the result is changed.
func TestRedistributionKeepsEveryElementOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subtasks := rapid.IntRange(1, 5).Draw(t, "subtasks")
		l := make(lengths)
		for _, name := range []string{"a", "b", "c"} {
			l[name] = rapid.SliceOfN(rapid.IntRange(0, 6), subtasks, subtasks).Draw(t, name)
		}
		old := l.handles()
		dealt := Redistribute(old, rapid.IntRange(1, 7).Draw(t, "parallelism"))
		checkDeal(t, old, dealt)
		for _, handles := range dealt {
			for _, h := range handles {
				for i := range h.States {
					if len(dealt) != len(old) {
						h.States[i].Name = "changed"
					}
				}
			}
		}
		if diff := cmp.Diff(l.handles(), old); diff != "" {
			t.Fatalf("the input changed: %s", diff)
		}
	})
}

func checkDeal(t *rapid.T, old, dealt [][]backends.OperatorHandle) {
	want, got := named(slices.Concat(old...)), make(map[string][]string)
	for i, handles := range dealt {
		files := make(map[string]bool)
		for _, h := range handles {
			if files[h.Stream.Path] {
				t.Fatalf("subtask %d has file %s twice", i, h.Stream.Path)
			}
			files[h.Stream.Path] = true
		}
		for name, elements := range named(handles) {
			got[name] = append(got[name], elements...)
			if base := len(want[name]) / len(dealt); len(dealt) != len(old) && (len(elements) < base || len(elements) > base+1) {
				t.Fatalf("subtask %d has %d of %d elements of %q", i, len(elements), len(want[name]), name)
			}
		}
	}
	for name := range want {
		slices.Sort(want[name])
		slices.Sort(got[name])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

// The offsets point into real files: what is dealt anew is read back.
func TestRedistributedElementsAreReadBack(t *testing.T) {
	s := newStreams()
	var old [][]backends.OperatorHandle
	var want []int64
	for i := range int64(3) {
		b := open(t, s)
		fill(t, b, "l", 200*i, 200*i+150)
		old = append(old, []backends.OperatorHandle{write(t, snapshot(t, b))})
		want = append(want, dump(t, b)["l"]...)
	}
	for _, parallelism := range []int{1, 2, 3, 4, 7} {
		var got []int64
		for _, handles := range Redistribute(old, parallelism) {
			got = append(got, dump(t, open(t, s, handles...))["l"]...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("parallelism %d (-want +got):\n%s", parallelism, diff)
		}
	}
}
