package kv_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

// Every size of page meets each removal and change in every place of it.
func TestIteratorsChangeMapsAcrossPages(t *testing.T) {
	for page := int64(1); page <= 4; page++ {
		for n := range 8 {
			for doing := range 1 << n { // one bit for each user key: remove it
				w := world(&rig{})
				w.Tuning = map[string]int64{"kv.page_entries": page}
				in := w.Open(t, 0, 1)
				m := in.BoxMap("m")
				in.Use(1)
				for i := range n {
					must(t, m.Put(fmt.Sprint(i), &backendtest.Box{N: int64(i)}))
				}
				it, err := m.Iterator()
				must(t, err)
				in.Use(2)
				m.SetNamespace("other")
				want := map[string]int64{}
				for i := 0; it.Next(); i++ {
					if it.Key() != fmt.Sprint(i) || it.Value().(*backendtest.Box).N != int64(i) {
						t.Fatalf("pages of %d: user key %q is number %d", page, it.Key(), i)
					}
					if doing>>i&1 == 1 {
						must(t, it.Remove())
						continue
					}
					want[it.Key()] = int64(i) + 100
					must(t, it.SetValue(&backendtest.Box{N: int64(i) + 100}))
				}
				must(t, it.Err())
				in.Use(1)
				m.SetNamespace(backends.VoidNamespace)
				got := map[string]int64{}
				must(t, m.Range(func(key string, v any) bool {
					got[key] = v.(*backendtest.Box).N
					return true
				}))
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Fatalf("pages of %d, removed %b of %d (-want +got):\n%s", page, doing, n, diff)
				}
			}
		}
	}
}

func TestIteratorsAreChangedByNobodyElse(t *testing.T) {
	in := world(&rig{}).Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	for _, user := range []string{"a", "b"} {
		must(t, m.Put(user, &backendtest.Box{}))
	}
	for what, change := range map[string]func(other backends.MapIterator) error{
		"remove": func(o backends.MapIterator) error { return o.Remove() },
		"set":    func(o backends.MapIterator) error { return o.SetValue(&backendtest.Box{}) },
		"put":    func(backends.MapIterator) error { return m.Put("a", &backendtest.Box{}) },
	} {
		it, err := m.Iterator()
		must(t, err)
		other, err := m.Iterator()
		must(t, err)
		if !it.Next() || !other.Next() {
			t.Fatalf("%s: the map is empty", what)
		}
		must(t, change(other))
		const words = "changed while it was ranged over"
		if err := it.Remove(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: remove: %v", what, err)
		}
		if it.Next() || it.Err() == nil || !strings.Contains(it.Err().Error(), words) {
			t.Errorf("%s: next: %v", what, it.Err())
		}
		if others := what == "put"; other.Next() == others {
			t.Errorf("%s: the iterator that made the change ends with %v", what, other.Err())
		}
		other.Close()
		must(t, m.Put("a", &backendtest.Box{}))
	}
	// A refused change is none.
	it, err := m.Iterator()
	must(t, err)
	other, err := m.Iterator()
	must(t, err)
	it.Next()
	if it.SetValue(nil) == nil || it.SetValue("text") == nil {
		t.Error("nil and a string were stored in a map of boxes")
	}
	if !other.Next() || !it.Next() {
		t.Errorf("iterators end after refused changes: %v, %v", other.Err(), it.Err())
	}
}

func TestIteratorsEndWithTheErrorOfTheEngine(t *testing.T) {
	broken := errors.New("disk on fire")
	r := &rig{}
	in := world(r).Open(t, 0, 1)
	m := in.BoxMap("m")
	in.Use(1)
	for i := range 9 {
		must(t, m.Put(fmt.Sprint(i), &backendtest.Box{}))
	}
	for op, call := range map[string]func(backends.MapIterator) error{
		"scan": func(it backends.MapIterator) error {
			for it.Next() {
			}
			return it.Err()
		},
		"delete": backends.MapIterator.Remove,
		"put":    func(it backends.MapIterator) error { return it.SetValue(&backendtest.Box{}) },
	} {
		it, err := m.Iterator()
		must(t, err)
		it.Next()
		r.fail = func(got string) error {
			if got == op {
				return broken
			}
			return nil
		}
		err = call(it)
		r.fail = nil
		if !errors.Is(err, broken) || !errors.Is(it.Err(), broken) || it.Next() || it.Key() != "" || it.Value() != nil {
			t.Errorf("%s: %v, then %v at %q", op, err, it.Err(), it.Key())
		}
		it.Close()
	}
	it, err := m.Iterator()
	must(t, err)
	it.Next()
	must(t, in.Close())
	if err := it.Remove(); err == nil || it.Next() || it.Err() == nil || !strings.Contains(it.Err().Error(), "closed") {
		t.Errorf("after Close: %v, %v", err, it.Err())
	}
}

// A listing passes over the user keys of a map by a few seeks.
func TestListingsSeekOverLargeMaps(t *testing.T) {
	r := &rig{}
	w := world(r)
	in := w.Open(t, 0, 1)
	m := in.BoxMap("m")
	var want, pairs []string
	for key := range int64(6) {
		in.Use(key)
		for _, ns := range []string{"a", "b", "c"} {
			if key%3 == 0 && ns == "b" {
				continue
			}
			m.SetNamespace(ns)
			for i := range 17 * key { // few and many
				must(t, m.Put(fmt.Sprint(i), &backendtest.Box{}))
			}
		}
	}
	must(t, in.Entries(in.Params.KeyGroups, func(e backends.Entry) error {
		if e.Namespace == "b" && !slices.Contains(want, e.Key) {
			want = append(want, e.Key)
		}
		if pair := e.Key + e.Namespace; !slices.Contains(pairs, pair) {
			pairs = append(pairs, pair)
		}
		return nil
	}))
	var got, gotPairs []string
	must(t, in.Keyed.Keys("m", "b", func(key string) bool {
		got = append(got, key)
		return true
	}))
	must(t, in.KeysAndNamespaces("m", func(key, ns string) bool {
		gotPairs = append(gotPairs, key+ns)
		return true
	}))
	if diff := gocmp.Diff(want, got) + gocmp.Diff(pairs, gotPairs); diff != "" || len(want) != 4 {
		t.Errorf("keys, then pairs (-want +got):\n%s", diff)
	}
	if w.Counters["listing_seeks"] < 20 || r.calls["scan"] > 60 {
		t.Errorf("counted %v, calls %v", w.Counters, r.calls)
	}
	if in.Keyed.Keys("m", "", nil) == nil {
		t.Error("the empty namespace was not refused")
	}
}
