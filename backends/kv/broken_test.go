package kv_test

import (
	"errors"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
)

// failAt lets the nth call of op fail, and no other.
func (r *rig) failAt(op string, nth int) {
	r.fail = func(called string) error {
		if called == op {
			nth--
		}
		if called == op && nth == 0 {
			return errors.New("the disk is full for a moment")
		}
		return nil
	}
}

// Whoever tries again would take what is written for what is still to be rewritten.
func TestMigrationThatEndsHalfWayBreaksTheInstance(t *testing.T) {
	for _, name := range []string{"value", "list", "map", "sum"} {
		r := &rig{}
		w := world(r)
		put := w.Open(t, 0, 1)
		states, err := numberStates(put, numbersOf(1))
		must(t, err)
		states.fill(t, put)
		h := w.Write(t, put.Take(1))

		in := w.Open(t, 0, 1, h)
		queue := timersOf(t, in, "timers")
		before := in.Take(2)
		other := in.Folding(backendtest.ReducingBoxes("other"))
		in.Use(1)
		must(t, other.Add(&backendtest.Box{N: 1}))
		d := backends.Descriptor{Name: name, Kind: kindOf[name], Value: numbersOf(3), Reduce: func(a, _ any) any { return a }}
		register := func() error { return registered(in, d) }
		r.failAt("put", 4)
		if err := register(); !errors.Is(err, backends.ErrBroken) || !strings.Contains(err.Error(), "the disk is full for a moment") {
			t.Errorf("%s: %v", name, err)
		}
		r.fail = nil

		_, get := other.Get()
		_, _, peek := queue.Peek()
		_, snapshot := in.Snapshot(3, backends.SnapshotOptions{})
		none := func(backends.Entry) error { return nil }
		for what, err := range map[string]error{
			"register again":    register(),
			"set a key":         in.SetCurrentKey(backends.Int64Key(1)),
			"get another state": get,
			"look at a timer":   peek,
			"take a snapshot":   snapshot,
			"list the entries":  in.Entries(in.Params.KeyGroups, none),
			"list the keys":     in.KeysAndNamespaces(name, func(_, _ string) bool { return true }),
		} {
			if !errors.Is(err, backends.ErrBroken) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		// What was taken before is whole, and restores what was there.
		back := w.Open(t, 0, 1, w.Write(t, before))
		states, err = numberStates(back, numbersOf(3))
		must(t, err)
		if got := states.read(t, back); len(got) != 12 || got[11] != "11 11 [11 111 -89] 11 -11 11" {
			t.Errorf("%s: restored %v", name, got)
		}
		must(t, in.Close())
	}
}

var kindOf = map[string]backends.StateKind{
	"value": backends.ValueKind, "list": backends.ListKind, "map": backends.MapKind, "sum": backends.ReducingKind,
}

func registered(in *backendtest.Instance, d backends.Descriptor) (err error) {
	switch d.Kind {
	case backends.ValueKind:
		_, err = in.Value(d)
	case backends.ListKind:
		_, err = in.List(d)
	case backends.MapKind:
		_, err = in.Map(d)
	default:
		_, err = in.Reducing(d)
	}
	return err
}
