package ttl_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/backendtest/reference"
	"flinch/backends/heap"
	"flinch/backends/ttl"
)

// world is one open instance and a clock.
type world struct {
	*backendtest.Instance
	backends.Keyed // states with a time to live
	now            int64
}

const lifetime = 10

func box(n int64) *backendtest.Box { return &backendtest.Box{N: n} }

// fold is not commutative, and changes its first argument.
func fold(a, b any) any {
	a.(*backendtest.Box).N = a.(*backendtest.Box).N*7 + b.(*backendtest.Box).N
	return a
}

// everyBackend are those below which the tests run.
func everyBackend() []backends.Backend { return []backends.Backend{reference.New(), heap.New()} }

// onEach runs a test on each of them.
func onEach(t *testing.T, test func(t *testing.T, b backends.Backend)) {
	t.Helper()
	for _, b := range everyBackend() {
		t.Run(b.Name(), func(t *testing.T) { test(t, b) })
	}
}

func newWorld(t backendtest.TB, b backends.Backend, c ttl.Config) *world {
	t.Helper()
	w := &world{Instance: backendtest.NewWorld(b).Open(t, 0, 1)}
	c.Lifetime, c.Now = lifetime*time.Millisecond, func() int64 { return w.now }
	var err error
	if w.Keyed, err = ttl.With(w.Instance.Keyed, c); err != nil {
		t.Fatalf("%v", err)
	}
	return w
}

// raw are the entries that the backend holds, by state.
func (w *world) raw(t backendtest.TB, state string) (values [][]byte) {
	t.Helper()
	all := backends.KeyGroupRange{Start: 0, End: backendtest.Groups - 1}
	err := w.Instance.Entries(all, func(e backends.Entry) error {
		if e.State == state {
			values = append(values, slices.Clone(e.Value))
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return values
}

func TestImpossibleConfigurationsAreRefused(t *testing.T) {
	now := func() int64 { return 0 }
	for want, c := range map[string]ttl.Config{
		"lifetime 1µs":  {Lifetime: time.Microsecond, Now: now},
		"clock":         {Lifetime: time.Second},
		"update type 7": {Lifetime: time.Second, Now: now, Update: 7},
		"visibility 7":  {Lifetime: time.Second, Now: now, Visibility: 7},
	} {
		if _, err := ttl.With(nil, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want an error with %q", c, err, want)
		}
	}
}

func TestQueryableStateHasNoTimeToLive(t *testing.T) {
	w := newWorld(t, heap.New(), ttl.Config{})
	d := backendtest.Boxes("state", backends.ValueKind)
	d.Queryable = true
	if _, err := w.Keyed.Value(d); err == nil || !strings.Contains(err.Error(), "leave out Queryable") {
		t.Errorf("want a refusal, got %v", err)
	}
	d.Queryable = false
	if _, err := w.Keyed.Value(d); err != nil {
		t.Errorf("after the refusal: %v", err)
	}
}

func TestStateWithATimeToLiveIsNotTakenForStateWithout(t *testing.T) {
	onEach(t, stateWithATimeToLiveIsNotTakenForStateWithout)
}

func stateWithATimeToLiveIsNotTakenForStateWithout(t *testing.T, b backends.Backend) {
	w := newWorld(t, b, ttl.Config{})
	d := backendtest.Boxes("state", backends.ValueKind)
	if _, err := w.Keyed.Value(d); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Instance.Keyed.Value(d); err == nil || !strings.Contains(err.Error(), "ttl(box)/1") {
		t.Errorf("the state was registered without a time to live: %v", err)
	}
}

func TestEntriesOfStampedStateAreSplit(t *testing.T) { onEach(t, entriesOfStampedStateAreSplit) }

func entriesOfStampedStateAreSplit(t *testing.T, b backends.Backend) {
	w := newWorld(t, b, ttl.Config{})
	s, err := w.Keyed.Value(backendtest.Boxes("state", backends.ValueKind))
	if err != nil {
		t.Fatal(err)
	}
	w.now = -77
	w.Use(1)
	if err := s.Update(&backendtest.Box{N: 5}); err != nil {
		t.Fatal(err)
	}
	values := w.raw(t, "state")
	stamp, value, err := ttl.Split(values[0])
	if err != nil || stamp != -77 || len(value) != 8+5%4 {
		t.Errorf("%x: stamp %d, %d bytes of value, %v", values[0], stamp, len(value), err)
	}
	if _, _, err := ttl.Split(values[0][:8]); err == nil {
		t.Error("a stamp without a value was split")
	}
}

func TestDefaultsDoNotExpire(t *testing.T) { onEach(t, defaultsDoNotExpire) }

func defaultsDoNotExpire(t *testing.T, b backends.Backend) {
	w := newWorld(t, b, ttl.Config{})
	d := backendtest.Boxes("state", backends.ValueKind)
	d.Default = &backendtest.Box{N: 3}
	s, err := w.Keyed.Value(d)
	if err != nil {
		t.Fatal(err)
	}
	w.Use(1)
	for range 2 {
		got, err := s.Get()
		if err != nil || got.(*backendtest.Box).N != 3 {
			t.Fatalf("the default is %v, %v", got, err)
		}
		got.(*backendtest.Box).N = 4 // lent: nobody else may see it
		w.now += 1000
	}
	if len(w.raw(t, "state")) != 0 {
		t.Error("reading the default stored it")
	}
}

// An expired side of a fold counts as absent: the other keeps its stamp.
func TestMergingNamespacesLeavesOutWhatHasExpired(t *testing.T) {
	onEach(t, mergingNamespacesLeavesOutWhatHasExpired)
}

func mergingNamespacesLeavesOutWhatHasExpired(t *testing.T, b backends.Backend) {
	for _, c := range []struct {
		name           string
		target, source int64 // when each was added
		want           int64
		stamp          int64
	}{
		{"both live", 5, 6, 1*7 + 2, 12},
		{"target expired", 0, 6, 2, 6},
		{"source expired", 6, 0, 1, 6},
	} {
		w := newWorld(t, b, ttl.Config{})
		d := backendtest.Boxes("sum", backends.ReducingKind)
		d.Reduce = fold
		s, err := w.Keyed.Reducing(d)
		if err != nil {
			t.Fatal(err)
		}
		w.Use(1)
		add := func(namespace string, at, n int64) {
			w.now = at
			s.SetNamespace(namespace)
			if err := s.Add(box(n)); err != nil {
				t.Fatal(err)
			}
		}
		add("target", c.target, 1)
		add("source", c.source, 2)
		w.now = 12
		if err := s.MergeNamespaces("target", []string{"source"}); err != nil {
			t.Fatal(err)
		}
		values := w.raw(t, "sum")
		if len(values) != 1 {
			t.Fatalf("%s: %d values are left", c.name, len(values))
		}
		stamp, _, err := ttl.Split(values[0])
		s.SetNamespace("target")
		got, failed := s.Get()
		if err != nil || failed != nil || stamp != c.stamp || got.(*backendtest.Box).N != c.want {
			t.Errorf("%s: %v with stamp %d, want %d with stamp %d (%v, %v)", c.name, got, stamp, c.want, c.stamp, err, failed)
		}
	}
}
