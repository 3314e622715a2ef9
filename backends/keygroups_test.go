package backends

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
)

// vectors are the numbers that Flink's own code gives.
type vectors struct {
	MurmurHash, BitMix map[string]int32
	IntKeyGroup        map[string]map[string]int
	LongKey            []struct {
		Key                string
		JavaHash           int32
		KG4, KG128, KG4096 int
	}
	StringKey []struct {
		Key                 string
		JavaHash            int32
		KG10, KG128, KG4096 int
	}
	KeyGroupRangeForOperatorIndex map[string][][2]int
	OperatorIndexForKeyGroup      map[string][]int
	DefaultMaxParallelism         map[string]int
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func number(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestHashesAreFlinks(t *testing.T) {
	v := readVectors(t)
	for s, want := range v.MurmurHash {
		if got := murmur(int32(number(t, s))); got != want {
			t.Errorf("murmur(%s) = %d, want %d", s, got, want)
		}
	}
	for s, want := range v.BitMix {
		if got := int32(BitMix(uint32(number(t, s)))); got != want {
			t.Errorf("BitMix(%s) = %d, want %d", s, got, want)
		}
	}
}

func TestKeyGroupsOfKeysAreFlinks(t *testing.T) {
	v := readVectors(t)
	for maxParallelism, keys := range v.IntKeyGroup {
		for key, want := range keys {
			k := Int32Key(int32(number(t, key)))
			if got := KeyGroup(k.Hash, int(number(t, maxParallelism))); got != want {
				t.Errorf("int %s of %s groups: group %d, want %d", key, maxParallelism, got, want)
			}
		}
	}
	for _, l := range v.LongKey {
		checkGroups(t, Int64Key(number(t, l.Key)), l.JavaHash, map[int]int{4: l.KG4, 128: l.KG128, 4096: l.KG4096})
	}
	for _, s := range v.StringKey {
		checkGroups(t, StringKey(s.Key), s.JavaHash, map[int]int{10: s.KG10, 128: s.KG128, 4096: s.KG4096})
	}
}

func checkGroups(t *testing.T, k Key, hash int32, groups map[int]int) {
	t.Helper()
	if k.Hash != hash {
		t.Errorf("key %q: hash %d, want %d", k.Encoded, k.Hash, hash)
	}
	for maxParallelism, want := range groups {
		if got := KeyGroup(k.Hash, maxParallelism); got != want {
			t.Errorf("key %q of %d groups: group %d, want %d", k.Encoded, maxParallelism, got, want)
		}
	}
}

func parse(t *testing.T, s string) (maxParallelism, parallelism int) {
	t.Helper()
	if _, err := fmt.Sscanf(s, "max=%d,p=%d", &maxParallelism, &parallelism); err != nil {
		t.Fatal(err)
	}
	return maxParallelism, parallelism
}

func TestRangesAreFlinks(t *testing.T) {
	v := readVectors(t)
	for name, ranges := range v.KeyGroupRangeForOperatorIndex {
		maxParallelism, parallelism := parse(t, name)
		for i, want := range ranges {
			if got := RangeOf(i, parallelism, maxParallelism); got != (KeyGroupRange{want[0], want[1]}) {
				t.Errorf("%s: subtask %d has %s, want %v", name, i, got, want)
			}
		}
	}
	for name, want := range v.OperatorIndexForKeyGroup {
		maxParallelism, parallelism := parse(t, name)
		got := make([]int, maxParallelism)
		for group := range got {
			got[group] = SubtaskOf(group, parallelism, maxParallelism)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	for p, want := range v.DefaultMaxParallelism {
		if got := DefaultMaxParallelism(int(number(t, p))); got != want {
			t.Errorf("default for %s: %d, want %d", p, got, want)
		}
	}
}

func TestRangesArePartitionsThatAgreeWithTheOwner(t *testing.T) {
	for maxParallelism := 1; maxParallelism <= 100; maxParallelism++ {
		for parallelism := 1; parallelism <= maxParallelism; parallelism++ {
			next := 0
			for i := range parallelism {
				r := RangeOf(i, parallelism, maxParallelism)
				if r.Start != next {
					t.Fatalf("%d of %d, %d groups: %s does not begin at %d", i, parallelism, maxParallelism, r, next)
				}
				next = r.End + 1
				if SubtaskOf(r.Start, parallelism, maxParallelism) != i || SubtaskOf(r.End, parallelism, maxParallelism) != i {
					t.Fatalf("%d of %d, %d groups: %s is another's", i, parallelism, maxParallelism, r)
				}
			}
			if next != maxParallelism {
				t.Fatalf("%d subtasks, %d groups: end at %d", parallelism, maxParallelism, next)
			}
		}
	}
}

// More subtasks than groups: some own nothing, and say so in the one way.
func TestRangeOfASubtaskWithoutGroupsIsEmpty(t *testing.T) {
	empty := 0
	for i := range 5 {
		if RangeOf(i, 5, 3) == EmptyRange {
			empty++
		}
	}
	if empty != 2 {
		t.Errorf("%d of 5 subtasks own none of 3 groups, want 2", empty)
	}
}
