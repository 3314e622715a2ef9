package heap

import (
	"slices"
	"testing"

	"flinch/backends"
)

func TestTypedStatesStandOnTheRawOnes(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	setKey(t, in, 1)
	v, err := backends.NewValueState(in, "v", backends.StringCodec())
	must(t, err)
	l, err := backends.NewListState(in, "l", backends.Int64Codec())
	must(t, err)
	m, err := backends.NewMapState(in, "m", backends.MapCodec[int64, string]{Keys: backends.Int64Keys(), Values: backends.StringCodec()})
	must(t, err)
	if got, ok, err := v.Get(); got != "" || ok || err != nil {
		t.Errorf("absent value: %q, %v, %v", got, ok, err)
	}
	must(t, v.Update("x"))
	must(t, l.AddAll([]int64{1, 2}))
	must(t, l.Add(3))
	must(t, m.Put(7, "seven"))
	must(t, m.Put(-7, "minus seven"))
	checkTyped(t, v, l, m)
	must(t, v.Clear())
	must(t, l.Update(nil))
	must(t, m.Clear())
	if lines := dump(t, in); lines != nil {
		t.Errorf("after clearing: %v", lines)
	}
}

func checkTyped(t *testing.T, v backends.ValueState[string], l backends.ListState[int64], m backends.MapState[int64, string]) {
	t.Helper()
	if got, ok, err := v.Get(); got != "x" || !ok || err != nil {
		t.Errorf("value: %q, %v, %v", got, ok, err)
	}
	if got, err := l.Get(); !slices.Equal(got, []int64{1, 2, 3}) || err != nil {
		t.Errorf("list: %v, %v", got, err)
	}
	if got, ok, err := m.Get(7); got != "seven" || !ok || err != nil {
		t.Errorf("map: %q, %v, %v", got, ok, err)
	}
	if has, err := m.Contains(8); has || err != nil {
		t.Errorf("map contains 8: %v, %v", has, err)
	}
	var keys []int64
	must(t, m.Range(func(k int64, v string) bool {
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
}

// Two codecs may share an ID by mistake: what comes out is then of another type.
func TestTypedStateReportsAForeignType(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	put(t, in, "v", 1, 1)
	wrong := backends.Int64Codec()
	wrong.ID = boxCodec().ID
	v, err := backends.NewValueState(in, "v", wrong)
	must(t, err)
	if _, ok, err := v.Get(); ok || err == nil {
		t.Errorf("%v, %v", ok, err)
	}
}
