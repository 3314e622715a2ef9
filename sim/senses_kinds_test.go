package sim_test

import (
	"strings"
	"testing"

	"flinch/backends"
	"flinch/model"
	"flinch/sim"
)

// everyKind is restored with states of every kind, in namespaces, and with every
// operation on them.
func everyKind() sim.Config {
	c := restored()
	c.Job.Operators = [sim.OperatorCount][]model.StateSpec{
		{
			{Name: "sum", Kind: model.Reducing, Shape: model.Cell, Namespaces: 3},
			{Name: "mean", Kind: model.Aggregating, Shape: model.Ints, Namespaces: 2},
			{Name: "list", Kind: model.List, Shape: model.Text, Namespaces: 4},
		},
		{
			{Name: "map", Kind: model.Map, Shape: model.Ints, Namespaces: 2},
			{Name: "preset", Kind: model.Value, Shape: model.Cell, Default: []int64{4, 2}},
			{Name: "total", Kind: model.Reducing, Shape: model.Int},
		},
	}
	for i := range c.Records {
		c.Records[i].Ops = [sim.OperatorCount][]model.Op{everyFold(i), everyOther(i)}
	}
	return c
}

func everyFold(i int) []model.Op {
	x := []int64{int64(i)}
	ops := []model.Op{
		{Kind: model.ReducingAdd, State: 1, Namespace: i % 3, Args: []int64{int64(i), 1}},
		{Kind: model.AggregatingAdd, State: 2, Namespace: i % 2, Args: x},
		{Kind: model.ListAdd, State: 3, Namespace: i % 4, Args: x},
		{Kind: model.ReducingGet, State: 1, Namespace: i % 3},
		{Kind: model.AggregatingGet, State: 2, Namespace: i % 2},
		{Kind: model.ListPairs, State: 3},
	}
	if i%5 == 0 {
		ops = append(ops,
			model.Op{Kind: model.ReducingMerge, State: 1, Namespace: 1, Sources: []int{2, 1, 0}},
			model.Op{Kind: model.AggregatingMerge, State: 2, Sources: []int{1}},
			model.Op{Kind: model.ListMerge, State: 3, Sources: []int{3, 1}},
			model.Op{Kind: model.ListKeys, State: 1, Namespace: 1},
			model.Op{Kind: model.ReducingGet, State: 1, Namespace: 2},
			model.Op{Kind: model.ListGet, State: 3, Namespace: 3})
	}
	return ops
}

func everyOther(i int) []model.Op {
	x := []int64{int64(i)}
	ops := []model.Op{
		{Kind: model.MapPut, State: 1, Namespace: i % 2, UserKey: int64(i % 7), Args: x},
		{Kind: model.MapEdit, State: 1, Args: x},
		{Kind: model.MapRange, State: 1},
		{Kind: model.ValueGet, State: 2},
		{Kind: model.ReducingAdd, State: 3, Args: x},
	}
	if i%3 == 0 {
		ops = append(ops, model.Op{Kind: model.ValueBump, State: 2, Args: x})
	}
	if i%11 == 0 {
		ops = append(ops, model.Op{Kind: model.ValueClear, State: 2}, model.Op{Kind: model.ReducingClear, State: 3})
	}
	return ops
}

// wrongKinds go wrong with what reducing and aggregating state, namespaces and
// iterators have of their own.
var wrongKinds = []sense{
	{"a merge leaves its sources", everyKind, func() *crooked {
		return &crooked{merging: func(_ backends.Descriptor, s backends.RawMerging) backends.RawMerging { return leaving{s} }}
	}, []finding{{"restored-state", "gave a wrong answer"}}},
	{"a merge leaves another namespace current", everyKind, func() *crooked {
		return &crooked{merging: func(_ backends.Descriptor, s backends.RawMerging) backends.RawMerging { return wandering{s} }}
	}, []finding{{"restored-state", "gave a wrong answer"}}},
	{"a reduction takes the newer value for the older", everyKind, func() *crooked {
		return &crooked{reduce: func(a, _ any) any { return a }}
	}, []finding{{"restored-state", "gave a wrong answer"}}},
	{"a listing leaves a key out", everyKind, func() *crooked {
		return &crooked{keys: func(key string) bool { return !strings.HasPrefix(key, "hello") }}
	}, []finding{{"restored-state", "first keys sum@1 under key"}}},
	{"an iterator removes nothing", everyKind, func() *crooked {
		return &crooked{mapped: func(s backends.RawMap) backends.RawMap { return keeping{s} }}
	}, []finding{{"restored-state", "second map.range map under key"}}},
	{"a default is forgotten", everyKind, func() *crooked {
		return &crooked{preset: func(any) any { return nil }}
	}, []finding{{"restored-state", "preset under key"}}},
}

// leaving only reads what it should move.
type leaving struct{ backends.RawMerging }

func (s leaving) MergeNamespaces(string, []string) error { return nil }

// wandering leaves the namespace of the target current.
type wandering struct{ backends.RawMerging }

func (s wandering) MergeNamespaces(target string, sources []string) error {
	s.SetNamespace(target)
	return s.RawMerging.MergeNamespaces(target, sources)
}

// keeping hands out iterators that remove nothing.
type keeping struct{ backends.RawMap }

func (s keeping) Iterator() (backends.MapIterator, error) {
	it, err := s.RawMap.Iterator()
	return keptAll{it}, err
}

type keptAll struct{ backends.MapIterator }

func (keptAll) Remove() error { return nil }

func TestCountersTellOperationsByKindOfState(t *testing.T) {
	c := everyKind()
	c.Faults = nil
	got := run(t, c).Evidence.Run.Counters
	want := map[string]int64{}
	names := []string{"value", "list", "map", "reducing", "aggregating"}
	for _, r := range c.Records {
		for o, ops := range r.Ops {
			for _, op := range ops {
				want["state_"+names[c.Job.Operators[o][op.State-1].Kind]]++
			}
		}
	}
	for name, n := range want {
		if n == 0 || got[name] != n {
			t.Errorf("%s = %d, want %d", name, got[name], n)
		}
	}
}
