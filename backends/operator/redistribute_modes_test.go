package operator

import (
	"fmt"
	"slices"
	"testing"

	"flinch/backends"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// handleOf makes the handle of one old subtask: of each state as many elements as
// it says. A subtask that is told of no state has reported nothing.
func handleOf(subtask int, states ...backends.OperatorStateHandle) []backends.OperatorHandle {
	if len(states) == 0 {
		return nil
	}
	return []backends.OperatorHandle{{Format: formatPlain, Stream: backends.StreamHandle{Path: fmt.Sprint(subtask)}, States: states}}
}

func of(name string, mode backends.DistributionMode, elements int) backends.OperatorStateHandle {
	s := backends.OperatorStateHandle{Name: name, Mode: mode}
	for i := range elements {
		s.Offsets = append(s.Offsets, int64(i))
	}
	return s
}

func namedAll(dealt [][]backends.OperatorHandle) []map[string][]string {
	var all []map[string][]string
	for _, handles := range dealt {
		all = append(all, named(handles))
	}
	return all
}

func TestUnionListsGoToEverySubtaskWhole(t *testing.T) {
	old := [][]backends.OperatorHandle{
		handleOf(0, of("split", backends.Split, 2), of("union", backends.Union, 1)),
		handleOf(1),
		handleOf(2, of("union", backends.Union, 2)),
	}
	whole := []string{"0.0", "2.0", "2.1"}
	for parallelism, split := range map[int][][]string{1: {{"0.0", "0.1"}}, 3: {{"0.0", "0.1"}, nil, nil}, 4: {{"0.0"}, {"0.1"}, nil, nil}} {
		var want []map[string][]string
		for _, elements := range split {
			m := map[string][]string{"union": whole}
			if elements != nil {
				m["split"] = elements
			}
			want = append(want, m)
		}
		if diff := cmp.Diff(want, namedAll(Redistribute(old, parallelism))); diff != "" {
			t.Errorf("parallelism %d (-want +got):\n%s", parallelism, diff)
		}
	}
}

func TestBroadcastCopiesAreDealtInTurn(t *testing.T) {
	reported := func(subtasks ...bool) (old [][]backends.OperatorHandle) {
		for i, there := range subtasks {
			if there {
				old = append(old, handleOf(i, of("l", backends.Split, 1), of("m", backends.Broadcast, 1)))
			} else {
				old = append(old, handleOf(i, of("l", backends.Split, 1)))
			}
		}
		return old
	}
	for _, tc := range []struct {
		name string
		old  [][]backends.OperatorHandle
		want []string // of new subtask i the copy's file; "": none
	}{
		{"unchanged", reported(true, true, true), []string{"0", "1", "2"}},
		{"more", reported(true, true), []string{"0", "1", "0", "1", "0"}},
		{"fewer", reported(true, true, true), []string{"0", "1"}},
		{"unchanged, one had finished", reported(false, true, true), []string{"1", "2", "1"}},
		{"more, one had finished", reported(true, false, true), []string{"0", "2", "0", "2"}},
		{"fewer, one had finished", reported(false, false, true), []string{"2", "2"}},
		{"nobody had any", reported(false, false), []string{"", "", ""}},
	} {
		for i, handles := range Redistribute(tc.old, len(tc.want)) {
			var want []string
			if tc.want[i] != "" {
				want = []string{tc.want[i] + ".0"}
			}
			if got := named(handles)["m"]; !slices.Equal(got, want) {
				t.Errorf("%s: subtask %d has the copies %v, want %v", tc.name, i, got, want)
			}
		}
	}
}

// Three states of three modes in real files, of subtasks of which some compress
// and some never registered the map.
func TestAllModesAreReadBackAfterTheyAreDealt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStreams()
		var old [][]backends.OperatorHandle
		var split, union []int64
		var copies [][]string
		for i := range rapid.IntRange(1, 4).Draw(rt, "subtasks") {
			b, err := Open(background, Params{Streams: s, Compress: rapid.Bool().Draw(rt, "compress")})
			must(t, err)
			from := int64(100 * i)
			fill(t, b, "l", from, from+int64(rapid.IntRange(0, 5).Draw(rt, "elements")))
			split = append(split, dump(t, b)["l"]...)
			must(t, unionList(t, b, "u").Add(&offset{n: -from}))
			union = append(union, -from)
			if rapid.Bool().Draw(rt, "map") {
				m := broadcastMap(t, b, "m")
				must(t, m.Put("who", &offset{n: from}))
				copies = append(copies, entries(m))
			}
			old = append(old, []backends.OperatorHandle{write(t, snapshot(t, b))})
		}
		var got []int64
		for i, handles := range Redistribute(old, rapid.IntRange(1, 5).Draw(rt, "parallelism")) {
			b := open(t, s, handles...)
			got = append(got, dump(t, b)["l"]...)
			if diff := cmp.Diff(union, dump(t, b)["u"]); diff != "" {
				rt.Fatalf("union list of subtask %d: %s", i, diff)
			}
			want := []string{}
			if len(copies) > 0 {
				want = copies[i%len(copies)]
			}
			if diff := cmp.Diff(want, entries(broadcastMap(t, b, "m"))); diff != "" {
				rt.Fatalf("map of subtask %d: %s", i, diff)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(split, got, cmp.Transformer("nil", func(l []int64) []int64 { return append([]int64{}, l...) })); diff != "" {
			rt.Fatalf("split list: %s", diff)
		}
	})
}
