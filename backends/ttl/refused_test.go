package ttl_test

import (
	"testing"
	"time"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/ttl"
)

// A function that returns nil is refused as it is without a time to live, and what
// was there stays.
func TestNilFromAFunctionIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, b backends.Backend) {
		none := func(_, _ any) any { return nil }
		reducing := backendtest.ReducingBoxes("reducing")
		reducing.Reduce = none
		aggregating := backendtest.AggregatingBoxes("aggregating")
		aggregating.Aggregate.Add, aggregating.Aggregate.Merge = none, none
		w := newWorld(t, b, ttl.Config{})
		sum, err := w.Keyed.Reducing(reducing)
		if err != nil {
			t.Fatal(err)
		}
		mean, err := w.Keyed.Aggregating(aggregating)
		if err != nil {
			t.Fatal(err)
		}
		w.Use(1)
		for _, ns := range []string{"target", "source"} {
			sum.SetNamespace(ns)
			if err := sum.Add(box(1)); err != nil {
				t.Fatal(err)
			}
		}
		if sum.Add(box(2)) == nil || mean.Add(int64(1)) == nil {
			t.Error("nil was taken")
		}
		if got, err := sum.Get(); err != nil || got.(*backendtest.Box).N != 1 {
			t.Errorf("after the refusals there is %v, %v", got, err)
		}
		if got, err := mean.Get(); got != nil || err != nil {
			t.Errorf("after the refusals there is %v, %v", got, err)
		}
		if sum.MergeNamespaces("target", []string{"source"}) == nil {
			t.Error("nil was taken by a merge")
		}
		if _, err := w.Take(1).Write(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// The first registration says what is not part of a snapshot, whichever lifetime it
// goes by.
func TestDefaultIsThatOfTheFirstRegistration(t *testing.T) {
	onEach(t, func(t *testing.T, b backends.Backend) {
		w := newWorld(t, b, ttl.Config{})
		other, err := ttl.With(w.Instance.Keyed, ttl.Config{Lifetime: time.Hour, Now: func() int64 { return w.now }})
		if err != nil {
			t.Fatal(err)
		}
		w.Use(1)
		for _, first := range []*backendtest.Box{nil, box(3)} {
			d := backendtest.Boxes("none", backends.ValueKind)
			want := int64(-1)
			if first != nil {
				d.Name, d.Default, want = "three", first, first.N
			}
			for _, k := range []backends.Keyed{w.Keyed, w.Keyed, other} {
				s, err := k.Value(d)
				if err != nil {
					t.Fatal(err)
				}
				got := int64(-1)
				if v, err := s.Get(); err != nil {
					t.Fatal(err)
				} else if v != nil {
					got = v.(*backendtest.Box).N
				}
				if got != want {
					t.Errorf("state %q: the default is %d, want %d", d.Name, got, want)
				}
				d.Default = box(7)
			}
		}
	})
}

// dropper drops what merging state holds between a Get and the Add that follows.
type dropper struct{ backends.Keyed }

func (k dropper) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	raw, err := k.Keyed.Reducing(d)
	return dropping{raw}, err
}

func (k dropper) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	raw, err := k.Keyed.Aggregating(d)
	return dropping{raw}, err
}

type dropping struct{ backends.RawMerging }

func (s dropping) Add(v any) error {
	if err := s.Clear(); err != nil {
		return err
	}
	return s.RawMerging.Add(v)
}

// A clean-up in the background may drop what is being read, if the clock went back.
func TestWhatIsReadIsKeptIfItIsCleanedUpMeanwhile(t *testing.T) {
	onEach(t, func(t *testing.T, b backends.Backend) {
		w := newWorld(t, b, ttl.Config{})
		k, err := ttl.With(dropper{w.Instance.Keyed}, ttl.Config{
			Lifetime: lifetime * time.Millisecond, Update: ttl.OnReadAndWrite, Now: func() int64 { return w.now },
		})
		if err != nil {
			t.Fatal(err)
		}
		f := (&job{t: t}).five(w.Instance, k, boxCodec())
		w.Use(1)
		f.must(f.sum.Add(box(5)))
		f.must(f.mean.Add(int64(5)))
		w.now = lifetime - 1
		before := f.read()
		w.now += lifetime - 1
		if after := f.read(); len(before) != 1 || len(after) != 1 || before[0] != after[0] {
			t.Errorf("read %q, then %q", before, after)
		}
	})
}
