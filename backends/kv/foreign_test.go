package kv_test

import (
	"errors"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

// foreignIn asks an instance.
func foreignIn(t *testing.T, in *backendtest.Instance) []backends.ForeignGroup {
	t.Helper()
	groups, err := in.Keyed.(backends.Searcher).ForeignGroups()
	must(t, err)
	return groups
}

// middle is the store of the middle one of three subtasks, with state in each of its
// key groups: [3..5] of 8, or [100..199] of 300.
func middle(t *testing.T, r *rig, groups int) *backendtest.Instance {
	t.Helper()
	w := world(r)
	w.Groups = groups
	in := w.Open(t, 1, 3)
	q := timersOf(t, in, "timers")
	for k := range int64(4 * groups) {
		key := backends.Int64Key(k)
		if in.Params.KeyGroups.Contains(backends.KeyGroup(key.Hash, groups)) {
			in.Put("value", k, k)
			_, err := q.Register(-k, "a")
			must(t, err)
		}
	}
	return in
}

func TestKeyGroupsOfOthersInTheStoreAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		groups int
		plant  map[string][]string // by family
		want   []backends.ForeignGroup
	}{
		"none":                      {8, nil, nil},
		"none, of two bytes":        {300, nil, nil},
		"just below":                {8, map[string][]string{"value": {"\x02\xff\xff"}}, []backends.ForeignGroup{{State: "value", Group: 2}}},
		"just beyond":               {8, map[string][]string{"value": {"\x06"}}, []backends.ForeignGroup{{State: "value", Group: 6}}},
		"the first and the last":    {8, map[string][]string{"value": {"\x00", "\x07\xff"}}, []backends.ForeignGroup{{State: "value", Group: 0}, {State: "value", Group: 7}}},
		"that the operator has not": {8, map[string][]string{"value": {"\x80k"}}, []backends.ForeignGroup{{State: "value", Group: 128}}},
		"several, in a queue": {
			8,
			map[string][]string{"timers": {"\x01a", "\x01b", "\x02", "\x07", "\x06"}},
			[]backends.ForeignGroup{{State: "timers", Group: 1}, {State: "timers", Group: 6}},
		},
		"in two states, of two bytes": {
			300,
			map[string][]string{"value": {"\x00\xc8"}, "timers": {"\x00\x63", "\x01\x2b"}},
			[]backends.ForeignGroup{{State: "timers", Group: 99}, {State: "timers", Group: 299}, {State: "value", Group: 200}},
		},
	} {
		r := &rig{}
		in := middle(t, r, c.groups)
		families := r.last().families
		for family, keys := range c.plant {
			for _, key := range keys {
				must(t, families[family].Put([]byte(key), []byte("v")))
			}
		}
		if d := gocmp.Diff(c.want, foreignIn(t, in)); d != "" {
			t.Errorf("%s (- want, + got):\n%s", name, d)
		}
		for family, keys := range c.plant {
			for _, key := range keys {
				must(t, families[family].Delete([]byte(key)))
			}
		}
		if got := foreignIn(t, in); got != nil {
			t.Errorf("%s, deleted again: %v", name, got)
		}
	}
}

// TestSearchForForeignKeyGroupsReadsNoMoreThanTwoKeysOfAState: however many there are.
func TestSearchForForeignKeyGroupsReadsNoMoreThanTwoKeysOfAState(t *testing.T) {
	r := &rig{}
	in := middle(t, r, 8)
	before := r.calls["scan"]
	foreignIn(t, in)
	if n := r.calls["scan"] - before; n != 4 {
		t.Errorf("%d scans of 2 states, want 4", n)
	}
}

func TestStoreThatCannotBeSearchedIsAnError(t *testing.T) {
	r := &rig{}
	in := middle(t, r, 300)
	search := in.Keyed.(backends.Searcher).ForeignGroups
	errScan := errors.New("fake fault")
	r.fail = func(op string) error {
		if op == "scan" {
			return errScan
		}
		return nil
	}
	if _, err := search(); !errors.Is(err, errScan) || !strings.Contains(err.Error(), `op/1 for foreign key groups: state "timers"`) {
		t.Errorf("the store fails: %v", err)
	}
	r.fail = nil
	must(t, r.last().families["value"].Put([]byte{0}, nil))
	if _, err := search(); err == nil || !strings.Contains(err.Error(), "has no key group") {
		t.Errorf("a key of one byte: %v", err)
	}
	must(t, in.Close())
	if _, err := search(); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("closed: %v", err)
	}
}
