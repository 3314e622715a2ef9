package backendtest

import (
	"testing"

	"flinch/backends"
)

// defaultClauses are about what value state answers where it holds nothing.
var defaultClauses = []clause{
	{"DefaultsAreCopies", defaultsCopied},
	{"DefaultsAreNoEntries", defaultsUnlisted},
}

// boxesOr returns a value state of boxes with a default, which it returns as well.
func boxesOr(t TB, in *Instance, n int64) (backends.RawValue, *Box) {
	t.Helper()
	absent := &Box{N: n}
	d := Boxes("or", backends.ValueKind)
	d.Default = absent
	return must2[backends.RawValue](t)(in.Value(d)), absent
}

func defaultsCopied(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	v, absent := boxesOr(t, in, 5)
	var given []*Box
	for _, k := range []int64{1, 2, 1} {
		in.Use(k)
		got := must2[any](t)(v.Get()).(*Box)
		if got.N != 5 {
			t.Errorf("key %d: the default is %d", k, got.N)
		}
		for _, other := range append(given, absent) {
			if got == other {
				t.Errorf("key %d: one box was handed out twice", k)
			}
		}
		given = append(given, got)
		got.N = 100 + k
	}
	in.Use(1)
	changed := must2[any](t)(v.Get()).(*Box)
	changed.N = 7
	must(t, v.Update(changed))
	for i, want := range []int64{7, 5, 5} {
		k := int64(i + 1)
		in.Use(k)
		if got := must2[any](t)(v.Get()).(*Box); got.N != want {
			t.Errorf("key %d: %d, want %d", k, got.N, want)
		}
	}
	v.SetNamespace("w")
	if got := must2[any](t)(v.Get()).(*Box); got.N != 5 {
		t.Errorf("another namespace: %d, want the default", got.N)
	}
	if absent.N != 5 {
		t.Errorf("the default itself is %d now", absent.N)
	}
	typed := must2[backends.ValueState[string]](t)(backends.NewValueStateOr(in, "typed", backends.StringCodec(), "absent"))
	if got, ok, err := typed.Get(); got != "absent" || !ok || err != nil {
		t.Errorf("typed default: %q, %v, %v", got, ok, err)
	}
}

// Neither a listing nor a snapshot knows of a default.
func defaultsUnlisted(t *testing.T, world func() *World) {
	w := world()
	in := w.Open(t, 0, 1)
	v, _ := boxesOr(t, in, 5)
	in.Use(1)
	must2[any](t)(v.Get())
	must(t, v.Update(&Box{N: 6}))
	must(t, v.Update(nil))
	if got := must2[any](t)(v.Get()).(*Box); got.N != 5 {
		t.Errorf("after Update(nil) %d, want the default", got.N)
	}
	if lines, keys := in.Dump(), in.listed(t, "or", backends.VoidNamespace); lines != nil || keys != nil {
		t.Errorf("there are entries %v and keys %v", lines, keys)
	}
	back := w.Open(t, 0, 1, w.Write(t, in.Take(1)))
	if got := back.Read("or", 1); got != -1 {
		t.Errorf("a job without the default reads %d", got)
	}
}
