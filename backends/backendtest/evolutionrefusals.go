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
}

// unreadable is a box codec of version 2 that should migrate version 1, and brings no
// codec that can read it.
func unreadable() backends.Codec {
	return &evolving{digitsCodec().Codec(), map[backends.CodecID]taking{box1: {outcome: backends.AfterMigration}}}
}

func evolutionRefused(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		for _, c := range []struct {
			what       string
			old, codec func() backends.Codec
			words      []string
		}{
			{"an older version", box2Codec, box1Codec, []string{"box/2", "box/1"}},
			{"one that knows others", fixed1Codec, renamedCodec, []string{"fixed-box/1", "crate/1"}},
			{"one that knows others", box2Codec, shortCodec, []string{"box/2", "crate/1"}},
			{"a migration without a reader", box1Codec, unreadable, []string{"box/1", "box/2", "no codec that reads"}},
		} {
			w := world()
			back := w.restored(t, c.old, o)
			before := back.Dump()
			for _, kind := range evolvingKinds {
				for _, words := range append(c.words, `"`+kind.String()+`"`, "op") {
					wants(t, c.what, back.evolve(kind, c.codec()), words)
				}
			}
			same(t, before, back)
			s := back.states(t, c.old) // as it is, it goes on
			s.put(t)
			_, twice := writtenBy(t, w, c.old)
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
	for _, kind := range []backends.StateKind{backends.ValueKind, backends.ListKind, backends.MapKind} {
		t.Run(kind.String(), func(t *testing.T) {
			eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
				w := world()
				back := w.restored(t, box1Codec, o)
				err := back.evolve(kind, breakingCodec(bad))
				wants(t, "unreadable value", err, errTest.Error())
				migrationFailed(t, w, failed{back, kind, err, o})
				back = w.restored(t, box1Codec, o)
				// Where values are live they are written by the next snapshot only.
				if err := back.evolve(kind, refusingCodec(bad)); err != nil {
					wants(t, "unwritable value", err, errTest.Error())
					migrationFailed(t, w, failed{back, kind, err, o})
				}
			})
		})
	}
}

// failed is a migration that came to nothing.
type failed struct {
	in   *Instance
	kind backends.StateKind
	err  error
	way  backends.SnapshotOptions
}

func migrationFailed(t *testing.T, w *World, f failed) {
	t.Helper()
	wants(t, "failed migration", f.err, "op")
	wants(t, "failed migration", f.err, f.kind.String())
	if errors.Is(f.err, backends.ErrBroken) {
		return
	}
	// It is as if it had not been tried.
	before, _ := writtenBy(t, w, box1Codec)
	same(t, before.Dump(), f.in)
	same(t, before.Dump(), w.Open(t, 0, 1, w.Write(t, f.in.take(2, f.way))))
	once, _ := writtenBy(t, w, box2Codec)
	f.in.states(t, box2Codec)
	same(t, once.Dump(), f.in)
}
