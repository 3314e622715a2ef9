package backendtest

import (
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// snapshotClauses are about what a snapshot holds.
var snapshotClauses = []clause{
	{"SnapshotHoldsTheMomentItWasTaken", snapshotMoment},
	{"SnapshotsMayOverlap", snapshotOverlap},
	{"AsynchronousPhaseHasItsOwnCodec", snapshotCodec},
	{"FullSnapshotIsOneStreamWithOffsets", snapshotFull},
	{"SnapshotOfNothingRestores", snapshotNothing},
	{"SameCallsWriteTheSameBytes", snapshotSame},
	{"CheckpointsBuildOnConfirmedOnesAlone", snapshotChain},
}

// eachWay runs a check with incremental snapshots, where the backend has them, with
// full ones and with canonical savepoints.
func eachWay(t *testing.T, check func(t *testing.T, o backends.SnapshotOptions)) {
	piece(t, "full=false", func(t *testing.T) { check(t, backends.SnapshotOptions{}) })
	piece(t, "full=true", func(t *testing.T) { check(t, backends.SnapshotOptions{Full: true}) })
	piece(t, "canonical", func(t *testing.T) { check(t, backends.SnapshotOptions{Full: true, Canonical: true}) })
}

// same compares what an instance holds.
func same(t *testing.T, want []string, in *Instance) {
	t.Helper()
	if diff := gocmp.Diff(want, in.Dump()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func snapshotMoment(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(20)
		want := in.Dump()
		p := in.take(1, o)
		in.fill(25)
		for k := range int64(10) {
			in.Use(k)
			must(t, in.Boxes("default").Clear())
			must(t, in.BoxMap("map").Clear())
			must(t, in.BoxList("later").Add(&Box{}))
		}
		same(t, want, w.Open(t, 0, 1, w.Write(t, p)))
	})
}

func snapshotOverlap(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		var pendings []backends.Pending
		var wants [][]string
		for id := range 4 {
			in.fill(5 + 5*id)
			pendings = append(pendings, in.take(backends.CheckpointID(id+1), o))
			wants = append(wants, in.Dump())
		}
		must(t, pendings[1].Discard())
		for _, i := range []int{2, 0, 3} {
			same(t, wants[i], w.Open(t, 0, 1, w.Write(t, pendings[i])))
		}
	})
}

// The task changes another key of the same state between the encoding of a value
// and the write of its bytes: a codec shared by both phases would lend the same
// scratch memory twice.
func snapshotCodec(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		for k := range int64(64) {
			in.Put("v", k, k)
		}
		want := in.Dump()
		p := in.take(1, o)
		next := int64(0)
		w.at(func() {
			in.Put("v", next%64, in.Read("v", next%64)+1000)
			next++
		})
		h := w.Write(t, p)
		w.at(nil)
		if next == 0 {
			t.Error("no scheduling point in the asynchronous phase")
		}
		same(t, want, w.Open(t, 0, 1, h))
	})
}

func snapshotFull(t *testing.T, world func() *World) {
	w := world()
	in := w.Open(t, 0, 1)
	for _, k := range in.OwnKeys(3) {
		in.Put("v", k, k)
	}
	h := w.Write(t, in.TakeFull(7))
	if h.Backend != w.Backend.Name() || h.Format == "" || h.Checkpoint != 7 || h.KeyGroups != in.Params.KeyGroups {
		t.Errorf("handle %+v", h)
	}
	if len(h.Offsets) != Groups || len(h.Files) != 0 || h.Stream.Scope != backends.Exclusive || h.Stream.Placeholder {
		t.Fatalf("not one stream with an offset for each group: %+v", h)
	}
	held := make([]bool, Groups)
	must(t, in.Entries(in.Params.KeyGroups, func(e backends.Entry) error {
		held[e.Group] = true
		return nil
	}))
	for group, offset := range h.Offsets {
		if (offset >= 0) != held[group] || offset >= h.Stream.SizeBytes {
			t.Errorf("group %d: offset %d of %d, has entries: %v", group, offset, h.Stream.SizeBytes, held[group])
		}
	}
}

func snapshotNothing(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		h := w.Write(t, in.take(7, o))
		if o.Full && slices.ContainsFunc(h.Offsets, func(o int64) bool { return o != -1 }) {
			t.Errorf("groups without entries have offsets %v", h.Offsets)
		}
		same(t, nil, w.Open(t, 0, 1, h))
		in.Put("v", 1, 1)
		must(t, in.Boxes("v").Clear())
		second := w.Open(t, 0, 1, w.Write(t, in.take(8, o)))
		same(t, nil, second)
		_, err := second.List(Boxes("v", backends.ListKind))
		wants(t, "another kind than a restored state without entries", err, "is value state, not list state")
	})
}

// Traces of two runs are compared.
func snapshotSame(t *testing.T, world func() *World) {
	var files [2]map[string][]byte
	var calls [2][]string
	for i := range files {
		w := world()
		in := w.Open(t, 0, 1)
		in.fill(20)
		w.Write(t, in.TakeFull(1))
		files[i], calls[i] = w.Streams.Files, w.Streams.Calls
	}
	if diff := gocmp.Diff(files[0], files[1]) + gocmp.Diff(calls[0], calls[1]); diff != "" {
		t.Errorf("two equal runs differ:\n%s", diff)
	}
}

// One checkpoint after the other is completed, aborted or not heard of again, and
// the coordinator deletes what nobody refers to: no checkpoint may build on one
// that was not confirmed, or miss what was deleted.
func snapshotChain(t *testing.T, world func() *World) {
	w := world()
	c := coordinator{streams: w.Streams}
	in := w.Open(t, 0, 1)
	in.fill(20)
	for id := backends.CheckpointID(1); id <= 24; id++ {
		if id%5 < 4 { // a change, then none: an aborted checkpoint is like the next one
			in.Put("default", int64(id)%7, int64(id))
		}
		written := []backends.KeyedHandle{write(t, in.Take(id))}
		handles, known := c.resolve(written)
		switch {
		case !known:
			t.Fatalf("checkpoint %d refers to files that no confirmed checkpoint has: %+v", id, written)
		case id%5 == 3:
			c.drop(written)
			must(t, in.NotifyAborted(id))
			continue
		case id%5 == 4: // an acknowledgement that got lost
			c.drop(written)
			continue
		}
		c.complete(handles)
		must(t, in.NotifyComplete(id))
		must(t, in.NotifySubsumed(id-1))
		back := w.Open(t, 0, 1, handles...)
		same(t, in.Dump(), back)
		if id%8 == 0 { // the job goes on from it
			must(t, in.Close())
			in = back
			continue
		}
		must(t, back.Close())
	}
}
