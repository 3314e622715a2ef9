package model

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// agingStep is an operation at a time, and the answer that it must get.
type agingStep struct {
	at   int64
	op   Op
	want []int64
}

func aged(t *testing.T, spec StateSpec, steps []agingStep) *Keyed {
	t.Helper()
	spec.Name = "state"
	k := NewKeyed(&Schema{Keys: []string{"a"}, States: []StateSpec{spec}, MaxParallelism: 4})
	for i, s := range steps {
		k.Now = s.at
		if diff := cmp.Diff(s.want, k.Apply(0, s.op, nil)); diff != "" {
			t.Errorf("step %d, %v at %d (-want +got):\n%s", i, s.op.Kind, s.at, diff)
		}
	}
	return k
}

func TestValuesExpireAtStampAndLifetime(t *testing.T) {
	set, get := Op{Kind: ValueSet, Args: []int64{5}}, Op{Kind: ValueGet}
	there, gone := []int64{1, 5}, AppendAbsent(nil)
	for name, c := range map[string]struct {
		ttl   TTL
		steps []agingStep
	}{
		"written":          {TTL{Lifetime: 10}, []agingStep{{100, set, nil}, {109, get, there}, {110, get, gone}}},
		"written again":    {TTL{Lifetime: 10}, []agingStep{{100, set, nil}, {105, set, nil}, {114, get, there}, {115, get, gone}}},
		"stamped by reads": {TTL{Lifetime: 10, OnRead: true}, []agingStep{{100, set, nil}, {109, get, there}, {118, get, there}, {128, get, gone}}},
		"shown once":       {TTL{Lifetime: 10, Shows: true}, []agingStep{{100, set, nil}, {110, get, there}, {110, get, gone}}},
		"end of time":      {TTL{Lifetime: 10}, []agingStep{{math.MaxInt64 - 1, set, nil}, {math.MaxInt64 - 1, get, there}, {math.MaxInt64, get, gone}}},
	} {
		t.Run(name, func(t *testing.T) { aged(t, StateSpec{Kind: Value, TTL: &c.ttl}, c.steps) })
	}
}

func TestElementsAndEntriesExpireOneByOne(t *testing.T) {
	ttl := &TTL{Lifetime: 10}
	add := func(x int64) Op { return Op{Kind: ListAdd, Args: []int64{x}} }
	list := Op{Kind: ListGet}
	k := aged(t, StateSpec{Kind: List, TTL: ttl}, []agingStep{
		{0, add(1), nil}, {5, add(2), nil}, {9, list, []int64{2, 1, 2}}, {10, list, []int64{1, 2}}, {12, add(3), nil}, {15, list, []int64{1, 3}},
	})
	if got := k.Freeze().Entries(); len(got) != 1 || got[0].Stamp != 12 {
		t.Errorf("entries are %v, want one of 12", got)
	}
	put := func(key, x int64) Op { return Op{Kind: MapPut, UserKey: key, Args: []int64{x}} }
	aged(t, StateSpec{Kind: Map, TTL: ttl}, []agingStep{
		{0, put(7, 70), nil},
		{5, put(8, 80), nil},
		{10, Op{Kind: MapContains, UserKey: 7}, []int64{0}},
		{10, Op{Kind: MapRange}, []int64{1, 8, 1, 80}},
		{15, Op{Kind: MapIsEmpty}, []int64{0}}, // nobody has read it
		{15, Op{Kind: MapRange}, []int64{0}},
		{15, Op{Kind: MapIsEmpty}, []int64{1}},
	})
}

func TestWhatHasExpiredIsNotFolded(t *testing.T) {
	ttl := &TTL{Lifetime: 10}
	add := func(ns int, x int64) Op { return Op{Kind: ReducingAdd, Namespace: ns, Args: []int64{x}} }
	get := Op{Kind: ReducingGet}
	merge := Op{Kind: ReducingMerge, Sources: []int{1}}
	for name, steps := range map[string][]agingStep{
		"added to":       {{0, add(0, 1), nil}, {10, add(0, 2), nil}, {10, get, []int64{1, 2}}},
		"both live":      {{5, add(0, 1), nil}, {6, add(1, 2), nil}, {12, merge, nil}, {21, get, []int64{1, 33}}, {22, get, AppendAbsent(nil)}},
		"target expired": {{0, add(0, 1), nil}, {6, add(1, 2), nil}, {12, merge, nil}, {15, get, []int64{1, 2}}, {16, get, AppendAbsent(nil)}},
		"source expired": {{6, add(0, 1), nil}, {0, add(1, 2), nil}, {12, merge, nil}, {15, get, []int64{1, 1}}, {16, get, AppendAbsent(nil)}},
	} {
		t.Run(name, func(t *testing.T) {
			aged(t, StateSpec{Kind: Reducing, Namespaces: 2, TTL: ttl}, steps)
		})
	}
}
