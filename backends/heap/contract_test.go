package heap

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
)

func TestKeysOfOtherSubtasksAreRefused(t *testing.T) {
	in := open(t, newStreams(), 0, 2)
	v := value(t, in, "v")
	if err := v.Update(&box{}); err == nil || !strings.Contains(err.Error(), "no current key") {
		t.Errorf("update without a key: %v", err)
	}
	foreign := keysOf(open(t, newStreams(), 1, 2), 1)[0]
	if err := in.SetCurrentKey(backends.Int64Key(foreign)); err == nil || !strings.Contains(err.Error(), "not within [0..3]") {
		t.Errorf("foreign key: %v", err)
	}
	if err := in.SetCurrentKey(backends.Key{Hash: backends.Int64Key(keysOf(in, 1)[0]).Hash}); err == nil {
		t.Error("an empty key was accepted")
	}
}

func TestOneNameIsOneState(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	put(t, in, "s", 1, 5)
	if got := read(t, in, "s", 1); got != 5 {
		t.Errorf("the state's other handle reads %d", got)
	}
	if _, err := in.Map(descriptor("s", backends.MapKind)); err == nil {
		t.Error("a value state was registered as a map")
	}
	if _, err := in.Value(descriptor("t", backends.ListKind)); err == nil {
		t.Error("a list descriptor was accepted for value state")
	}
	if _, err := in.Value(backends.Descriptor{Name: "s", Value: backends.StringCodec().Codec()}); err == nil {
		t.Error("another codec was accepted")
	}
	for _, d := range []backends.Descriptor{{Value: boxCodec().Codec()}, {Name: "x"}} {
		if _, err := in.Value(d); err == nil {
			t.Errorf("the incomplete descriptor %+v was accepted", d)
		}
	}
}

func TestNamespacesAreApart(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	v := value(t, in, "v")
	setKey(t, in, 1)
	must(t, v.Update(&box{n: 1}))
	v.SetNamespace("window")
	if got, err := v.Get(); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	must(t, v.Update(&box{n: 2}))
	v.SetNamespace(backends.VoidNamespace)
	if got := read(t, in, "v", 1); got != 1 {
		t.Errorf("got %d", got)
	}
	must(t, v.Update(nil))
	if lines := dump(t, in); len(lines) != 1 {
		t.Errorf("after Update(nil) there is %v", lines)
	}
}

func TestListRefusesNilAndAddsNothing(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	l, err := in.List(descriptor("l", backends.ListKind))
	must(t, err)
	setKey(t, in, 1)
	bad := []any{&box{n: 1}, nil}
	for name, err := range map[string]error{"add": l.Add(nil), "add all": l.AddAll(bad), "update": l.Update(bad)} {
		if err == nil {
			t.Errorf("%s took nil", name)
		}
	}
	must(t, l.AddAll(nil))
	if lines := dump(t, in); lines != nil {
		t.Errorf("there is %v", lines)
	}
}

func TestMapWithoutUserKeysIsGone(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	m, err := in.Map(descriptor("m", backends.MapKind))
	must(t, err)
	setKey(t, in, 1)
	for name, err := range map[string]error{"nil value": m.Put("a", nil), "empty user key": m.Put("", &box{}), "remove": m.Remove("a")} {
		if (err == nil) != (name == "remove") {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, m.Put("a", &box{n: 1}))
	must(t, m.Remove("a"))
	if empty, err := m.IsEmpty(); !empty || err != nil {
		t.Errorf("%v, %v", empty, err)
	}
	if size := in.byName["m"].tables[in.group].size; size != 0 {
		t.Errorf("%d entries are left", size)
	}
}

// An auditor may look at any moment: the tables, a rehash under way included,
// are the same after it, and lent values stay what they were.
func TestEntriesHasNoSideEffect(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	for k := range int64(60) {
		put(t, in, "v", k, k)
	}
	p := snapshot(t, in, 1)
	before := picture(in)
	if !strings.Contains(before, "rehash") {
		t.Fatal("no table is in a rehash")
	}
	lines := dump(t, in)
	if again := dump(t, in); !slices.Equal(lines, again) {
		t.Error("two dumps differ")
	}
	if after := picture(in); before != after {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	must(t, p.Discard())
}

// picture shows where everything is.
func picture(in *instance) string {
	var b strings.Builder
	for i, table := range in.byName["v"].tables {
		if table == nil {
			continue
		}
		if table.grown != nil {
			fmt.Fprintf(&b, "rehash %d ", table.moved)
		}
		fmt.Fprintf(&b, "%d: %v %v %d %d\n", i, table.buckets, table.grown, table.version, table.size)
		for _, e := range table.entries() {
			fmt.Fprintf(&b, "%x %d %d %p\n", e.key.Encoded, e.entryVersion, e.valueVersion, e.value)
		}
	}
	return b.String()
}

func TestEntriesStopsAtTheFirstError(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	for k := range int64(5) {
		put(t, in, "v", k, k)
	}
	calls := 0
	err := in.Entries(in.params.KeyGroups, func(backends.Entry) error {
		calls++
		return errTest
	})
	if err != errTest || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestClosedStateFails(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	put(t, in, "v", 1, 1)
	v := value(t, in, "v")
	must(t, in.Close())
	must(t, in.Close())
	_, got := v.Get()
	_, snap := in.Snapshot(1, backends.SnapshotOptions{})
	for name, err := range map[string]error{
		"get": got, "snapshot": snap, "set key": in.SetCurrentKey(backends.Int64Key(1)),
		"entries": in.Entries(in.params.KeyGroups, nil), "update": v.Update(&box{}),
	} {
		if err == nil {
			t.Errorf("%s works after Close", name)
		}
	}
}

// Without an open snapshot nothing is copied: the caller's object is the state.
func TestValuesAreLiveWhileNoSnapshotIsOpen(t *testing.T) {
	in := open(t, newStreams(), 0, 1)
	v := value(t, in, "v")
	setKey(t, in, 1)
	given := &box{n: 1}
	must(t, v.Update(given))
	p := snapshot(t, in, 1)
	copied, err := v.Get()
	must(t, err)
	again, err := v.Get()
	must(t, err)
	if copied == any(given) || again != copied {
		t.Errorf("given %p, then %p and %p", given, copied, again)
	}
	must(t, p.Discard())
	if got, _ := v.Get(); !reflect.DeepEqual(got, any(given)) || got != copied {
		t.Errorf("after the snapshot: %p", got)
	}
}
