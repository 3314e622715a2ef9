package backendtest

import (
	"slices"
	"testing"

	"flinch/backends"
)

// mergeClauses are about the merging of namespaces.
var mergeClauses = []clause{
	{"MergeFoldsTheSourcesInOrderIntoTheTarget", mergeOrder},
	{"MergeLeavesTheTargetIfThereIsNothing", mergeNothing},
	{"MergeRefusesEmptyNamespacesAndChangesNothing", mergeRefused},
	{"MergeWhoseFunctionReturnsNilChangesNothing", mergeFoldedToNil},
	{"MergeIsOfTheCurrentKeyAndKeepsTheNamespace", mergeCurrent},
	{"MergeLeavesOpenSnapshotsAlone", mergeSnapshot},
}

// eachFolder runs a check for every kind of state that merges.
func eachFolder(t *testing.T, check func(t *testing.T, f folder)) {
	for _, f := range folders() {
		piece(t, f.kind, func(t *testing.T) { check(t, f) })
	}
}

// held is what a namespace must hold: the numbers of a list, or the one number of
// what is folded.
type held map[string][]int64

func (h held) put(f folder, ns string, n int64) {
	switch {
	case f.merge == nil:
		h[ns] = append(h[ns], n)
	case len(h[ns]) == 0:
		h[ns] = []int64{f.first(n)}
	default:
		h[ns] = []int64{f.add(h[ns][0], n)}
	}
}

func (h held) merge(f folder, target string, sources []string) {
	var taken []int64
	for _, ns := range sources {
		taken = f.both(taken, h[ns])
		delete(h, ns)
	}
	if len(taken) > 0 {
		h[target] = f.both(h[target], taken)
	}
}

// both makes one of what two namespaces hold, the older first.
func (f folder) both(a, b []int64) []int64 {
	if f.merge == nil || len(a) == 0 || len(b) == 0 {
		return slices.Concat(a, b)
	}
	return []int64{f.merge(a[0], b[0])}
}

// show prints it as the state would answer.
func (h held) show(f folder, ns string) string {
	if f.kind != "list" && f.kind != "reducing" && len(h[ns]) > 0 {
		return resultOf(h[ns][0])
	}
	return showNumbers(h[ns])
}

var windows = []string{"a", "b", "c", "d", "e"}

// prepare puts numbers into some of the windows of the current key: none into e.
func (h held) prepare(t TB, f folder, s namespaced) {
	t.Helper()
	for i, ns := range windows[:4] {
		for n := range int64(i + 1) {
			s.put(t, ns, 10*int64(i)+n+1)
			h.put(f, ns, 10*int64(i)+n+1)
		}
	}
}

func (h held) compare(t *testing.T, f folder, s namespaced) {
	t.Helper()
	for _, ns := range windows {
		s.set(ns)
		if got, want := s.show(t), h.show(f, ns); got != want {
			t.Errorf("namespace %s: %s, want %s", ns, got, want)
		}
	}
}

func mergeOrder(t *testing.T, world func() *World) {
	eachFolder(t, func(t *testing.T, f folder) {
		for _, m := range []struct {
			what, target string
			sources      []string
		}{
			{"one source", "a", []string{"b"}},
			{"in order", "a", []string{"b", "c", "d"}},
			{"in the other order", "a", []string{"d", "c", "b"}},
			{"into nothing", "e", []string{"c", "a"}},
			{"absent sources", "b", []string{"e", "a", "none", "d"}},
			{"target among the sources", "b", []string{"a", "b", "c"}},
			{"target is the only source", "c", []string{"c"}},
			{"a source twice", "a", []string{"c", "b", "c"}},
		} {
			piece(t, m.what, func(t *testing.T) {
				in := world().Open(t, 0, 1)
				s, want := f.open(in), held{}
				in.Use(1)
				want.prepare(t, f, s)
				given := slices.Clone(m.sources)
				must(t, s.merge(m.target, m.sources...))
				want.merge(f, m.target, m.sources)
				want.compare(t, f, s)
				if !slices.Equal(given, m.sources) {
					t.Errorf("the caller's sources are %q now", m.sources)
				}
				// What was merged is like any other: it goes on, and none has a trace.
				s.put(t, m.target, 99)
				want.put(f, m.target, 99)
				want.compare(t, f, s)
				listed := 0
				must(t, in.KeysAndNamespaces("merged", func(string, string) bool {
					listed++
					return true
				}))
				if listed != len(want) {
					t.Errorf("%d namespaces are left, want %d", listed, len(want))
				}
			})
		}
	})
}

func mergeNothing(t *testing.T, world func() *World) {
	eachFolder(t, func(t *testing.T, f folder) {
		in := world().Open(t, 0, 1)
		s, want := f.open(in), held{}
		in.Use(1)
		want.prepare(t, f, s)
		before := in.Dump()
		must(t, s.merge("a"))
		must(t, s.merge("a", "e"))
		must(t, s.merge("e", "none", "e"))
		same(t, before, in)
	})
}

func mergeRefused(t *testing.T, world func() *World) {
	eachFolder(t, func(t *testing.T, f folder) {
		w := world()
		in := w.Open(t, 0, 1)
		s, want := f.open(in), held{}
		wants(t, "no key", s.merge("a", "b"), "no current key")
		in.Use(1)
		want.prepare(t, f, s)
		before := in.Dump()
		wants(t, "empty target", s.merge("", "a"), "the namespace is empty")
		wants(t, "empty source", s.merge("a", "b", "", "c"), "the namespace is empty")
		wants(t, "empty source at the end", s.merge("a", "b", "c", ""), "the namespace is empty")
		same(t, before, in)
		must(t, in.Close())
		wants(t, "closed", s.merge("a", "b"), "closed")
	})
}

// Functions that give up on a number, wherever it is in the order of folding, leave
// what is folded already in its place. They change nothing themselves.
func mergeFoldedToNil(t *testing.T, world func() *World) {
	const bad = 13
	both := func(a, b int64) any {
		if a == bad || b == bad {
			return nil
		}
		return reduced(a, b)
	}
	merge := func(a, b any) any { return both(a.(int64), b.(int64)) }
	reducing := backends.Descriptor{Name: "merged", Kind: backends.ReducingKind, Value: backends.Int64Codec().Codec(), Reduce: merge}
	aggregating := AggregatingNumbers("merged")
	aggregating.Aggregate = &backends.Aggregate{
		Create: func() any { return int64(0) },
		Add:    func(_, v any) any { return v },
		Merge:  merge,
		Result: func(accumulator any) any { return accumulator },
	}
	for _, d := range []backends.Descriptor{reducing, aggregating} {
		for at, ns := range windows[:4] {
			in := world().Open(t, 0, 1)
			s := namespaced{RawMerging: in.Folding(d)}
			in.Use(1)
			for i, other := range windows[:4] {
				n := int64(i)
				if i == at {
					n = bad
				}
				s.put(t, other, n)
			}
			before := in.Dump()
			wants(t, d.Kind.String()+" with "+ns, s.merge("a", "b", "c", "d"), "nil")
			wants(t, d.Kind.String()+" into nothing", s.merge("e", "a", "b", "c", "d", "b"), "nil")
			wants(t, d.Kind.String()+" into one of them", s.merge("b", "a", "b", "c", "d"), "nil")
			same(t, before, in)
		}
	}
}

func mergeCurrent(t *testing.T, world func() *World) {
	eachFolder(t, func(t *testing.T, f folder) {
		in := world().Open(t, 0, 1)
		s, one, two := f.open(in), held{}, held{}
		in.Use(2)
		two.prepare(t, f, s)
		in.Use(1)
		one.prepare(t, f, s)
		s.set("d")
		must(t, s.merge("a", "b", "c"))
		one.merge(f, "a", []string{"b", "c"})
		if got, want := s.show(t), one.show(f, "d"); got != want {
			t.Errorf("the namespace was d, with %s; now there is %s", want, got)
		}
		one.compare(t, f, s)
		in.Use(2)
		two.compare(t, f, s)
	})
}

func mergeSnapshot(t *testing.T, world func() *World) {
	eachFolder(t, func(t *testing.T, f folder) {
		eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
			w := world()
			in := w.Open(t, 0, 1)
			s := f.open(in)
			keys := in.OwnKeys(6)
			for _, k := range keys {
				in.Use(k)
				held{}.prepare(t, f, s)
			}
			before := in.Dump()
			p := in.take(1, o)
			in.Use(keys[0])
			must(t, s.merge("a", "b", "c"))
			next := 1
			w.at(func() {
				in.Use(keys[next%len(keys)])
				must(t, s.merge(windows[next%5], windows[(next+1)%5], windows[(next+2)%5], windows[next%5]))
				next++
			})
			h := w.Write(t, p)
			w.at(nil)
			same(t, before, w.Open(t, 0, 1, h))
			now := in.Dump()
			same(t, now, w.Open(t, 0, 1, w.Write(t, in.take(2, o))))
		})
	})
}
