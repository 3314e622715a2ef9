package backendtest

import (
	"slices"
	"testing"

	"flinch/backends"
)

// mapClauses are about map state.
var mapClauses = []clause{
	{"MapWithoutUserKeysIsGone", mapGone},
	{"MapClearRemovesAllUserKeysOfOneKey", mapClear},
	{"RangeGoesInOrderUntilItIsStopped", rangeOrder},
	{"RangeNoticesChangesOfTheMap", rangeChanged},
	{"RangeAllowsAllElse", rangeElse},
}

func mapGone(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	wants(t, "nil value", m.Put("a", nil), "nil cannot be stored")
	wants(t, "empty user key", m.Put("", &Box{}), "user key is empty")
	must(t, m.Remove("a"))
	must(t, m.Remove(""))
	must(t, m.Put("a", &Box{N: 1}))
	must(t, m.Put("b", &Box{N: 2}))
	if got, err := m.Get("b"); err != nil || got.(*Box).N != 2 {
		t.Errorf("b: %v, %v", got, err)
	}
	must(t, m.Remove("a"))
	if got, err := m.Get("a"); got != nil || err != nil {
		t.Errorf("removed: %v, %v", got, err)
	}
	if empty, err := m.IsEmpty(); empty || err != nil {
		t.Errorf("one user key is left: %v, %v", empty, err)
	}
	must(t, m.Remove("b"))
	if empty, err := m.IsEmpty(); !empty || err != nil {
		t.Errorf("no user key is left: %v, %v", empty, err)
	}
	if lines := in.Dump(); lines != nil {
		t.Errorf("there is %v", lines)
	}
}

// letters puts user keys into a map.
func letters(t *testing.T, m backends.RawMap, keys string) {
	t.Helper()
	for _, k := range keys {
		must(t, m.Put(string(k), &Box{N: int64(k)}))
	}
}

// ranged returns the user keys of a map in the order of Range.
func ranged(t *testing.T, m backends.RawMap) (keys string) {
	t.Helper()
	must(t, m.Range(func(k string, v any) bool {
		if r := []rune(k); len(r) != 1 || v.(*Box).N != int64(r[0]) {
			t.Errorf("user key %q has %v", k, v)
		}
		keys += k
		return true
	}))
	return keys
}

func mapClear(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	letters(t, m, "edcba")
	m.SetNamespace("w")
	letters(t, m, "xyz")
	must(t, m.Clear())
	if got := ranged(t, m); got != "" {
		t.Errorf("the cleared namespace has %q", got)
	}
	m.SetNamespace(backends.VoidNamespace)
	if got := ranged(t, m); got != "abcde" {
		t.Errorf("the other namespace has %q", got)
	}
	in.Use(2)
	letters(t, m, "q")
	in.Use(1)
	must(t, m.Clear())
	must(t, m.Clear())
	in.Use(2)
	if got := ranged(t, m); got != "q" || len(in.Dump()) != 1 {
		t.Errorf("the other key has %q, all entries are %v", got, in.Dump())
	}
}

func rangeOrder(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	keys := slices.DeleteFunc(slices.Clone(awkward), func(s string) bool { return s == "" })
	for i, k := range slices.Backward(keys) {
		must(t, m.Put(k, &Box{N: int64(i)}))
	}
	slices.Sort(keys)
	for stop := 1; stop <= len(keys)+1; stop++ {
		var got []string
		must(t, m.Range(func(k string, _ any) bool {
			got = append(got, k)
			return len(got) < stop
		}))
		if want := keys[:min(stop, len(keys))]; !slices.Equal(got, want) {
			t.Errorf("stopped at %d: %q, want %q", stop, got, want)
		}
	}
}

func rangeChanged(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	for _, change := range []struct {
		what string
		do   func() error
	}{
		{"a new user key", func() error { return m.Put("x", &Box{}) }},
		{"a put", func() error { return m.Put("b", &Box{}) }},
		{"a removal", func() error { return m.Remove("c") }},
		{"a clear", m.Clear},
	} {
		must(t, m.Clear())
		letters(t, m, "abcdefg")
		calls := 0
		err := m.Range(func(string, any) bool {
			calls++
			if calls == 3 {
				must(t, change.do())
			}
			return true
		})
		wants(t, change.what, err, "changed while it was ranged over")
		if calls != 3 {
			t.Errorf("%s: noticed after %d calls", change.what, calls)
		}
	}
}

// The map itself may be read, and everything else may be changed.
func rangeElse(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	m, other, v := in.BoxMap("m"), in.BoxMap("other"), in.Boxes("v")
	in.Use(1)
	letters(t, m, "abcde")
	pairs := 0
	must(t, m.Range(func(k string, _ any) bool {
		must(t, other.Put(k, &Box{N: int64(k[0])}))
		must(t, v.Update(&Box{N: int64(k[0])}))
		must(t, m.Remove("none"))
		m.SetNamespace("w")
		must(t, m.Put(k, &Box{N: int64(k[0])}))
		m.SetNamespace(backends.VoidNamespace)
		if got, err := m.Get("c"); err != nil || got.(*Box).N != 'c' {
			t.Errorf("read meanwhile: %v, %v", got, err)
		}
		pairs += len(ranged(t, m))
		return true
	}))
	if pairs != 25 {
		t.Errorf("two ranges at once met %d pairs of user keys, want 25", pairs)
	}
	m.SetNamespace("w")
	if got := ranged(t, m) + ranged(t, other); got != "abcdeabcde" {
		t.Errorf("the maps filled meanwhile have %q", got)
	}
}
