package backendtest

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// listingClauses are about the keys that a state has.
var listingClauses = []clause{
	{"KeysListsEachKeyOnceInOrder", keysOnce},
	{"KeysAndNamespacesListsEachPairOnceInOrder", pairsOnce},
	{"KeysStopsWhenToldTo", keysStop},
	{"KeysOfAnEmptyNamespaceAreRefused", keysNowhere},
	{"UnknownStatesAndTimersHaveNoKeys", keysUnknown},
	{"KeysOfStatesThatAreNotRegisteredAreListed", keysRestored},
	{"ApplyToAllKeysVisitsTheKeysOfBefore", applyAll},
}

func keysNowhere(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.fill(3)
	for _, state := range []string{"default", "list", "timers", "never registered"} {
		err := in.Keys(state, "", func(string) bool {
			t.Errorf("%s has a key in an empty namespace", state)
			return false
		})
		wants(t, state, err, "the namespace is empty")
	}
}

// listed returns what Keys lists.
func (in *Instance) listed(t TB, state, ns string) (keys []string) {
	t.Helper()
	must(t, in.Keys(state, ns, func(key string) bool {
		keys = append(keys, key)
		return true
	}))
	return keys
}

// pairs returns what KeysAndNamespaces lists.
func (in *Instance) pairs(t TB, state string) (pairs [][2]string) {
	t.Helper()
	must(t, in.KeysAndNamespaces(state, func(key, ns string) bool {
		pairs = append(pairs, [2]string{key, ns})
		return true
	}))
	return pairs
}

// ordered returns encoded keys in the order of Entries: by group, then by bytes.
func (in *Instance) ordered(keys []int64) []string {
	var all []backends.Key
	for _, k := range keys {
		all = append(all, backends.Int64Key(k))
	}
	slices.SortFunc(all, func(a, b backends.Key) int {
		ga, gb := backends.KeyGroup(a.Hash, in.Params.MaxParallelism), backends.KeyGroup(b.Hash, in.Params.MaxParallelism)
		return cmp.Or(cmp.Compare(ga, gb), strings.Compare(a.Encoded, b.Encoded))
	})
	var out []string
	for _, k := range all {
		out = append(out, k.Encoded)
	}
	return out
}

// keyed are the states of fill that have keys.
var keyed = []string{"aggregating", "default", "fixed", "list", "map", "reducing"}

func keysOnce(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 2)
	in.fill(30)
	want := in.ordered(in.OwnKeys(30))
	in.Use(in.OwnKeys(1)[0])
	for _, state := range keyed {
		if diff := gocmp.Diff(want, in.listed(t, state, backends.VoidNamespace)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", state, diff)
		}
		if got := in.listed(t, state, "none"); got != nil {
			t.Errorf("%s: a namespace without entries has %q", state, got)
		}
	}
	v := in.Boxes("default")
	if got := show(must2[any](t)(v.Get())); got != show(&Box{N: in.OwnKeys(1)[0]}) {
		t.Errorf("after the listing the current key has %s", got)
	}
	must(t, v.Clear())
	if got := in.listed(t, "default", backends.VoidNamespace); len(got) != 29 {
		t.Errorf("one of 30 keys was cleared, %d are listed", len(got))
	}
}

func pairsOnce(t *testing.T, world func() *World) {
	w := world()
	w.KeyBytes = 0
	in := w.Open(t, 0, 1)
	m, v := in.BoxMap("m"), in.Boxes("v")
	spaces := []string{"\x00", "\x00\x00", "w", "w\x00", "w\x00\x00"}
	for _, key := range slices.Backward(awkward) {
		must(t, in.SetCurrentKey(backends.StringKey(key)))
		for _, ns := range slices.Backward(spaces) {
			m.SetNamespace(ns)
			v.SetNamespace(ns)
			letters(t, m, "abc")
			must(t, v.Update(&Box{}))
		}
	}
	for _, state := range []string{"m", "v"} {
		var want [][2]string
		must(t, in.Entries(in.Params.KeyGroups, func(e backends.Entry) error {
			if pair := [2]string{e.Key, e.Namespace}; e.State == state && !slices.Contains(want, pair) {
				want = append(want, pair)
			}
			return nil
		}))
		if len(want) != len(awkward)*len(spaces) {
			t.Fatalf("%d pairs", len(want))
		}
		if diff := gocmp.Diff(want, in.pairs(t, state)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", state, diff)
		}
		for _, ns := range spaces {
			if got := in.listed(t, state, ns); len(got) != len(awkward) {
				t.Errorf("%s has %d keys in namespace %q", state, len(got), ns)
			}
		}
	}
}

func keysStop(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.fill(5)
	for _, state := range keyed {
		keys, pairs := 0, 0
		must(t, in.Keys(state, backends.VoidNamespace, func(string) bool {
			keys++
			return keys < 2
		}))
		must(t, in.KeysAndNamespaces(state, func(string, string) bool {
			pairs++
			return pairs < 3
		}))
		if keys != 2 || pairs != 3 {
			t.Errorf("%s: stopped after %d keys and %d pairs", state, keys, pairs)
		}
	}
}

func keysUnknown(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.fill(5)
	for _, state := range []string{"unknown", "defaul", "default'", "timers"} {
		if keys, pairs := in.listed(t, state, backends.VoidNamespace), in.pairs(t, state); keys != nil || pairs != nil {
			t.Errorf("%s has keys %q and pairs %q", state, keys, pairs)
		}
	}
	must(t, in.Close())
	wants(t, "closed", in.Keys("list", backends.VoidNamespace, nil), "closed")
	wants(t, "closed", in.KeysAndNamespaces("list", nil), "closed")
}

func keysRestored(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(20)
		back := w.Open(t, 0, 2, w.Write(t, in.take(1, o)))
		want := slices.DeleteFunc(in.OwnKeys(20), func(k int64) bool {
			return !back.Params.KeyGroups.Contains(backends.KeyGroup(backends.Int64Key(k).Hash, Groups))
		})
		for _, state := range keyed {
			if diff := gocmp.Diff(back.ordered(want), back.listed(t, state, backends.VoidNamespace)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", state, diff)
			}
			if got := len(back.pairs(t, state)); got != len(want) {
				t.Errorf("%s: %d pairs", state, got)
			}
		}
	})
}

// A key may clear what it has and add it again, and change that of others.
func applyAll(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	in.fill(12)
	l := in.BoxList("list")
	keys := in.ordered(in.OwnKeys(12))
	var visited []string
	all := backends.Listed{State: "list", Namespace: backends.VoidNamespace, Key: backends.DecodeInt64Key}
	visit := func(k backends.Key) error {
		if got := numbers(must2[[]any](t)(l.Get())); len(got) == 0 && len(visited) != 1 {
			t.Errorf("key %x has nothing", k.Encoded)
		}
		must(t, l.Clear())
		if visited = append(visited, k.Encoded); len(visited)%3 != 0 {
			must(t, l.Add(&Box{N: int64(len(visited))}))
		}
		if len(visited) == 1 { // one that is still to come, and a new one
			next := must2[backends.Key](t)(backends.DecodeInt64Key(keys[1]))
			for _, other := range []backends.Key{next, backends.Int64Key(1000)} {
				must(t, in.SetCurrentKey(other))
				must(t, l.Clear())
			}
			must(t, l.Add(&Box{N: 1}))
		}
		return nil
	}
	must(t, backends.ApplyToAllKeys(in, all, visit))
	if diff := gocmp.Diff(keys, visited); diff != "" {
		t.Errorf("visited (-want +got):\n%s", diff)
	}
	must(t, l.Add(&Box{N: 77}))
	must(t, in.SetCurrentKey(must2[backends.Key](t)(backends.DecodeInt64Key(keys[11]))))
	if got := numbers(must2[[]any](t)(l.Get())); !slices.Equal(got, []int64{77}) {
		t.Errorf("the last key visited has %v: it was not current", got)
	}
	visited = nil
	wants(t, "an error", backends.ApplyToAllKeys(in, all, func(k backends.Key) error {
		visited = append(visited, k.Encoded)
		return errTest
	}), errTest.Error())
	if len(visited) != 1 {
		t.Errorf("%d keys were visited in spite of an error", len(visited))
	}
	if got := len(in.listed(t, "list", backends.VoidNamespace)); got != 10 {
		t.Errorf("%d keys are left: of 12 each third was cleared, the last filled again, and one is new", got)
	}
}
