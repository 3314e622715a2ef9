package kv_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

// Lists are joined as they are stored; where the family merges, the target is
// not even read.
func TestListsOfNamespacesAreJoinedByBytes(t *testing.T) {
	for _, merges := range []bool{false, true} {
		for _, c := range []struct {
			sources []string
			want    string
			reads   int // of the engine that merges
		}{
			{[]string{"a", "none", "b", "a"}, "t,aa,b", 3},
			{[]string{"b", "t", "a"}, "b,t,aa", 3},
			{[]string{"none"}, "t", 1},
			{nil, "t", 0},
			{[]string{"t"}, "t", 1},
		} {
			r := &rig{merges: merges}
			in := world(r).Open(t, 0, 1)
			l, err := backends.NewListState(in, "l", backends.TypedCodec[string]{
				ID:     backends.CodecID{Name: "raw", Version: 1},
				Append: func(dst []byte, s string) ([]byte, error) { return append(dst, s...), nil },
				Decode: func([]byte) (string, error) { return "", errors.New("decoded") },
			})
			must(t, err)
			in.Use(1)
			for _, ns := range []string{"t", "a", "b"} {
				l.SetNamespace(ns)
				must(t, l.Add(ns))
			}
			l.SetNamespace("a")
			must(t, l.Update([]string{"aa"}))
			l.SetNamespace("current")
			r.calls = nil
			must(t, l.MergeNamespaces("t", c.sources))
			if n := r.calls["get"]; merges && n != c.reads {
				t.Errorf("merge %q: %d reads, want %d", c.sources, n, c.reads)
			}
			var got []string
			must(t, in.Entries(in.Params.KeyGroups, func(e backends.Entry) error {
				if e.Namespace == "t" {
					got = append(got, string(e.Value))
				} else if slices.Contains(c.sources, e.Namespace) {
					t.Errorf("merge %q: left is %+v", c.sources, e)
				}
				return nil
			}))
			if diff := gocmp.Diff(c.want, strings.Join(got, ",")); diff != "" {
				t.Errorf("merges %v: merge %q (-want +got):\n%s", merges, c.sources, diff)
			}
			must(t, l.Add("x"))
			if pair := slices.Contains(r.last().Families(), "current"); pair {
				t.Error("the namespace changed")
			}
		}
	}
}

// What cannot be read changes nothing, whatever came before it.
func TestMergesThatFailChangeNothing(t *testing.T) {
	r := &rig{}
	in := world(r).Open(t, 0, 1)
	nothing := false
	s, err := in.Reducing(backends.Descriptor{
		Name: "r", Kind: backends.ReducingKind, Value: backendtest.BoxCodec().Codec(),
		Reduce: func(a, b any) any {
			if nothing {
				return nil
			}
			return &backendtest.Box{N: a.(*backendtest.Box).N*10 + b.(*backendtest.Box).N}
		},
	})
	must(t, err)
	in.Use(1)
	for i, ns := range []string{"t", "a", "b", "c"} {
		s.SetNamespace(ns)
		must(t, s.Add(&backendtest.Box{N: int64(i) + 1}))
	}
	before := in.Dump()
	broken := errors.New("disk on fire")
	gets := 0
	r.fail = func(op string) error {
		if gets++; op == "get" && gets == 3 {
			return broken
		}
		return nil
	}
	if err := s.MergeNamespaces("t", []string{"a", "b", "c"}); !errors.Is(err, broken) {
		t.Errorf("merge: %v", err)
	}
	r.fail = nil
	nothing = true
	for what, err := range map[string]error{
		"nil":   s.MergeNamespaces("t", []string{"a"}),
		"add":   s.Add(&backendtest.Box{}),
		"empty": s.MergeNamespaces("t", []string{"a", "", "b"}),
		"to":    s.MergeNamespaces("", []string{"a"}),
	} {
		if err == nil || !strings.Contains(err.Error(), `"r"`) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if diff := gocmp.Diff(before, in.Dump()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	nothing = false
	must(t, s.MergeNamespaces("t", []string{"c", "a", "b"}))
	s.SetNamespace("t")
	if got, err := s.Get(); err != nil || got.(*backendtest.Box).N != 10+((4*10+2)*10+3) {
		t.Errorf("merged into %v, %v", got, err)
	}
}
