package kv_test

import (
	"context"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/kv"
)

// still is a store that takes everything and allocates nothing: what is left is
// kv's own.
type still struct{ store }

func (*still) Family(string) (kv.Family, error) { return stillFamily{&family{tree: newTree()}}, nil }

type stillFamily struct{ *family }

func (stillFamily) Put([]byte, []byte) error   { return nil }
func (stillFamily) Merge([]byte, []byte) error { return nil }
func (stillFamily) Delete([]byte) error        { return nil }

func (stillFamily) Get(_, dst []byte) ([]byte, bool, error) {
	return append(dst, 0, 0, 0, 0, 0, 0, 0, 4), true, nil
}

type stillEngine struct{ engine }

func (stillEngine) Open(context.Context, backends.KeyedParams) (kv.Store, error) {
	return &still{}, nil
}

func TestAccessesAllocateNothingButWhatIsRead(t *testing.T) {
	in := backendtest.NewWorld(kv.New(stillEngine{})).Open(t, 0, 1)
	v, l, m := in.Boxes("v"), in.BoxList("l"), in.BoxMap("m")
	q, err := in.Timers("q")
	must(t, err)
	r, err := in.Reducing(backends.Descriptor{
		Name: "r", Kind: backends.ReducingKind, Value: backendtest.BoxCodec().Codec(), Reduce: func(a, _ any) any { return a },
	})
	must(t, err)
	key, box := backends.Int64Key(1), &backendtest.Box{N: 4}
	for _, c := range []struct {
		what string
		do   func()
		want float64
	}{
		{"set key", func() { _ = in.SetCurrentKey(key) }, 0},
		{"update", func() { _ = v.Update(box) }, 0},
		{"get", func() { _, _ = v.Get() }, 1},
		{"clear", func() { _ = v.Clear() }, 0},
		{"add", func() { _ = l.Add(box) }, 0},
		{"put", func() { _ = m.Put("user", box) }, 0},
		{"contains", func() { _, _ = m.Contains("user") }, 0},
		{"is empty", func() { _, _ = m.IsEmpty() }, 1}, // the function that scans
		{"fold", func() { _ = r.Add(box) }, 1},
		{"begin to iterate", func() { i, _ := m.Iterator(); i.Close() }, 1},
		// The timer itself is kept.
		{"register, peek and poll", func() { _, _ = q.Register(4, "w"); _, _, _ = q.Peek(); _, _, _ = q.Poll() }, 1},
		{"delete an absent timer", func() { _, _ = q.Delete(4, "w") }, 0},
		{"other namespace", func() { v.SetNamespace("w") }, 0},
	} {
		c.do()
		if got := testing.AllocsPerRun(100, c.do); got > c.want {
			t.Errorf("%s: %v allocations, want %v", c.what, got, c.want)
		}
	}
}
