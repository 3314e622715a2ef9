package model

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vectors.json holds what Flink's own code computes.
type vectors struct {
	MurmurHash  map[string]int32           `json:"murmurHash"`
	IntKeyGroup map[string]map[string]int  `json:"intKeyGroup"`
	StringKey   []map[string]any           `json:"stringKey"`
	Ranges      map[string][][2]int        `json:"keyGroupRangeForOperatorIndex"`
	Subtasks    map[string][]int           `json:"operatorIndexForKeyGroup"`
	Splits      map[string]json.RawMessage `json:"splitDistribute"`
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestKeyGroupsOfIntegersAreThoseOfFlink(t *testing.T) {
	v := readVectors(t)
	for text, want := range v.MurmurHash {
		n := parse(t, text)
		if got := murmur(int32(n)); got != want {
			t.Errorf("murmur(%s) = %d, want %d", text, got, want)
		}
	}
	for parallelism, groups := range v.IntKeyGroup {
		for text, want := range groups {
			if got := KeyGroup(int32(parse(t, text)), int(parse(t, parallelism))); got != want {
				t.Errorf("KeyGroup(%s, %s) = %d, want %d", text, parallelism, got, want)
			}
		}
	}
	if len(v.MurmurHash) == 0 || len(v.IntKeyGroup) == 0 {
		t.Error("the vectors are empty")
	}
}

func TestKeyGroupsOfTextsAreThoseOfFlink(t *testing.T) {
	v := readVectors(t)
	for _, row := range v.StringKey {
		key, hash := row["key"].(string), int32(row["javaHash"].(float64))
		if got := JavaHash(key); got != hash {
			t.Errorf("JavaHash(%q) = %d, want %d", key, got, hash)
		}
		for _, parallelism := range []int{10, 128, 4096} {
			want := int(row["kg"+strconv.Itoa(parallelism)].(float64))
			if got := KeyGroup(hash, parallelism); got != want {
				t.Errorf("key group of %q of %d = %d, want %d", key, parallelism, got, want)
			}
		}
	}
	if len(v.StringKey) == 0 {
		t.Error("the vectors are empty")
	}
}

func TestRangesAreThoseOfFlinkAndPartitionTheGroups(t *testing.T) {
	v := readVectors(t)
	for name, ranges := range v.Ranges {
		var groups, parallelism int
		if _, err := fmt.Sscanf(name, "max=%d,p=%d", &groups, &parallelism); err != nil {
			t.Fatal(err)
		}
		for i, want := range ranges {
			first, last := RangeOf(i, parallelism, groups)
			if got := [2]int{first, last}; got != want {
				t.Errorf("%s: range of subtask %d = %v, want %v", name, i, got, want)
			}
		}
	}
	for groups := 1; groups <= 60; groups++ {
		for parallelism := 1; parallelism <= groups; parallelism++ {
			next := 0
			for i := range parallelism {
				first, last := RangeOf(i, parallelism, groups)
				if first != next || last < first {
					t.Fatalf("%d groups, parallelism %d: subtask %d has [%d..%d], want from %d", groups, parallelism, i, first, last, next)
				}
				next = last + 1
			}
			if next != groups {
				t.Fatalf("%d groups, parallelism %d: the ranges end at %d", groups, parallelism, next)
			}
		}
	}
}

func TestRangesAgreeWithTheSubtaskOfEachGroup(t *testing.T) {
	v := readVectors(t)
	for name, subtasks := range v.Subtasks {
		var groups, parallelism int
		if _, err := fmt.Sscanf(name, "max=%d,p=%d", &groups, &parallelism); err != nil {
			t.Fatal(err)
		}
		for group, subtask := range subtasks {
			if first, last := RangeOf(subtask, parallelism, groups); group < first || last < group {
				t.Errorf("%s: group %d belongs to subtask %d, whose range is [%d..%d]", name, group, subtask, first, last)
			}
		}
	}
}

func TestSplitListsDealsAsFlinkDoes(t *testing.T) {
	v := readVectors(t)
	tried := 0
	for name, text := range v.Splits {
		lengths, parallelism, ok := parseSplit(name)
		if !ok {
			continue
		}
		var states []map[string][]string
		if err := json.Unmarshal(text, &states); err != nil {
			t.Fatal(err)
		}
		want := make([][]string, len(states))
		for i, s := range states {
			want[i] = append([]string{}, s["s"]...)
		}
		var elements []string
		for subtask, n := range lengths {
			for i := range n {
				elements = append(elements, fmt.Sprintf("%d.%d", subtask, i))
			}
		}
		got, _ := deal(elements, parallelism, 0)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		tried++
	}
	if tried < 5 {
		t.Errorf("only %d vectors were understood", tried)
	}
}

func TestSplitStatesCarriesTheSurplusOver(t *testing.T) {
	var want []map[string][]string
	if err := json.Unmarshal(readVectors(t).Splits["two states s1[2,2] s2[3,2] ->3"], &want); err != nil {
		t.Fatal(err)
	}
	got := SplitStates([]map[string][]string{
		{"s1": {"0.0", "0.1"}, "s2": {"0.0", "0.1", "0.2"}},
		{"s1": {"1.0", "1.1"}, "s2": {"1.0", "1.1"}},
	}, 3)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSplitListsKeepsListsWhereParallelismIsUnchanged(t *testing.T) {
	old := [][]string{{"a", "b", "c"}, {}, {"d"}}
	if diff := cmp.Diff([][]string{{"a", "b", "c"}, {}, {"d"}}, SplitLists(old, 3)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"a", "b"}, {"c", "d"}}, SplitLists(old, 2)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// parseSplit reads a name such as "lens[3,4]->2".
func parseSplit(name string) (lengths []int, parallelism int, ok bool) {
	var list string
	if n, _ := fmt.Sscanf(name, "lens%s", &list); n != 1 {
		return nil, 0, false
	}
	end := len(list) - 1
	for ; list[end] != '>'; end-- {
	}
	parallelism, _ = strconv.Atoi(list[end+1:])
	if err := json.Unmarshal([]byte(list[:end-1]), &lengths); err != nil {
		return nil, 0, false
	}
	return lengths, parallelism, true
}

func parse(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
