package backendtest

import (
	"bytes"
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// savepointClauses are about canonical savepoints, which any backend writes and any
// is restored from. What they share with other snapshots is held by the clauses that
// try each way.
var savepointClauses = []clause{
	{"SavepointIsItsEntriesInTheCommonLayout", savepointBytes},
	{"SavepointsAreRestoredAtAnyParallelism", savepointRescaled},
	{"SavepointsOfRestoredStateAreTheSame", savepointAgain},
	{"SavepointsInBetweenLeaveCheckpointsAlone", savepointBetween},
}

var canonical = backends.SnapshotOptions{Canonical: true}

// filled describes the states that fill registers, in the order of their names.
func filled() (metas []backends.StateMeta) {
	for _, d := range []backends.Descriptor{
		AggregatingBoxes("aggregating"), Boxes("default", backends.ValueKind), FixedBoxes("fixed", backends.ListKind),
		Boxes("list", backends.ListKind), Boxes("map", backends.MapKind), ReducingBoxes("reducing"),
		{Name: "timers", Kind: backends.TimerKind},
	} {
		meta, _ := d.Meta() // complete, as every clause shows that uses it
		metas = append(metas, meta)
	}
	return metas
}

// expected is the savepoint that the instance must write now: its stream, and where
// each key group begins.
func (in *Instance) expected(t *testing.T, states []backends.StateMeta) (stream []byte, offsets []int64) {
	t.Helper()
	streams := NewStreams()
	params := backends.StreamParams{ChunkBytes: 1 << 10, Alive: func() error { return nil }}
	h, err := backends.WriteStream(background, streams, params, func(w *backends.ChunkWriter) error {
		header := backends.SavepointHeader{MaxParallelism: in.Params.MaxParallelism, KeyBytes: in.Params.KeyBytes, States: states}
		to := backends.NewSavepointWriter(w, in.Params.KeyGroups, header)
		if err := in.Entries(in.Params.KeyGroups, to.Entry); err != nil {
			return err
		}
		var err error
		offsets, err = to.Finish()
		return err
	})
	must(t, err)
	return streams.Files[h.Path], offsets
}

// So equal state gives equal bytes on all backends.
func savepointBytes(t *testing.T, world func() *World) {
	for _, keyBytes := range []int{8, 0} {
		w := world()
		w.KeyBytes = keyBytes
		for i := range 3 {
			in := w.Open(t, i, 3)
			if keyBytes == 0 {
				in.fillAwkward(t)
			} else {
				in.fill(4 * i) // the first has none
			}
			want, offsets := in.expected(t, filled())
			h := w.Write(t, in.take(7, canonical))
			in.savepointHandle(t, h)
			if diff := gocmp.Diff(offsets, h.Offsets); diff != "" {
				t.Errorf("subtask %d, keys of %d bytes: offsets (-want +got):\n%s", i, keyBytes, diff)
			}
			if got := w.Streams.Files[h.Stream.Path]; !bytes.Equal(want, got) {
				t.Errorf("subtask %d, keys of %d bytes: not the savepoint of its entries (-want +got):\n%s", i, keyBytes, gocmp.Diff(want, got))
			}
		}
	}
}

func (in *Instance) savepointHandle(t *testing.T, h backends.KeyedHandle) {
	t.Helper()
	if h.Format != backends.SavepointFormat || h.Checkpoint != 7 || h.KeyGroups != in.Params.KeyGroups {
		t.Errorf("handle %+v", h)
	}
	if len(h.Files) != 0 || h.Stream.Scope != backends.Exclusive || h.Stream.Placeholder {
		t.Errorf("not one stream of its own: %+v", h)
	}
}

// awkwardSpaces are namespaces that are hard to tell apart.
var awkwardSpaces = []string{backends.VoidNamespace, "w", "w\x00", "\x00\x00", "\xff", ","}

// fillAwkward puts entries of every kind of state where keys, namespaces and user
// keys are hard to tell apart. Keys are strings.
func (in *Instance) fillAwkward(t *testing.T) {
	t.Helper()
	in.fill(0) // registers the states
	v, l, m := in.Boxes("default"), in.BoxList("list"), in.BoxMap("map")
	r, a, q := in.Folding(ReducingBoxes("reducing")), in.Folding(AggregatingBoxes("aggregating")), in.Queue("timers")
	for i, key := range awkward {
		k := backends.StringKey(key)
		if !in.Params.KeyGroups.Contains(backends.KeyGroup(k.Hash, in.Params.MaxParallelism)) {
			continue
		}
		must(t, in.SetCurrentKey(k))
		for j, ns := range awkwardSpaces {
			for _, s := range []interface{ SetNamespace(string) }{v, l, m, r, a} {
				s.SetNamespace(ns)
			}
			n := int64(10*i + j)
			must(t, v.Update(&Box{N: n}))
			must(t, l.AddAll([]any{&Box{N: n}, &Box{N: n}, &Box{N: 0x2C2C2C2C2C2C2C2C}}))
			must(t, m.Put(ns, &Box{N: n}))
			must(t, m.Put(key+ns, &Box{N: -n}))
			must(t, r.Add(&Box{N: n}))
			must(t, a.Add(n))
			must2[bool](t)(q.Register(n-20, ns))
			must2[bool](t)(q.Register(-n, ns))
		}
	}
	for _, s := range []interface{ SetNamespace(string) }{v, l, m, r, a} {
		s.SetNamespace(backends.VoidNamespace)
	}
}

// savepoints takes one of each instance.
func savepoints(t *testing.T, w *World, all []*Instance, id backends.CheckpointID) (handles []backends.KeyedHandle) {
	t.Helper()
	for _, in := range all {
		handles = append(handles, w.Write(t, in.take(id, canonical)))
	}
	return handles
}

// openAll opens all subtasks.
func (w *World) openAll(t *testing.T, n int, handles ...backends.KeyedHandle) (all []*Instance) {
	t.Helper()
	for i := range n {
		all = append(all, w.Open(t, i, n, handles...))
	}
	return all
}

// dumps joins what all subtasks hold, in canonical order.
func dumps(all []*Instance) (lines []string) {
	for _, in := range all {
		lines = append(lines, in.Dump()...)
	}
	return lines
}

func savepointRescaled(t *testing.T, world func() *World) {
	w := world()
	w.KeyBytes = 0
	old := w.openAll(t, 2)
	for _, in := range old {
		in.fillAwkward(t)
	}
	handles, want := savepoints(t, w, old, 1), dumps(old)
	for _, in := range old { // it goes on, and so do those that are restored
		in.fillAwkward(t)
	}
	later, timers := dumps(old), pollAll(t, old)
	for _, n := range []int{1, 2, 3, 5} {
		back := w.openAll(t, n, handles...)
		if diff := gocmp.Diff(want, dumps(back)); diff != "" {
			t.Errorf("restored with %d subtasks (-want +got):\n%s", n, diff)
		}
		for _, in := range back {
			in.fillAwkward(t)
		}
		if diff := gocmp.Diff(later, dumps(back)); diff != "" {
			t.Errorf("with %d subtasks, later (-want +got):\n%s", n, diff)
		}
		if diff := gocmp.Diff(timers, pollAll(t, back)); diff != "" {
			t.Errorf("timers with %d subtasks (-want +got):\n%s", n, diff)
		}
	}
}

// pollAll empties the queues, and returns all timers in the order of firing.
func pollAll(t *testing.T, all []*Instance) (timers []backends.Timer) {
	t.Helper()
	for _, in := range all {
		var own []backends.Timer
		for {
			timer, found, err := in.Queue("timers").Poll()
			must(t, err)
			if !found {
				break
			}
			own = append(own, timer)
		}
		if !slices.IsSortedFunc(own, backends.Timer.Compare) {
			t.Errorf("timers fire as %+v", own)
		}
		timers = append(timers, own...)
	}
	slices.SortFunc(timers, backends.Timer.Compare)
	return timers
}

// Nobody registers a state on the way: what a backend keeps of states without a job
// that knows them is all there is.
func savepointAgain(t *testing.T, world func() *World) {
	w := world()
	w.KeyBytes = 0
	first := w.openAll(t, 2)
	for _, in := range first {
		in.fillAwkward(t)
	}
	handles := savepoints(t, w, first, 1)
	third := w.openAll(t, 2, savepoints(t, w, w.openAll(t, 3, handles...), 2)...)
	for i, h := range savepoints(t, w, third, 3) {
		want, got := w.Streams.Files[handles[i].Stream.Path], w.Streams.Files[h.Stream.Path]
		if !bytes.Equal(want, got) || !slices.Equal(handles[i].Offsets, h.Offsets) {
			t.Errorf("subtask %d: the savepoint of a savepoint differs (-want +got):\n%s", i, gocmp.Diff(want, got))
		}
	}
}

// A savepoint belongs to no chain of checkpoints: none builds on it, and deleting it
// takes nothing from them.
func savepointBetween(t *testing.T, world func() *World) {
	w := world()
	c := coordinator{streams: w.Streams}
	in := w.Open(t, 0, 1)
	in.fill(20)
	for id := backends.CheckpointID(1); id <= 12; id++ {
		in.Put("default", int64(id)%5, int64(id))
		if id%2 == 0 {
			h := w.Write(t, in.take(id, canonical))
			if id%4 == 0 {
				must(t, in.NotifyComplete(id))
			}
			back := w.Open(t, 0, 1, h)
			same(t, in.Dump(), back)
			must(t, back.Close())
			c.drop([]backends.KeyedHandle{h})
			continue
		}
		handles, known := c.resolve([]backends.KeyedHandle{write(t, in.Take(id))})
		if !known {
			t.Fatalf("checkpoint %d refers to files that no confirmed checkpoint has", id)
		}
		c.complete(handles)
		must(t, in.NotifyComplete(id))
		back := w.Open(t, 0, 1, handles...)
		same(t, in.Dump(), back)
		must(t, back.Close())
	}
}
