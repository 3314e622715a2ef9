package model

import (
	"slices"
	"testing"
)

var foldTests = map[string][]applyStep{
	"a reduction weighs the older value": {
		{Op{Kind: ReducingGet, State: folded}, absent},
		{Op{Kind: ReducingAdd, State: folded, Args: []int64{2, 9}}, none},
		{Op{Kind: ReducingGet, State: folded}, []int64{2, 2, 9}},
		{Op{Kind: ReducingAdd, State: folded, Args: []int64{5, 8, 7}}, none},
		{Op{Kind: ReducingGet, State: folded}, []int64{4, 67, 9, 8, 7}},
		{Op{Kind: ReducingAdd, State: folded, Args: []int64{1, 1}}, none},
		{Op{Kind: ReducingGet, State: folded}, []int64{4, 67*31 + 1, 9, 8, 7}},
		{Op{Kind: ReducingGet, State: folded, Namespace: 1}, absent},
		{Op{Kind: ReducingClear, State: folded}, none},
		{Op{Kind: ReducingGet, State: folded}, absent},
	},
	"an accumulator begins with seven, and its result is in reverse": {
		{Op{Kind: AggregatingGet, State: counted, Namespace: 1}, absent},
		{Op{Kind: AggregatingAdd, State: counted, Namespace: 1, Args: []int64{2}}, none},
		{Op{Kind: AggregatingGet, State: counted, Namespace: 1}, []int64{2, 5, 2*219 + 1}},
		{Op{Kind: AggregatingAdd, State: counted, Namespace: 1, Args: []int64{3}}, none},
		{Op{Kind: AggregatingGet, State: counted, Namespace: 1}, []int64{3, 7, 5, 2*(219*31+3) + 1}},
		{Op{Kind: AggregatingClear, State: counted}, none},
		{Op{Kind: AggregatingGet, State: counted, Namespace: 1}, []int64{3, 7, 5, 2*(219*31+3) + 1}},
		{Op{Kind: AggregatingClear, State: counted, Namespace: 1}, none},
		{Op{Kind: AggregatingGet, State: counted, Namespace: 1}, absent},
	},
	"a merge folds the sources into the older target": {
		{Op{Kind: ReducingAdd, State: folded, Namespace: 0, Args: []int64{1}}, none},
		{Op{Kind: ReducingAdd, State: folded, Namespace: 1, Args: []int64{2}}, none},
		{Op{Kind: ReducingAdd, State: folded, Namespace: 2, Args: []int64{3}}, none},
		{Op{Kind: ReducingMerge, State: folded, Namespace: 0, Sources: []int{2, 1}}, none},
		{Op{Kind: ReducingGet, State: folded, Namespace: 0}, []int64{1, 31*1 + (31*3 + 2)}},
		{Op{Kind: ReducingGet, State: folded, Namespace: 1}, absent},
		{Op{Kind: ReducingGet, State: folded, Namespace: 2}, absent},
		{Op{Kind: ReducingMerge, State: folded, Namespace: 0, Sources: []int{2, 1}}, none},
		{Op{Kind: ReducingGet, State: folded, Namespace: 0}, []int64{1, 31*1 + (31*3 + 2)}},
	},
	"a target among the sources counts where it stands": {
		{Op{Kind: AggregatingAdd, State: counted, Namespace: 0, Args: []int64{0}}, none},
		{Op{Kind: AggregatingAdd, State: counted, Namespace: 1, Args: []int64{1}}, none},
		{Op{Kind: AggregatingMerge, State: counted, Namespace: 0, Sources: []int{1, 0}}, none},
		{Op{Kind: AggregatingGet, State: counted, Namespace: 0}, []int64{3, 1, 3, 2*(37*218+217) + 1}},
		{Op{Kind: AggregatingGet, State: counted, Namespace: 1}, absent},
	},
	"merged lists follow the target's": {
		{Op{Kind: ListAdd, State: spaced, Namespace: 0, Args: []int64{1}}, none},
		{Op{Kind: ListAddAll, State: spaced, Namespace: 1, Args: []int64{2, 3}}, none},
		{Op{Kind: ListAdd, State: spaced, Namespace: 3, Args: []int64{4}}, none},
		{Op{Kind: ListMerge, State: spaced, Namespace: 0, Sources: []int{3, 2, 1}}, none},
		{Op{Kind: ListGet, State: spaced, Namespace: 0}, []int64{4, 1, 4, 2, 3}},
		{Op{Kind: ListGet, State: spaced, Namespace: 1}, []int64{0}},
		{Op{Kind: ListAdd, State: spaced, Namespace: 1, Args: []int64{9}}, none},
		{Op{Kind: ListMerge, State: spaced, Namespace: 0, Sources: []int{1, 0}}, none},
		{Op{Kind: ListGet, State: spaced, Namespace: 0}, []int64{5, 9, 1, 4, 2, 3}},
	},
	"a default is answered and bumped, and comes back": {
		{Op{Kind: ValueGet, State: defaulted}, []int64{2, 6, 5}},
		{Op{Kind: ValueBump, State: defaulted, Args: []int64{1}}, []int64{2, 6, 5}},
		{Op{Kind: ValueGet, State: defaulted}, []int64{3, 7, 5, 1}},
		{Op{Kind: ValueClear, State: defaulted}, none},
		{Op{Kind: ValueGet, State: defaulted}, []int64{2, 6, 5}},
	},
	"an edit leaves, removes and replaces": {
		{Op{Kind: MapPut, State: rooms, UserKey: 1, Args: []int64{3}}, none}, // 0+3: left
		{Op{Kind: MapPut, State: rooms, UserKey: 2, Args: []int64{3}}, none}, // 1+3: removed
		{Op{Kind: MapPut, State: rooms, UserKey: 3, Args: []int64{3}}, none}, // 2+3: replaced
		{Op{Kind: MapEdit, State: rooms, Args: []int64{10}}, []int64{3, 1, 1, 3, 2, 1, 3, 3, 1, 3}},
		{Op{Kind: MapRange, State: rooms}, []int64{2, 1, 1, 3, 3, 1, 13}},
		{Op{Kind: MapEdit, State: rooms, Namespace: 1, Args: []int64{10}}, []int64{0}},
	},
	"timers are a set": {
		{Op{Kind: TimerRegister, State: alarms, Args: []int64{5}}, []int64{1}},
		{Op{Kind: TimerRegister, State: alarms, Args: []int64{5}}, []int64{0}},
		{Op{Kind: TimerRegister, State: alarms, Namespace: 1, Args: []int64{5}}, []int64{1}},
		{Op{Kind: TimerDelete, State: alarms, Args: []int64{5}}, []int64{1}},
		{Op{Kind: TimerDelete, State: alarms, Args: []int64{5}}, []int64{0}},
	},
	"keys are listed by namespace": {
		{Op{Kind: ListKeys, State: rooms}, []int64{0}},
		{Op{Kind: ListPairs, State: rooms}, []int64{0}},
		{Op{Kind: MapPut, State: rooms, Namespace: 1, UserKey: 1, Args: []int64{3}}, none},
		{Op{Kind: MapPut, State: rooms, Namespace: 2, UserKey: 1, Args: []int64{3}}, none},
		{Op{Kind: MapPut, State: rooms, Namespace: 0, UserKey: 1, Args: []int64{3}}, none},
		{Op{Kind: MapRemove, State: rooms, Namespace: 0, UserKey: 1}, none},
		{Op{Kind: ListKeys, State: rooms, Namespace: 0}, []int64{0}},
		{Op{Kind: ListKeys, State: rooms, Namespace: 1}, []int64{1, 3}},
		{Op{Kind: ListPairs, State: rooms}, []int64{2, 3, 2, 3, 1}},
	},
}

func TestFoldingMergingAndListingAnswerAsTheContractSays(t *testing.T) { testApply(t, foldTests) }

func TestTimersAreFirstByTimeKeyAndNamespace(t *testing.T) {
	s := testSchema()
	k := NewKeyed(s)
	want := []Timer{{-3, 7, 0}, {-3, 7, 1}, {2, 2, 0}, {2, 5, 0}, {2, 0, 1}, {9, 1, 0}} // keys "日本", "", "Aa", "a", "b"
	for _, i := range []int{3, 1, 5, 0, 4, 2} {
		k.Apply(want[i].Key, Op{Kind: TimerRegister, State: alarms, Namespace: want[i].Namespace, Args: []int64{want[i].Time}}, nil)
	}
	entries := k.Freeze().Entries()
	if len(entries) != len(want) || entries[0].UserKey >= entries[len(entries)-1].UserKey && entries[0].Group == entries[len(entries)-1].Group {
		t.Errorf("entries %v", entries)
	}
	for i, w := range want {
		got, found := k.First(alarms)
		if !found || got != w {
			t.Fatalf("timer %d is %v, %v, want %v", i, got, found, w)
		}
		k.Apply(w.Key, Op{Kind: TimerDelete, State: alarms, Namespace: w.Namespace, Args: []int64{w.Time}}, nil)
	}
	if got, found := k.First(alarms); found {
		t.Errorf("one timer more: %v", got)
	}
}

func TestKeysAreListedInTheOrderOfEntries(t *testing.T) {
	s := testSchema()
	k := NewKeyed(s)
	for key := range s.Keys {
		for ns := range 3 {
			k.Apply(key, Op{Kind: ReducingAdd, State: folded, Namespace: ns, Args: []int64{1}}, nil)
		}
	}
	var want []int64
	for _, e := range k.Freeze().Entries() {
		ns := slices.Index(namespaces[:], e.Namespace)
		want = append(want, int64(slices.Index(s.Keys, e.Key)), int64(ns))
	}
	if got := k.Apply(0, Op{Kind: ListPairs, State: folded}, nil); got[0] != 24 || !slices.Equal(got[1:], want) {
		t.Errorf("pairs = %v, want 24 %v", got, want)
	}
}
