package heap

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
)

// open registers every state as one that may be queried.
type open struct{ *Backend }

func (b open) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	k, err := b.Backend.OpenKeyed(ctx, p)
	if err != nil {
		return nil, err
	}
	return openKeyed{k.(*instance)}, nil
}

type openKeyed struct{ *instance }

func queryable(d backends.Descriptor) backends.Descriptor {
	d.Queryable = true
	return d
}

func (k openKeyed) Value(d backends.Descriptor) (backends.RawValue, error) {
	return k.instance.Value(queryable(d))
}

func (k openKeyed) List(d backends.Descriptor) (backends.RawList, error) {
	return k.instance.List(queryable(d))
}

func (k openKeyed) Map(d backends.Descriptor) (backends.RawMap, error) {
	return k.instance.Map(queryable(d))
}

func (k openKeyed) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	return k.instance.Reducing(queryable(d))
}

func (k openKeyed) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	return k.instance.Aggregating(queryable(d))
}

// The task notices nothing of the locks and copies. Below them everything is as
// TestContract has it.
func TestContractOfQueryableStates(t *testing.T) {
	tuning := maps.Clone(smallest)
	tuning[backendtest.TuneOperations] = 20_000
	backendtest.Run(t, open{New()}, tuning)
}

func openWorld() *backendtest.World {
	w := newWorld()
	w.Backend = open{New()}
	return w
}

func TestQueryTellsWhatEntriesTell(t *testing.T) {
	in := openWorld().Open(t, 0, 2)
	fillFor(t, in, 6)
	q := in.Keyed.(backends.Queryable)
	var want, got []string
	for group := in.Params.KeyGroups.Start; group <= in.Params.KeyGroups.End; group++ {
		r := backends.KeyGroupRange{Start: group, End: group}
		type place struct{ state, key, namespace string }
		var places []place
		must(t, in.Entries(r, func(e backends.Entry) error {
			if e.State != "queue" {
				want = append(want, fmt.Sprintf("%+v", e))
				places = append(places, place{e.State, e.Key, e.Namespace})
			}
			return nil
		}))
		for _, p := range slices.Compact(places) {
			key, err := backends.DecodeInt64Key(p.key)
			must(t, err)
			found, err := q.Query(p.state, key, p.namespace)
			must(t, err)
			for _, e := range found {
				got = append(got, fmt.Sprintf("%+v", e))
			}
		}
	}
	if len(want) < 50 || !slices.Equal(got, want) {
		t.Errorf("queries tell\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, key := range []int64{in.OwnKeys(1)[0], in.OwnKeys(7)[6]} {
		if found, err := q.Query("value", backends.Int64Key(key), "nobody's"); found != nil || err != nil {
			t.Errorf("nothing is there: %v, %v", found, err)
		}
	}
}

func TestQueriesThatCannotBeAnsweredAreErrors(t *testing.T) {
	w := newWorld()
	in := w.Open(t, 0, 2)
	in.Put("private", in.OwnKeys(1)[0], 1)
	in.Queue("queue")
	own := backends.Int64Key(in.OwnKeys(1)[0])
	again := w.Open(t, 0, 2, w.Write(t, in.Take(1)))
	_, err := in.Value(queryable(backendtest.Boxes("open", backends.ValueKind)))
	must(t, err)
	_, err = in.Value(queryable(backendtest.Boxes("private", backends.ValueKind))) // the first registration counts
	must(t, err)
	foreign := int64(0)
	for in.Params.KeyGroups.Contains(backends.KeyGroup(backends.Int64Key(foreign).Hash, w.Groups)) {
		foreign++
	}
	ask := func(in *backendtest.Instance, state string, key backends.Key, ns, want string) {
		t.Helper()
		found, err := in.Keyed.(backends.Queryable).Query(state, key, ns)
		if found != nil || err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("%q", state)) {
			t.Errorf("%v, %v, want an error with %q", found, err, want)
		}
	}
	ask(in, "nobody's", own, "w", "has not registered")
	ask(again, "private", own, "w", "has not registered")
	ask(in, "private", own, "w", "does not say that it is queryable")
	ask(in, "queue", own, "w", "does not say that it is queryable")
	ask(in, "open", own, "", "neither may be empty")
	ask(in, "open", backends.Key{}, "w", "neither may be empty")
	ask(in, "open", backends.Int64Key(foreign), "w", "not within [0..3]")
	must(t, in.Close())
	ask(in, "open", own, "w", "closed")
}

// What the task was lent, or has written, it may change as it likes: queries see
// what the table has.
func TestQueriesSeeNothingThatTheTaskHasNotWrittenBack(t *testing.T) {
	in := openWorld().Open(t, 0, 1)
	v, l, m := in.Boxes("value"), in.BoxList("list"), in.BoxMap("map")
	r := in.Folding(backendtest.ReducingBoxes("reducing"))
	a := in.Folding(backends.Descriptor{
		Name: "aggregating", Kind: backends.AggregatingKind, Value: backendtest.BoxCodec().Codec(),
		Aggregate: &backends.Aggregate{
			Create: func() any { return box(0) }, Add: first, Merge: first,
			Result: func(v any) any { return v },
		},
	})
	in.Use(1)
	must(t, r.Add(box(1)))
	must(t, a.Add(box(1)))
	one := func(v any, err error) any {
		must(t, err)
		return v
	}
	written := box(5)
	for _, held := range []struct {
		what string
		box  func() any
	}{
		{"value written", func() any { must(t, v.Update(written)); return written }},
		{"value read", func() any { return one(v.Get()) }},
		{"list written", func() any { must(t, l.Update([]any{written})); return written }},
		{"element read", func() any { return one(l.Get()).([]any)[0] }},
		{"user key written", func() any { must(t, m.Put("u", written)); return written }},
		{"user key read", func() any { return one(m.Get("u")) }},
		{"range", func() (b any) {
			must(t, m.Range(func(_ string, v any) bool { b = v; return true }))
			return b
		}},
		{"iterator", func() any { return iterated(t, m).Value() }},
		{"iterator wrote", func() any { must(t, iterated(t, m).SetValue(written)); return written }},
		{"iterator reads again", func() any {
			it := iterated(t, m)
			must(t, it.SetValue(written))
			return it.Value()
		}},
		{"reduced", func() any { return one(r.Get()) }},
		{"result", func() any { return one(a.Get()) }},
	} {
		b := held.box()
		before := asked(t, in)
		b.(*backendtest.Box).N += 100
		if after := asked(t, in); !slices.Equal(before, after) {
			t.Errorf("%s: queries tell %s after a change that was not written, %s before", held.what, after, before)
		}
	}
}

func first(a, _ any) any { return a }

// iterated is an iterator at its first entry.
func iterated(t *testing.T, m backends.RawMap) backends.MapIterator {
	t.Helper()
	it, err := m.Iterator()
	must(t, err)
	if !it.Next() {
		t.Fatalf("no entry: %v", it.Err())
	}
	return it
}

// asked is what queries tell of key 1.
func asked(t *testing.T, in *backendtest.Instance) (told []string) {
	t.Helper()
	for _, state := range []string{"value", "list", "map", "reducing", "aggregating"} {
		found, err := in.Keyed.(backends.Queryable).Query(state, backends.Int64Key(1), backends.VoidNamespace)
		must(t, err)
		told = append(told, fmt.Sprint(found))
	}
	return told
}
