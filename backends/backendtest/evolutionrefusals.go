package backendtest

import (
	"errors"
	"testing"

	"flinch/backends"
)

// evolutionRefusals are about codecs that cannot take over what is stored.
var evolutionRefusals = []clause{
	{"IncompatibleCodecsAreRefusedByName", evolutionRefused},
	{"StatesEvolveWhenTheyAreRegisteredFirst", evolvedOnce},
	{"KindsNeverChange", evolvedKinds},
	{"FailedMigrationChangesNothing", migrationFails},
	{"PartsOfTwoCodecsAreNotJoined", mixedCodecs},
}

// unreadable is a box codec of version 2 that should migrate version 1, and brings no
// codec that can read it.
func unreadable() backends.Codec {
	return &evolving{digitsCodec().Codec(), map[backends.CodecID]taking{box1: {outcome: backends.AfterMigration}}}
}

func evolutionRefused(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		for _, c := range []struct {
			old   func() backends.Codec
			codec backends.Codec
			words []string
		}{
			{box2Codec, box1Codec(), []string{"box/2", "box/1"}}, // an older version
			{fixed1Codec, renamedCodec(), []string{"fixed-box/1", "crate/1"}},
			{box1Codec, unreadable(), []string{"box/1", "box/2", "no codec that reads"}},
		} {
			w := world()
			back := w.restored(t, c.old, o)
			before := back.Dump()
			for _, kind := range evolvingKinds {
				for _, words := range append(c.words, `"`+kind.String()+`"`, "op") {
					wants(t, kind.String(), back.evolve(kind, c.codec), words)
				}
			}
			same(t, before, back)
			s := back.states(t, c.old) // as it is, it goes on
			s.put(t)
			_, twice := writtenBy(t, c.old)
			same(t, twice.Dump(), back)
		}
	})
}

// Evolution is for what an earlier job has stored, not for one job that describes a
// state in two ways.
func evolvedOnce(t *testing.T, world func() *World) {
	w := world()
	fresh := w.Open(t, 0, 1)
	fresh.states(t, box1Codec).put(t)
	back := w.restored(t, box1Codec, backends.SnapshotOptions{})
	back.states(t, box2Codec)
	for _, kind := range evolvingKinds {
		wants(t, "not restored", fresh.evolve(kind, box2Codec()), "codec box/1")
		wants(t, "as it was stored", back.evolve(kind, box1Codec()), "codec box/2")
		wants(t, "once more", back.evolve(kind, box3Codec()), "codec box/2")
		must(t, fresh.evolve(kind, box1Codec()))
		must(t, back.evolve(kind, box2Codec()))
	}
}

func evolvedKinds(t *testing.T, world func() *World) {
	w := world()
	back := w.restored(t, box1Codec, backends.SnapshotOptions{})
	before := back.Dump()
	for _, known := range evolvingKinds {
		for _, other := range evolvingKinds {
			if known == other {
				continue
			}
			d := described(known.String(), other)
			d.Value = box2Codec()
			wants(t, "another kind", back.open(d, other), "is "+known.String()+" state, not "+other.String()+" state")
		}
		_, err := back.Timers(known.String())
		wants(t, "a queue", err, "is "+known.String()+" state, not timer state")
	}
	same(t, before, back)
	back.states(t, box2Codec)
}

// A value in the middle cannot be read, or not be written. A backend that has changed
// half of the state by then says that it is broken.
func migrationFails(t *testing.T, world func() *World) {
	const bad = 31 // of key 3 in the second namespace
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		for _, f := range []failing{{breakingCodec(bad), false}, {refusingCodec(bad), true}} {
			w := world()
			if back := w.restored(t, box1Codec, o); back.failsToEvolve(t, f) {
				// It is as if it had not been tried.
				before, _ := writtenBy(t, box1Codec)
				same(t, before.Dump(), back)
				same(t, before.Dump(), w.Open(t, 0, 1, w.Write(t, back.take(2, o))))
				once, _ := writtenBy(t, box2Codec)
				back.states(t, box2Codec)
				same(t, once.Dump(), back)
			}
		}
	})
}

// failing is a codec that cannot take over a value. Where values stay live, those that
// cannot be written are noticed by the next snapshot only.
type failing struct {
	codec backends.Codec
	late  bool
}

// failsToEvolve tries to migrate some states. It returns false if the instance is of
// no use to the test afterwards: broken, or to fail later.
func (in *Instance) failsToEvolve(t *testing.T, f failing) bool {
	t.Helper()
	for _, kind := range []backends.StateKind{backends.ValueKind, backends.ListKind, backends.MapKind} {
		err := in.evolve(kind, f.codec.Duplicate())
		if f.late && err == nil {
			return false
		}
		wants(t, "failed migration", err, errTest.Error())
		wants(t, "failed migration", err, "op")
		wants(t, "failed migration", err, kind.String())
		if errors.Is(err, backends.ErrBroken) {
			return false
		}
	}
	return true
}

// One of two subtasks registers its states with a newer codec, the other one not
// before the checkpoint. Neither order of the handles may misread values; once both
// have registered them, the job can be rescaled.
func mixedCodecs(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		var stored, mixed, migrated []backends.KeyedHandle
		for _, in := range w.openAll(t, 2) {
			in.states(t, box1Codec).put(t)
			stored = append(stored, w.Write(t, in.take(1, o)))
		}
		half := w.openAll(t, 2, stored...)
		half[0].states(t, box2Codec)
		for _, in := range half {
			mixed = append(mixed, w.Write(t, in.take(2, o)))
		}
		for _, handles := range [][]backends.KeyedHandle{mixed, {mixed[1], mixed[0]}} {
			_, err := w.TryOpen(t, w.Params(0, 1, handles...))
			for _, words := range []string{"op/0", "checkpoint 2", "box/1", "box/2", "register the state in every subtask"} {
				wants(t, "two codecs", err, words)
			}
		}
		var old []*Instance
		for i := range mixed {
			in := w.Open(t, i, 2, mixed[i])
			old = append(old, in)
			in.states(t, box2Codec)
			migrated = append(migrated, w.Write(t, in.take(3, o)))
		}
		same(t, dumps(old), w.Open(t, 0, 1, migrated...))
	})
}
