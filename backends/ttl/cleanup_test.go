package ttl_test

import (
	"context"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/heap"
	"flinch/backends/ttl"
)

// updated registers a value state and updates it under n keys.
func (w *world) updated(t *testing.T, n int64) backends.RawValue {
	t.Helper()
	s, err := w.Keyed.Value(backendtest.Boxes("state", backends.ValueKind))
	if err != nil {
		t.Fatal(err)
	}
	for k := range n {
		w.Use(k)
		if err := s.Update(box(k)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestAccessesToOneKeyDropWhatOthersLeftBehind(t *testing.T) {
	for per, want := range []int{20, 0, 0} {
		w := newWorld(t, heap.New(), ttl.Config{CleanPerAccess: per})
		s := w.updated(t, 20)
		w.now = lifetime
		w.Use(100)
		for range 20 {
			if _, err := s.Get(); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(w.raw(t, "state")); got != want {
			t.Errorf("%d entries for each access: %d are left, want %d", per, got, want)
		}
	}
}

func TestFullSnapshotsLeaveOutWhatNobodyWillRead(t *testing.T) {
	for _, o := range []backends.SnapshotOptions{{Full: true}, {Full: true, Canonical: true}} {
		for clean, want := range map[bool]int{false: 20, true: 1} {
			w := newWorld(t, heap.New(), ttl.Config{CleanFullSnapshots: clean})
			s := w.updated(t, 20)
			w.now = lifetime
			if err := s.Update(box(19)); err != nil { // of the last key
				t.Fatal(err)
			}
			p, err := w.Instance.Snapshot(1, o)
			if err != nil {
				t.Fatal(err)
			}
			h, err := p.Write(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			params := w.Params
			params.Restore = []backends.KeyedHandle{h}
			restored, err := heap.New().OpenKeyed(context.Background(), params)
			if err != nil {
				t.Fatal(err)
			}
			back := world{Instance: &backendtest.Instance{Keyed: restored}}
			if got := len(back.raw(t, "state")); got != want || len(w.raw(t, "state")) != 20 {
				t.Errorf("%s, clean %v: %d entries restored, want %d, of %d", h.Format, clean, got, want, len(w.raw(t, "state")))
			}
		}
	}
}
