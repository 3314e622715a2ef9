package backendtest

import (
	"fmt"
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// restoreClauses are about what comes back.
var restoreClauses = []clause{
	{"RestoreMatchesStatesByNameNotById", restoreNames},
	{"RestoreKeepsOnlyOwnedKeyGroups", restoreOwned},
	{"UnregisteredStatesAreCarriedOn", restoreUnregistered},
	{"RegistrationLeavesOpenSnapshotsAlone", restoreRegistration},
	{"ManyKeyGroupsRescale", restoreManyGroups},
	{"ImpossibleRestoresAreRefused", restoreRefused},
	{"ImpossibleParamsAreRefused", refusedParams},
}

// States get ids in the order in which a subtask registers them. Two subtasks
// that differ in that restore into one.
func restoreNames(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		var handles []backends.KeyedHandle
		var keys []int64
		for i, names := range [][]string{{"a", "b", "c"}, {"d", "c", "b"}} {
			in := w.Open(t, i, 2)
			for _, name := range names {
				for _, k := range in.OwnKeys(3) {
					in.Put(name, k, k*10+int64(name[0]))
				}
			}
			keys = append(keys, in.OwnKeys(3)...)
			handles = append(handles, w.Write(t, in.take(1, o)))
		}
		in := w.Open(t, 0, 1, handles...)
		for i, k := range keys {
			for _, name := range []string{"a", "b", "c", "d"} {
				want := k*10 + int64(name[0])
				if (name == "a" && i >= 3) || (name == "d" && i < 3) {
					want = -1
				}
				if got := in.Read(name, k); got != want {
					t.Errorf("%s of key %d: %d, want %d", name, k, got, want)
				}
			}
		}
	})
}

func restoreOwned(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(40)
		want := in.Dump()
		handles := []backends.KeyedHandle{w.Write(t, in.take(1, o))}
		given := fmt.Sprintf("%+v", handles)
		var got []string
		for i := range 3 {
			part := w.Open(t, i, 3, handles...)
			// What is hidden must stay so when it is written again.
			again := w.Open(t, 0, 1, w.Write(t, part.take(2, o)))
			same(t, part.Dump(), again)
			got = append(got, part.Dump()...)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if fmt.Sprintf("%+v", handles) != given {
			t.Error("restore changed the handles")
		}
	})
}

// A job that comes back without a state must not lose it, and must not get it
// as something else.
func restoreUnregistered(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(10)
		want := in.Dump()
		second := w.Open(t, 0, 1, w.Write(t, in.take(1, o)))
		same(t, want, second)
		third := w.Open(t, 0, 1, w.Write(t, second.take(2, o)))
		same(t, want, third)
		_, err := third.List(Boxes("default", backends.ListKind))
		wants(t, "another kind", err, "is value state, not list state")
		_, err = third.Value(backends.Descriptor{Name: "default", Value: backends.Int64Codec().Codec()})
		wants(t, "another codec", err, "codec")
		for _, k := range in.OwnKeys(10) {
			if got := third.Read("default", k); got != k {
				t.Errorf("key %d: got %d", k, got)
			}
			if got := numbers(must2[[]any](t)(third.BoxList("list").Get())); !slices.Equal(got, []int64{k, k + 1, k + 2}) {
				t.Errorf("key %d: list %v", k, got)
			}
		}
		same(t, want, third)
	})
}

// A snapshot is open when a restored state is registered, and changed.
func restoreRegistration(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.Put("v", 1, 11)
		second := w.Open(t, 0, 1, w.Write(t, in.take(1, o)))
		want := second.Dump()
		p := second.take(2, o)
		second.Put("v", 1, 12)
		second.Put("v", 2, 20)
		second.Put("new", 1, 1)
		same(t, want, w.Open(t, 0, 1, w.Write(t, p)))
	})
}

func restoreManyGroups(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		w.Groups = 300
		var handles []backends.KeyedHandle
		var want []string
		for i := range 2 {
			in := w.Open(t, i, 2)
			in.fill(20)
			want = append(want, in.Dump()...)
			handles = append(handles, w.Write(t, in.take(1, o)))
		}
		var got []string
		for i := range 3 {
			got = append(got, w.Open(t, i, 3, handles...).Dump()...)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func restoreRefused(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(10)
		h := w.Write(t, in.take(9, o))
		refused := func(what string, p backends.KeyedParams, words string) {
			t.Helper()
			_, err := w.TryOpen(t, p)
			wants(t, what, err, words)
			wants(t, what, err, "checkpoint 9")
		}
		foreign := h
		foreign.Backend, foreign.Format = "nobody", "nobody/1"
		refused("another's snapshot", w.Params(0, 1, foreign), `"nobody/1"`)
		missing := h
		missing.Stream.Path = "nowhere"
		refused("a missing stream", w.Params(0, 1, missing), "nowhere")
		refused("one key group from two handles", w.Params(0, 1, h, h), "already")
		if o.Full {
			short := h
			short.Offsets = h.Offsets[1:]
			refused("missing offsets", w.Params(0, 1, short), "7 offsets")
			far := h
			far.Offsets = slices.Repeat([]int64{1 << 40}, Groups)
			refused("offsets outside", w.Params(0, 1, far), "1099511627776")
		}
		w.Groups = 4
		refused("another number of key groups", w.Params(0, 1, h), "8 key groups, not 4")
	})
}

func refusedParams(t *testing.T, world func() *World) {
	w := world()
	for _, bad := range []struct {
		what   string
		change func(p *backends.KeyedParams)
	}{
		{"no key groups", func(p *backends.KeyedParams) { p.MaxParallelism = 0 }},
		{"too many key groups", func(p *backends.KeyedParams) { p.MaxParallelism = 1 << 16 }},
		{"a range outside", func(p *backends.KeyedParams) { p.KeyGroups = backends.KeyGroupRange{Start: 6, End: 8} }},
		{"negative key length", func(p *backends.KeyedParams) { p.KeyBytes = -1 }},
	} {
		p := w.Params(0, 1)
		bad.change(&p)
		_, err := w.TryOpen(t, p)
		wants(t, bad.what, err, "op/0")
	}
}
