package heap

import (
	"slices"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
)

var canonical = backends.SnapshotOptions{Full: true, Canonical: true}

// takeCanonical is the synchronous phase of a canonical savepoint.
func takeCanonical(t *testing.T, in *backendtest.Instance, id backends.CheckpointID) backends.Pending {
	t.Helper()
	p, err := in.Snapshot(id, canonical)
	must(t, err)
	return p
}

// fillFor writes every kind of state under the first n keys of an instance.
func fillFor(t *testing.T, in *backendtest.Instance, n int) {
	t.Helper()
	l, m := in.BoxList("list"), in.BoxMap("map")
	r, a, q := in.Folding(backendtest.ReducingBoxes("reducing")), in.Folding(backendtest.AggregatingBoxes("aggregating")), in.Queue("queue")
	for _, k := range in.OwnKeys(n) {
		in.Put("value", k, k)
		must(t, l.AddAll([]any{&backendtest.Box{N: k}, &backendtest.Box{N: k + 1}}))
		for _, user := range []string{"b", "a", "c"} {
			must(t, m.Put(user, &backendtest.Box{N: k}))
		}
		for _, ns := range []string{"w", backends.VoidNamespace} {
			r.SetNamespace(ns)
			must(t, r.Add(&backendtest.Box{N: k}))
			_, err := q.Register(-k, ns)
			must(t, err)
		}
		must(t, a.Add(k))
	}
}

// readAll returns the lines of several instances, in order.
func readAll(ins []*backendtest.Instance) (lines []string) {
	for _, in := range ins {
		lines = append(lines, in.Dump()...)
	}
	return lines
}

// What one parallelism wrote, others read: as it is, by registered states and by
// savepoints of states that nobody registered.
func TestSavepointsAreRestoredAtAnyParallelism(t *testing.T) {
	w := newWorld()
	var handles []backends.KeyedHandle
	var before []*backendtest.Instance
	for i := range 3 {
		in := w.Open(t, i, 3)
		fillFor(t, in, 5)
		before = append(before, in)
		h := w.Write(t, takeCanonical(t, in, 7))
		if h.Backend != "heap" || h.Format != backends.SavepointFormat || h.Checkpoint != 7 || h.KeyGroups != in.Params.KeyGroups {
			t.Fatalf("the handle is %+v", h)
		}
		h.Backend = "another" // nobody asks who wrote it
		handles = append(handles, h)
	}
	want := readAll(before)
	for n := 1; n <= 4; n++ {
		var after []*backendtest.Instance
		for i := range n {
			after = append(after, w.Open(t, i, n, handles...))
		}
		if got := readAll(after); !slices.Equal(got, want) {
			t.Fatalf("restored by %d:\n%q\nwant\n%q", n, got, want)
		}
		handles = handles[:0]
		for _, in := range after {
			if n%2 == 0 {
				in.Boxes("value")
				in.BoxMap("map")
				in.Queue("queue")
			}
			handles = append(handles, w.Write(t, takeCanonical(t, in, 8)))
		}
	}
	in := w.Open(t, 0, 1, handles...)
	for _, k := range before[1].OwnKeys(5) {
		if got := in.Read("value", k); got != k {
			t.Errorf("key %d has %d", k, got)
		}
	}
	first, found, err := in.Queue("queue").Peek()
	if err != nil || !found || first.Time >= 0 {
		t.Errorf("the first timer is %+v, %v, %v", first, found, err)
	}
}

// Equal state gives equal bytes, however it came about and is registered.
func TestSavepointsOfEqualStateAreEqual(t *testing.T) {
	var first []byte
	for _, order := range []bool{false, true} {
		w := newWorld()
		in := w.Open(t, 0, 1)
		if order {
			in.Queue("queue") // ids of states differ, and chains are the other way round
			in.BoxMap("map")
			keys := in.OwnKeys(60)
			slices.Reverse(keys)
			for _, k := range keys {
				in.Put("value", k, 1)
			}
		}
		fillFor(t, in, 60)
		if order {
			in = w.Open(t, 0, 1, w.Write(t, in.Take(3)))
		}
		h := w.Write(t, takeCanonical(t, in, 7))
		data := w.Streams.Files[h.Stream.Path]
		if first == nil {
			first = data
		}
		if !slices.Equal(first, data) {
			t.Errorf("%d bytes differ from %d", len(data), len(first))
		}
	}
}

// The task changes every state meanwhile.
func TestSavepointHoldsWhatWasThereInTheSynchronousPhase(t *testing.T) {
	w := newWorld()
	in := w.Open(t, 0, 1)
	fillFor(t, in, 20)
	want := in.Dump()
	p := takeCanonical(t, in, 1)
	n, pieces := int64(0), 0
	w.Streams.At("write", func() error {
		pieces++
		n = (n + 1) % 20
		in.Put("value", n, n+1000)
		must(t, in.BoxList("list").Update([]any{&backendtest.Box{N: -1}}))
		must(t, in.BoxMap("map").Remove("b"))
		must(t, in.Folding(backendtest.ReducingBoxes("reducing")).Add(&backendtest.Box{N: 3}))
		_, _, err := in.Queue("queue").Poll()
		return err
	})
	h := w.Write(t, p)
	w.Streams.Hook = nil
	if got := w.Open(t, 0, 1, h).Dump(); !slices.Equal(got, want) {
		t.Errorf("restored %q, want %q", got, want)
	}
	if pieces < int(h.Stream.SizeBytes/16) {
		t.Errorf("%d pieces for %d bytes", pieces, h.Stream.SizeBytes)
	}
	if got := required(inner(in).states); got != 0 {
		t.Errorf("version %d is required after the write", got)
	}
}

func TestSavepointThatEndsEarlyLeavesNothing(t *testing.T) {
	for name, end := range map[string]func(in *backendtest.Instance, p backends.Pending) error{
		"failed":    func(*backendtest.Instance, backends.Pending) error { return errTest },
		"discarded": func(_ *backendtest.Instance, p backends.Pending) error { return p.Discard() },
		"closed":    func(in *backendtest.Instance, _ backends.Pending) error { return in.Close() },
		"killed":    func(*backendtest.Instance, backends.Pending) error { panic(errTest) },
	} {
		for at := range 40 {
			w := newWorld()
			in := w.Open(t, 0, 1)
			fillFor(t, in, 4)
			states := inner(in).states
			p := takeCanonical(t, in, 1)
			left := at
			w.Streams.At("write", func() error {
				if left--; left == -1 {
					return end(in, p)
				}
				return nil
			})
			err := written(p)
			if left >= 0 {
				t.Fatalf("%s: only %d pieces", name, at-left)
			}
			if err == nil || len(w.Streams.Paths()) != 0 || required(states) != 0 {
				t.Fatalf("%s at piece %d: %v, files %v, version %d is required", name, at, err, w.Streams.Paths(), required(states))
			}
		}
	}
}

// written is Write whose task may be killed.
func written(p backends.Pending) (err error) {
	defer func() {
		if killed := recover(); killed != nil {
			err = killed.(error)
		}
	}()
	_, err = p.Write(background)
	return err
}

func TestSavepointReleasesEachKeyGroupAsSoonAsItIsWritten(t *testing.T) {
	w := newWorld()
	in := w.Open(t, 0, 1)
	for k := range int64(20) {
		in.Put("v", k, k)
	}
	p := takeCanonical(t, in, 1)
	var held []int
	w.Streams.At("write", func() error {
		n := 0
		for _, table := range inner(in).byName["v"].tables.all() {
			if table.required > 0 {
				n++
			}
		}
		held = append(held, n)
		return nil
	})
	w.Write(t, p)
	if !slices.IsSortedFunc(held, func(a, b int) int { return b - a }) || len(slices.Compact(held)) < w.Groups/2 {
		t.Errorf("key groups held during the write: %v", held)
	}
}
