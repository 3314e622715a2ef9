package backendtest

import (
	"strconv"

	"flinch/backends"
)

// What the tests' functions make of two numbers is neither commutative nor
// associative: it tells every order of folding from every other. The numbers stay
// small, so that they differ early.
const foldModulus = 9973

func reduced(a, b int64) int64 { return (7*a + 3*b + 1) % foldModulus }

func accumulated(a, v int64) int64 { return (5*a + v + 2) % foldModulus }

func mergedTogether(a, b int64) int64 { return (11*a + 2*b + 3) % foldModulus }

// created is what an accumulator begins with.
const created = 17

func resultOf(a int64) string { return "result " + strconv.FormatInt(a, 10) }

// ReducingBoxes describes a reducing state of boxes. Its function changes one of
// the two in place: the older, or the younger if that has an odd number.
func ReducingBoxes(name string) backends.Descriptor {
	d := Boxes(name, backends.ReducingKind)
	d.Reduce = func(a, b any) any {
		older, younger := a.(*Box), b.(*Box)
		if n := reduced(older.N, younger.N); younger.N%2 == 0 {
			older.N, younger.N = n, -1
			return older
		} else {
			older.N, younger.N = -1, n
			return younger
		}
	}
	return d
}

// AggregatingBoxes describes an aggregating state of numbers whose accumulator is
// a box, changed in place. Its results are strings.
func AggregatingBoxes(name string) backends.Descriptor {
	d := Boxes(name, backends.AggregatingKind)
	d.Aggregate = &backends.Aggregate{
		Create: func() any { return &Box{N: created} },
		Add: func(accumulator, v any) any {
			box := accumulator.(*Box)
			box.N = accumulated(box.N, v.(int64))
			return box
		},
		Merge: func(a, b any) any {
			older, younger := a.(*Box), b.(*Box)
			older.N, younger.N = mergedTogether(older.N, younger.N), -1
			return older
		},
		Result: func(accumulator any) any { return resultOf(accumulator.(*Box).N) },
	}
	return d
}

// AggregatingNumbers describes the same for an accumulator that is a number, which
// cannot be changed.
func AggregatingNumbers(name string) backends.Descriptor {
	return backends.Descriptor{
		Name: name, Kind: backends.AggregatingKind, Value: backends.Int64Codec().Codec(),
		Aggregate: &backends.Aggregate{
			Create: func() any { return int64(created) },
			Add:    func(accumulator, v any) any { return accumulated(accumulator.(int64), v.(int64)) },
			Merge:  func(a, b any) any { return mergedTogether(a.(int64), b.(int64)) },
			Result: func(accumulator any) any { return resultOf(accumulator.(int64)) },
		},
	}
}

// folder is a kind of state into which numbers are folded, and the rule of it on
// plain numbers. Lists keep theirs.
type folder struct {
	kind  string
	open  func(in *Instance) namespaced
	first func(n int64) int64 // what the first number becomes
	add   func(held, n int64) int64
	merge func(a, b int64) int64 // nil: a list
}

// namespaced is a state that merges namespaces, as tests use it.
type namespaced struct {
	backends.RawMerging
	list backends.RawList
	box  bool // it takes boxes, else numbers
}

func (s namespaced) put(t TB, ns string, n int64) {
	t.Helper()
	switch s.set(ns); {
	case s.list != nil:
		must(t, s.list.Add(&Box{N: n}))
	case s.box:
		must(t, s.Add(&Box{N: n}))
	default:
		must(t, s.Add(n))
	}
}

func (s namespaced) set(ns string) {
	if s.list != nil {
		s.list.SetNamespace(ns)
		return
	}
	s.SetNamespace(ns)
}

// merge is MergeNamespaces of whichever state it is.
func (s namespaced) merge(target string, sources ...string) error {
	if s.list != nil {
		return s.list.MergeNamespaces(target, sources)
	}
	return s.MergeNamespaces(target, sources)
}

// show reads the current namespace.
func (s namespaced) show(t TB) string {
	t.Helper()
	if s.list != nil {
		return showNumbers(numbers(must2[[]any](t)(s.list.Get())))
	}
	return show(must2[any](t)(s.Get()))
}

// folders are the kinds that merge namespaces.
func folders() []folder {
	merging := func(d backends.Descriptor, box bool) func(in *Instance) namespaced {
		return func(in *Instance) namespaced { return namespaced{RawMerging: in.Folding(d), box: box} }
	}
	begin := func(n int64) int64 { return accumulated(created, n) }
	same := func(n int64) int64 { return n }
	return []folder{
		{kind: "list", open: func(in *Instance) namespaced { return namespaced{list: in.BoxList("merged")} }},
		{"reducing", merging(ReducingBoxes("merged"), true), same, reduced, reduced},
		{"aggregating", merging(AggregatingBoxes("merged"), false), begin, accumulated, mergedTogether},
		{"aggregating immutables", merging(AggregatingNumbers("merged"), false), begin, accumulated, mergedTogether},
	}
}
