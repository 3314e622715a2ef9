package heap

import (
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
)

// sample is a snapshot with every kind of state.
func sample(t *testing.T) (*backendtest.World, backends.KeyedHandle) {
	w := newWorld()
	in := w.Open(t, 0, 1)
	l, m := in.BoxList("list"), in.BoxMap("map")
	r, a, q := in.Folding(backendtest.ReducingBoxes("reducing")), in.Folding(backendtest.AggregatingBoxes("aggregating")), in.Queue("queue")
	for k := range int64(6) {
		in.Put("value", k, k)
		must(t, r.Add(&backendtest.Box{N: k}))
		must(t, a.Add(k))
		_, err := q.Register(k-3, "w")
		must(t, err)
		must(t, l.AddAll([]any{&backendtest.Box{N: k}, &backendtest.Box{N: k}}))
		for _, user := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			must(t, m.Put(user, &backendtest.Box{N: k}))
		}
	}
	return w, w.Write(t, in.Take(9))
}

func reopen(t *testing.T, w *backendtest.World, h backends.KeyedHandle) error {
	_, err := w.TryOpen(t, w.Params(0, 1, h))
	return err
}

// A storage that lets damage through must not bring the task down.
func TestDamagedStreamsAreErrorsNotPanics(t *testing.T) {
	w, h := sample(t)
	s := w.Streams
	whole := s.Files[h.Stream.Path]
	must(t, reopen(t, w, h))
	for i := range whole {
		short := h
		s.Files[h.Stream.Path] = whole[:i]
		short.Stream.SizeBytes = int64(i)
		if err := reopen(t, w, short); i > 0 && (err == nil || !strings.Contains(err.Error(), "checkpoint 9")) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
		if err := reopen(t, w, h); err == nil {
			t.Fatalf("length %d instead of %d was accepted", i, len(whole))
		}
		for _, bits := range []byte{1, 0x80, 0xff} {
			bad := slices.Clone(whole)
			bad[i] ^= bits
			s.Files[h.Stream.Path] = bad
			_ = reopen(t, w, h) // a changed value is the checksum's concern; a panic is not
		}
	}
}
