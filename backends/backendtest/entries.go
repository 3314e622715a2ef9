package backendtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// entriesClauses are about what Entries reports.
var entriesClauses = []clause{
	{"EntriesReportsEveryKindOfStateAsEncoded", entriesEncoded},
	{"EntriesGoesInCanonicalOrder", entriesOrder},
	{"EntriesHasNoSideEffect", entriesEffect},
	{"EntriesStopsAtTheFirstError", entriesStop},
}

// fill puts entries of every kind of state under the first n keys.
func (in *Instance) fill(n int) {
	in.t.Helper()
	in.Boxes("default")
	r, a, q := in.Folding(ReducingBoxes("reducing")), in.Folding(AggregatingBoxes("aggregating")), in.Queue("timers")
	l, m := in.BoxList("list"), in.BoxMap("map")
	fixed := must2[backends.RawList](in.t)(in.List(FixedBoxes("fixed", backends.ListKind)))
	for _, k := range in.OwnKeys(n) {
		in.Put("default", k, k)
		must(in.t, l.AddAll([]any{&Box{N: k}, &Box{N: k + 1}, &Box{N: k + 2}}))
		must(in.t, fixed.AddAll([]any{&Box{N: k}, &Box{N: k}}))
		for i := range k%5 + 1 {
			must(in.t, m.Put(fmt.Sprint("user", i), &Box{N: k}))
			must2[bool](in.t)(q.Register(i-k, backends.VoidNamespace))
		}
		must(in.t, r.Add(&Box{N: k}))
		must(in.t, a.Add(k))
	}
}

func entriesEncoded(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	v, l, m := in.Boxes("value"), in.BoxList("list"), in.BoxMap("map")
	r, a, q := in.Folding(ReducingBoxes("reducing")), in.Folding(AggregatingBoxes("aggregating")), in.Queue("timers")
	in.Use(1)
	m.SetNamespace("w")
	must(t, r.Add(&Box{N: 9}))
	must(t, a.Add(int64(10)))
	must2[bool](t)(q.Register(-2, "w"))
	must2[bool](t)(q.Register(3, "v"))
	must2[bool](t)(q.Register(1, "w"))
	must(t, v.Update(&Box{N: 5}))
	must(t, l.AddAll([]any{&Box{N: 6}, &Box{N: 7}}))
	must(t, m.Put("u", &Box{N: 8}))
	group := backends.KeyGroup(backends.Int64Key(1).Hash, Groups)
	var want []string
	for _, f := range []string{
		"aggregating %x 00  0 = " + encodedBox(accumulated(created, 10)),
		"list %x 00  0 = " + encodedBox(6), "list %x 00  1 = " + encodedBox(7),
		"map %x 77 75 0 = " + encodedBox(8),
		"reducing %x 00  0 = " + encodedBox(9),
		"timers %x 76 8000000000000003 0 = ",
		"timers %x 77 7ffffffffffffffe 0 = ", "timers %x 77 8000000000000001 0 = ",
		"value %x 00  0 = " + encodedBox(5),
	} {
		want = append(want, fmt.Sprintf("%d ", group)+fmt.Sprintf(f, backends.Int64Key(1).Encoded))
	}
	if diff := gocmp.Diff(want, in.Dump()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func entriesOrder(t *testing.T, world func() *World) {
	w := world()
	w.KeyBytes = 0
	in := w.Open(t, 0, 1)
	m := in.BoxMap("m")
	for _, name := range []string{"z", "default'", "a", "default"} {
		v := in.Boxes(name)
		for _, key := range awkward {
			must(t, in.SetCurrentKey(backends.StringKey(key)))
			for _, ns := range []string{"w\x00", "w", backends.VoidNamespace, "\x00a"} {
				v.SetNamespace(ns)
				m.SetNamespace(ns)
				must(t, v.Update(&Box{}))
				must(t, m.Put("b", &Box{}))
				must(t, m.Put("a\x00", &Box{}))
			}
		}
	}
	var got []backends.Entry
	must(t, in.Entries(in.Params.KeyGroups, func(e backends.Entry) error {
		e.Value = nil
		got = append(got, e)
		return nil
	}))
	if want := len(awkward) * 4 * (4 + 2); len(got) != want {
		t.Errorf("%d entries, want %d", len(got), want)
	}
	if !slices.IsSortedFunc(got, func(a, b backends.Entry) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.State, b.State), strings.Compare(a.Key, b.Key),
			strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.UserKey, b.UserKey))
	}) {
		t.Errorf("not in order: %+v", got)
	}
	some := backends.KeyGroupRange{Start: 2, End: 4}
	want := slices.DeleteFunc(slices.Clone(got), func(e backends.Entry) bool { return !some.Contains(e.Group) })
	var part []backends.Entry
	must(t, in.Entries(some, func(e backends.Entry) error {
		e.Value = nil
		part = append(part, e)
		return nil
	}))
	if diff := gocmp.Diff(want, part); diff != "" {
		t.Errorf("entries of %s (-want +got):\n%s", some, diff)
	}
}

// An auditor may look at any moment, between two calls of the task.
func entriesEffect(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.fill(20)
	v := in.Boxes("default")
	in.Use(3)
	v.SetNamespace("w")
	must(t, v.Update(&Box{N: 4}))
	lent := must2[any](t)(v.Get())
	before := in.Dump()
	if again := in.Dump(); !slices.Equal(before, again) {
		t.Error("two dumps differ")
	}
	lent.(*Box).N = 5
	must(t, v.Update(lent))
	if got, err := v.Get(); err != nil || got.(*Box).N != 5 {
		t.Errorf("key, namespace or value have changed: %v, %v", got, err)
	}
}

func entriesStop(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.fill(5)
	for stop := 1; stop < len(in.Dump()); stop++ {
		calls := 0
		err := in.Entries(in.Params.KeyGroups, func(backends.Entry) error {
			if calls++; calls == stop {
				return errTest
			}
			return nil
		})
		if err != errTest || calls != stop {
			t.Errorf("%v after %d calls, want the error of call %d", err, calls, stop)
		}
	}
}
