package backendtest

import (
	"slices"
	"strings"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// accessClauses are about keys, namespaces, registration, value and list state.
var accessClauses = []clause{
	{"KeysOfOtherSubtasksAreRefused", refusedKeys},
	{"EmptyNamespacesAreRefused", emptyNamespace},
	{"OneNameIsOneState", oneName},
	{"NamespacesAreApart", namespaces},
	{"ListRefusesNilAndAddsNothing", listNil},
	{"ListKeepsTheOrderOfAdding", listOrder},
	{"KeysAndElementsMayHoldAnyBytes", anyBytes},
	{"ClosedStateFails", closed},
}

// outcome is what an operation returned.
type outcome struct {
	what string
	err  error
}

// wants tells whether an error is there and has some words in it.
func wants(t *testing.T, what string, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: error %v, want one with %q", what, err, words)
	}
}

func refusedKeys(t *testing.T, world func() *World) {
	w := world()
	in := w.Open(t, 0, 2)
	wants(t, "update without a key", in.Boxes("v").Update(&Box{}), "no current key")
	wants(t, "range without a key", in.BoxMap("m").Range(nil), "no current key")
	wants(t, "add without a key", in.BoxList("l").Add(&Box{}), "no current key")
	foreign := w.Open(t, 1, 2).OwnKeys(1)[0]
	wants(t, "foreign key", in.SetCurrentKey(backends.Int64Key(foreign)), "not within [0..3]")
	own := backends.Int64Key(in.OwnKeys(1)[0])
	wants(t, "empty key", in.SetCurrentKey(backends.Key{Hash: own.Hash}), "empty")
	if lines := in.Dump(); lines != nil {
		t.Errorf("there is %v", lines)
	}
}

func emptyNamespace(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	v, l, m := in.Boxes("v"), in.BoxList("l"), in.BoxMap("m")
	in.Use(1)
	v.SetNamespace("")
	l.SetNamespace("")
	m.SetNamespace("")
	_, got := v.Get()
	_, contained := m.Contains("a")
	for _, o := range []outcome{
		{"get", got},
		{"update", v.Update(&Box{})},
		{"clear", v.Clear()},
		{"add", l.Add(&Box{})},
		{"put", m.Put("a", &Box{})},
		{"contains", contained},
		{"range", m.Range(nil)},
		{"clear map", m.Clear()},
	} {
		wants(t, o.what, o.err, "the namespace is empty")
	}
	v.SetNamespace("w")
	must(t, v.Update(&Box{}))
}

func oneName(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.Put("s", 1, 5)
	if got := in.Read("s", 1); got != 5 {
		t.Errorf("the state's other handle reads %d", got)
	}
	_, err := in.Map(Boxes("s", backends.MapKind))
	wants(t, "another kind", err, "is value state, not map state")
	_, err = in.Value(Boxes("t", backends.ListKind))
	wants(t, "another kind in the descriptor", err, "described as list state, not value state")
	_, err = in.Value(backends.Descriptor{Name: "s", Value: backends.StringCodec().Codec()})
	wants(t, "another codec", err, "codec")
	_, err = in.Value(backends.Descriptor{Value: BoxCodec().Codec()})
	wants(t, "no name", err, "no name")
	_, err = in.Value(backends.Descriptor{Name: "x"})
	wants(t, "no codec", err, "no codec")
}

func namespaces(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	v := in.Boxes("v")
	in.Use(1)
	names := []string{backends.VoidNamespace, "w", "w\x00", "w\x00\x00", "\x00\x00", ",", "\xff"}
	for i, ns := range names {
		v.SetNamespace(ns)
		if got, err := v.Get(); got != nil || err != nil {
			t.Errorf("namespace %q begins with %v, %v", ns, got, err)
		}
		must(t, v.Update(&Box{N: int64(i)}))
	}
	for i, ns := range names {
		v.SetNamespace(ns)
		if got, err := v.Get(); err != nil || got.(*Box).N != int64(i) {
			t.Errorf("namespace %q has %v, %v", ns, got, err)
		}
		must(t, v.Update(nil))
	}
	if lines := in.Dump(); lines != nil {
		t.Errorf("after Update(nil) there is %v", lines)
	}
}

func listNil(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	l := in.BoxList("l")
	in.Use(1)
	bad := []any{&Box{N: 1}, nil}
	wants(t, "add", l.Add(nil), "nil cannot be stored")
	wants(t, "add all", l.AddAll(bad), "nil cannot be stored")
	wants(t, "update", l.Update(bad), "nil cannot be stored")
	must(t, l.AddAll(nil))
	if lines := in.Dump(); lines != nil {
		t.Errorf("there is %v", lines)
	}
	must(t, l.Add(&Box{N: 7}))
	wants(t, "add all to a list", l.AddAll(bad), "nil cannot be stored")
	if got := numbers(must2[[]any](t)(l.Get())); !slices.Equal(got, []int64{7}) {
		t.Errorf("the list is %v", got)
	}
}

func listOrder(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	fixed := must2[backends.RawList](t)(in.List(FixedBoxes("fixed", backends.ListKind)))
	for _, l := range []backends.RawList{fixed, in.BoxList("framed")} {
		in.Use(1)
		appendMany(t, l)
	}
	if lines := in.Dump(); lines != nil {
		t.Errorf("there is %v", lines)
	}
}

// appendMany appends to an empty list, and leaves it empty.
func appendMany(t *testing.T, l backends.RawList) {
	t.Helper()
	var want []int64
	for i := range int64(2000) {
		if i%10 == 0 {
			must(t, l.AddAll([]any{&Box{N: i}, &Box{N: -i}}))
			want = append(want, i, -i)
			continue
		}
		must(t, l.Add(&Box{N: i}))
		want = append(want, i)
	}
	for range 2 {
		if got := numbers(must2[[]any](t)(l.Get())); !slices.Equal(got, want) {
			t.Fatalf("read %d elements, want the %d added: %v", len(got), len(want), got)
		}
	}
	must(t, l.Update([]any{&Box{N: 1}}))
	must(t, l.Add(&Box{N: 2}))
	if got := numbers(must2[[]any](t)(l.Get())); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("after an update %v", got)
	}
	must(t, l.Update([]any{}))
	if got, err := l.Get(); got != nil || err != nil {
		t.Errorf("updated to nothing it is %v, %v", got, err)
	}
}

func numbers(boxes []any) (out []int64) {
	for _, b := range boxes {
		out = append(out, b.(*Box).N)
	}
	return out
}

// awkward are strings that a store might confuse: with what ends or joins them,
// or one with another that it begins with.
var awkward = []string{"", "\x00", "\x00\x00", "\x00\xff", "a", "a\x00", "a\x00b", "ab", ",", "a,", "a,b", "\xff", "\xff\xff", "b"}

func anyBytes(t *testing.T, world func() *World) {
	w := world()
	w.KeyBytes = 0
	in := w.Open(t, 0, 1)
	v := must2[backends.ValueState[string]](t)(backends.NewValueState(in, "v", backends.StringCodec()))
	l := must2[backends.ListState[string]](t)(backends.NewListState(in, "l", backends.StringCodec()))
	m := must2[backends.MapState[string, string]](t)(backends.NewMapState(in, "m",
		backends.MapCodec[string, string]{Keys: backends.StringKeys(), Values: backends.StringCodec()}))
	for i, key := range awkward {
		must(t, in.SetCurrentKey(backends.StringKey(key)))
		must(t, v.Update(key))
		must(t, l.AddAll(awkward[i:]))
		must(t, l.Add(key))
		must(t, m.Put(key, key))
	}
	back := w.Open(t, 0, 1, w.Write(t, in.Take(1)))
	if diff := gocmp.Diff(in.Dump(), back.Dump()); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
	for i, key := range awkward {
		must(t, in.SetCurrentKey(backends.StringKey(key)))
		if got, ok, err := v.Get(); got != key || !ok || err != nil {
			t.Errorf("value of %q: %q, %v, %v", key, got, ok, err)
		}
		want := append(slices.Clone(awkward[i:]), key)
		if got, err := l.Get(); !slices.Equal(got, want) || err != nil {
			t.Errorf("list of %q: %q, %v", key, got, err)
		}
		var users []string
		must(t, m.Range(func(user, value string) bool {
			users = append(users, user+"="+value)
			return true
		}))
		if !slices.Equal(users, []string{key + "=" + key}) {
			t.Errorf("map of %q: %q", key, users)
		}
	}
}

func closed(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.Put("v", 1, 1)
	v, l, m := in.Boxes("v"), in.BoxList("l"), in.BoxMap("m")
	open := in.Take(1)
	must(t, in.Close())
	must(t, in.Close())
	_, got := v.Get()
	_, snap := in.Snapshot(1, backends.SnapshotOptions{})
	_, registered := in.Value(Boxes("w", backends.ValueKind))
	_, written := open.Write(background)
	for _, o := range []outcome{
		{"get", got},
		{"snapshot", snap},
		{"register", registered},
		{"set key", in.SetCurrentKey(backends.Int64Key(1))},
		{"entries", in.Entries(in.Params.KeyGroups, nil)},
		{"update", v.Update(&Box{})},
		{"clear", v.Clear()},
		{"add", l.Add(&Box{})},
		{"put", m.Put("a", &Box{})},
		{"range", m.Range(nil)},
		{"write", written},
	} {
		wants(t, o.what+" after Close", o.err, "closed")
	}
	must(t, open.Discard())
	for id := range backends.CheckpointID(2) {
		must(t, in.NotifyComplete(id))
		must(t, in.NotifyAborted(id))
		must(t, in.NotifySubsumed(id))
	}
}
