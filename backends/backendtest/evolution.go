package backendtest

import (
	"bytes"
	"cmp"
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// evolutionClauses are about states that are registered with another codec than the
// one that wrote them.
var evolutionClauses = []clause{
	{"MigratedStateIsAsIfTheNewCodecHadWrittenIt", migrated},
	{"MigratedStateRescales", migratedElsewhere},
	{"MigratedStateIsSnapshottedUnderItsNewCodec", migratedTwice},
	{"StateIsTakenOverAsItIs", takenAsItIs},
	{"ListsAreTakenOverWhetherCodecsSayTheirLengthOrNot", takenLists},
	{"StatesNobodyRegistersKeepTheirCodec", evolvedLater},
	{"MigrationLeavesOpenSnapshotsAlone", migratedMeanwhile},
}

// restored is what a job starts from: states that a codec has written.
func (w *World) restored(t *testing.T, codec func() backends.Codec, o backends.SnapshotOptions) *Instance {
	t.Helper()
	in := w.Open(t, 0, 1)
	in.states(t, codec).put(t)
	return w.Open(t, 0, 1, w.Write(t, in.take(1, o)))
}

func migrated(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		for _, c := range []struct{ old, codec func() backends.Codec }{
			{box1Codec, box2Codec}, {fixed1Codec, box2Codec}, {box1Codec, box3Codec}, {box2Codec, box3Codec},
		} {
			w := world()
			once, twice := writtenBy(t, c.codec)
			back := w.restored(t, c.old, o)
			before, _ := writtenBy(t, c.old)
			same(t, before.Dump(), back)
			s := back.states(t, c.codec)
			same(t, once.Dump(), back)
			if diff := gocmp.Diff(once.states(t, c.codec).read(t), s.read(t)); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			s.put(t)
			same(t, twice.Dump(), back)
		}
	})
}

func migratedElsewhere(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		var handles []backends.KeyedHandle
		var want []string
		for _, in := range w.openAll(t, 2) {
			in.states(t, box1Codec).put(t)
			handles = append(handles, w.Write(t, in.take(1, o)))
		}
		for _, in := range w.openAll(t, 2) {
			in.states(t, box2Codec).put(t)
			want = append(want, in.Dump()...)
		}
		for _, n := range []int{1, 3} {
			back := w.openAll(t, n, handles...)
			for _, in := range back {
				in.states(t, box2Codec)
			}
			if diff := gocmp.Diff(want, dumps(back)); diff != "" {
				t.Errorf("with %d subtasks (-want +got):\n%s", n, diff)
			}
		}
	})
}

// From version 1 to 2, and on to 3. A savepoint of migrated state is that of state
// which was never migrated.
func migratedTwice(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		back := w.restored(t, box1Codec, o)
		back.states(t, box2Codec)
		h := w.Write(t, back.take(2, o))
		second := w.Open(t, 0, 1, h)
		for _, kind := range evolvingKinds {
			wants(t, "version 1", second.evolve(kind, box1Codec()), "box/2")
		}
		s := second.states(t, box2Codec)
		s.put(t)
		_, twice := writtenBy(t, box2Codec)
		same(t, twice.Dump(), second)
		third := w.Open(t, 0, 1, w.Write(t, second.take(3, o)))
		third.states(t, box3Codec)
		_, twice = writtenBy(t, box3Codec)
		same(t, twice.Dump(), third)
		var states []backends.StateMeta
		for _, kind := range evolvingKinds {
			states = append(states, backends.StateMeta{Name: kind.String(), Kind: kind, Codec: box3})
		}
		slices.SortFunc(states, func(a, b backends.StateMeta) int { return cmp.Compare(a.Name, b.Name) })
		want, offsets := twice.expected(t, states)
		got := w.Write(t, third.take(4, canonical))
		if !bytes.Equal(want, w.Streams.Files[got.Stream.Path]) || !slices.Equal(offsets, got.Offsets) {
			t.Error("a savepoint tells that the state was migrated")
		}
	})
}

func takenAsItIs(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		once, twice := writtenBy(t, renamedCodec)
		back := w.restored(t, box1Codec, o)
		s := back.states(t, renamedCodec)
		same(t, once.Dump(), back)
		s.put(t)
		same(t, twice.Dump(), back)
		back = w.Open(t, 0, 1, w.Write(t, back.take(2, o)))
		same(t, twice.Dump(), back)
		for _, kind := range evolvingKinds {
			wants(t, "the old codec", back.evolve(kind, box1Codec()), "crate/1")
		}
		back.states(t, renamedCodec).put(t)
	})
}

// A backend that joins elements may frame those of codecs that do not say how long
// each is: then bytes that stay as they are stand in another frame.
func takenLists(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		for _, c := range []struct{ old, codec func() backends.Codec }{
			{fixed1Codec, unsaidCodec}, {unsaidCodec, shortCodec}, {fixed1Codec, shortCodec},
		} {
			w := world()
			once, twice := writtenBy(t, c.codec)
			back := w.restored(t, c.old, o)
			s := back.states(t, c.codec)
			same(t, once.Dump(), back)
			s.put(t)
			same(t, twice.Dump(), back)
			if diff := gocmp.Diff(twice.states(t, c.codec).read(t), s.read(t)); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			back = w.Open(t, 0, 1, w.Write(t, back.take(2, o)))
			same(t, twice.Dump(), back)
			if diff := gocmp.Diff(twice.states(t, c.codec).read(t), back.states(t, c.codec).read(t)); diff != "" {
				t.Errorf("restored and read (-want +got):\n%s", diff)
			}
		}
	})
}

func evolvedLater(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		back := w.restored(t, box1Codec, o)
		must(t, back.evolve(backends.ListKind, box2Codec())) // one of them alone
		want := back.Dump()
		later := w.Open(t, 0, 1, w.Write(t, back.take(2, o)))
		same(t, want, later)
		must(t, later.evolve(backends.ListKind, box2Codec()))
		same(t, want, later)
		later.states(t, box2Codec)
		once, _ := writtenBy(t, box2Codec)
		same(t, once.Dump(), later)
	})
}

// A snapshot is taken before states are registered, and written after, or meanwhile.
func migratedMeanwhile(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		for _, meanwhile := range []bool{false, true} {
			w := world()
			back := w.restored(t, box1Codec, o)
			before, p := back.Dump(), back.take(2, o)
			migrate := func() { back.states(t, box2Codec).put(t) }
			if meanwhile {
				w.at(migrate)
			} else {
				migrate()
			}
			h := w.Write(t, p)
			w.at(nil)
			old := w.Open(t, 0, 1, h)
			same(t, before, old)
			for _, kind := range evolvingKinds {
				must(t, old.evolve(kind, box1Codec()))
			}
			same(t, before, old)
			now := back.Dump()
			same(t, now, w.Open(t, 0, 1, w.Write(t, back.take(3, o))))
		}
	})
}
