package backendtest

import (
	"slices"
	"testing"

	"flinch/backends"
)

// foldingClauses are about reducing and aggregating state.
var foldingClauses = []clause{
	{"ReducingFoldsTheOlderBeforeTheYounger", reducingFolds},
	{"AggregatingAnswersWithItsResult", aggregatingResult},
	{"FoldingRefusesNilAndChangesNothing", foldingNil},
	{"FoldingInPlaceLeavesOpenSnapshotsAlone", foldingSnapshot},
	{"FunctionsAndDefaultsAreThoseOfTheFirstRegistration", firstRegistration},
	{"FoldingGoesOnAfterARestore", foldingRestored},
	{"StatesWithoutTheirFunctionsAreRefused", foldingIncomplete},
}

func reducingFolds(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	r := in.Folding(ReducingBoxes("r"))
	in.Use(1)
	if got, err := r.Get(); got != nil || err != nil {
		t.Errorf("nothing was added: %v, %v", got, err)
	}
	want := int64(4)
	must(t, r.Add(&Box{N: want}))
	for n := int64(5); n < 40; n++ {
		must(t, r.Add(&Box{N: n}))
		want = reduced(want, n)
		for range 2 {
			if got, err := r.Get(); err != nil || got.(*Box).N != want {
				t.Fatalf("after adding %d it is %v, %v, want %d", n, got, err, want)
			}
		}
	}
	r.SetNamespace("w")
	if got, err := r.Get(); got != nil || err != nil {
		t.Errorf("another namespace has %v, %v", got, err)
	}
	r.SetNamespace(backends.VoidNamespace)
	must(t, r.Clear())
	must(t, r.Clear())
	if got, err := r.Get(); got != nil || err != nil || in.Dump() != nil {
		t.Errorf("cleared it is %v, %v: %v", got, err, in.Dump())
	}
}

func aggregatingResult(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	for _, a := range []backends.RawMerging{in.Folding(AggregatingBoxes("mutable")), in.Folding(AggregatingNumbers("immutable"))} {
		for _, key := range []int64{1, 2} { // each begins with an accumulator of its own
			in.Use(key)
			if got, err := a.Get(); got != nil || err != nil {
				t.Errorf("nothing was added: %v, %v", got, err)
			}
			want := int64(created)
			for n := range int64(30) {
				must(t, a.Add(n))
				want = accumulated(want, n)
				for range 2 {
					if got, err := a.Get(); got != resultOf(want) || err != nil {
						t.Fatalf("after adding %d it is %v, %v, want %s", n, got, err, resultOf(want))
					}
				}
			}
		}
		must(t, a.Clear())
		if got, err := a.Get(); got != nil || err != nil {
			t.Errorf("cleared: %v, %v", got, err)
		}
	}
	if lines := in.Dump(); len(lines) != 2 {
		t.Errorf("of two keys one is left in each state: %v", lines)
	}
}

// In Flink, adding null is undefined: one backend clears, the other hands the null
// to the function.
func foldingNil(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	for _, f := range folders()[1:] {
		s := f.open(in)
		in.Use(1)
		wants(t, f.kind+": add nil to nothing", s.Add(nil), "nil cannot be stored")
		if got := s.show(t); got != "none" || in.Dump() != nil {
			t.Errorf("%s: there is %s, %v", f.kind, got, in.Dump())
		}
		s.put(t, backends.VoidNamespace, 5)
		before := s.show(t)
		wants(t, f.kind+": add nil", s.Add(nil), "nil cannot be stored")
		if got := s.show(t); got != before {
			t.Errorf("%s: it was %s and is %s", f.kind, before, got)
		}
		must(t, s.Clear())
		in = world().Open(t, 0, 1)
	}
}

func foldingSnapshot(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		all := []backends.RawMerging{in.Folding(ReducingBoxes("r")), in.Folding(AggregatingBoxes("a"))}
		add := func(n int64) {
			for _, k := range in.OwnKeys(10) {
				in.Use(k)
				must(t, all[0].Add(&Box{N: n + k}))
				must(t, all[1].Add(n+k))
			}
		}
		add(1)
		want := in.Dump()
		p := in.take(1, o)
		for _, s := range all { // read it, which may hand out what the snapshot holds
			must2[any](t)(s.Get())
		}
		add(2)
		w.at(func() { add(3) })
		h := w.Write(t, p)
		w.at(nil)
		same(t, want, w.Open(t, 0, 1, h))
	})
}

func firstRegistration(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	first := in.Folding(ReducingBoxes("r"))
	other := ReducingBoxes("r")
	other.Reduce = func(_, b any) any { return b }
	second := in.Folding(other)
	in.Use(1)
	must(t, first.Add(&Box{N: 1}))
	must(t, second.Add(&Box{N: 2}))
	if got := show(must2[any](t)(second.Get())); got != showNumbers([]int64{reduced(1, 2)}) {
		t.Errorf("folded by the second registration's function: %s", got)
	}
	d := Boxes("v", backends.ValueKind)
	d.Default = &Box{N: 5}
	must2[backends.RawValue](t)(in.Value(d))
	if got := in.Read("v", 1); got != 5 {
		t.Errorf("the default is %d, want that of the first registration", got)
	}
}

func foldingRestored(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		for range 2 {
			reducing, aggregating := in.Folding(ReducingBoxes("r")), in.Folding(AggregatingBoxes("a"))
			in.Use(1)
			must(t, reducing.Add(&Box{N: 6}))
			must(t, aggregating.Add(int64(6)))
			in = w.Open(t, 0, 1, w.Write(t, in.take(1, o)))
		}
		reducing, aggregating := in.Folding(ReducingBoxes("r")), in.Folding(AggregatingBoxes("a"))
		in.Use(1)
		got := []string{show(must2[any](t)(reducing.Get())), show(must2[any](t)(aggregating.Get()))}
		want := []string{showNumbers([]int64{reduced(6, 6)}), resultOf(accumulated(accumulated(created, 6), 6))}
		if !slices.Equal(got, want) {
			t.Errorf("restored %q, want %q", got, want)
		}
	})
}

func foldingIncomplete(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	_, err := in.Reducing(Boxes("r", backends.ReducingKind))
	wants(t, "no function", err, "Reduce")
	_, err = in.Aggregating(Boxes("a", backends.AggregatingKind))
	wants(t, "no functions", err, "Create, Add, Merge, Result")
	d := AggregatingBoxes("a")
	part := *d.Aggregate
	part.Merge = nil
	d.Aggregate = &part
	_, err = in.Aggregating(d)
	wants(t, "one function is missing", err, "Create, Add, Merge, Result")
	must2[backends.RawMerging](t)(in.Aggregating(AggregatingBoxes("a")))
}
