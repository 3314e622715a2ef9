package backendtest

import (
	"slices"
	"testing"

	"flinch/backends"
)

// typedClauses are about the types that package backends puts on top.
var typedClauses = []clause{
	{"TypedStatesStandOnTheRawOnes", typedStates},
	{"MapsKeepTheTypeOfTheirUserKeys", typedUserKeys},
}

func typedStates(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.Use(1)
	v := must2[backends.ValueState[string]](t)(backends.NewValueState(in, "v", backends.StringCodec()))
	l := must2[backends.ListState[int64]](t)(backends.NewListState(in, "l", backends.Int64Codec()))
	if got, ok, err := v.Get(); got != "" || ok || err != nil {
		t.Errorf("absent value: %q, %v, %v", got, ok, err)
	}
	must(t, v.Update("x"))
	must(t, l.AddAll([]int64{1, 2}))
	must(t, l.Add(3))
	if got, ok, err := v.Get(); got != "x" || !ok || err != nil {
		t.Errorf("value: %q, %v, %v", got, ok, err)
	}
	if got, err := l.Get(); !slices.Equal(got, []int64{1, 2, 3}) || err != nil {
		t.Errorf("list: %v, %v", got, err)
	}
	typedMap(t, in)
	must(t, v.Clear())
	must(t, l.Update(nil))
	if lines := in.Dump(); lines != nil {
		t.Errorf("after clearing: %v", lines)
	}
}

func typedMap(t *testing.T, in *Instance) {
	m := must2[backends.MapState[int64, string]](t)(backends.NewMapState(in, "m",
		backends.MapCodec[int64, string]{Keys: backends.Int64Keys(), Values: backends.StringCodec()}))
	must(t, m.Put(7, "seven"))
	must(t, m.Put(-7, "minus seven"))
	if got, ok, err := m.Get(7); got != "seven" || !ok || err != nil {
		t.Errorf("map: %q, %v, %v", got, ok, err)
	}
	if has, err := m.Contains(8); has || err != nil {
		t.Errorf("map contains 8: %v, %v", has, err)
	}
	var keys []int64
	must(t, m.Range(func(k int64, _ string) bool {
		keys = append(keys, k)
		return true
	}))
	if !slices.Equal(keys, []int64{-7, 7}) {
		t.Errorf("map in order: %v", keys)
	}
	must(t, m.Remove(-7))
	if empty, err := m.IsEmpty(); empty || err != nil {
		t.Errorf("map is empty: %v, %v", empty, err)
	}
	must(t, m.Clear())
}
