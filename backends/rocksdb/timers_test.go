//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"hash/fnv"
	"slices"
	"testing"

	"flinch/backends"
	"flinch/faults"
)

// fire registers timers, of which it polls and deletes some, and takes a snapshot.
// It returns what it did to the disks, in a sum.
func fire(t *testing.T, tuning map[string]int64) (w *world, h backends.KeyedHandle, left []backends.Timer, sum uint64) {
	t.Helper()
	w = newWorld(t, tuning)
	log := fnv.New64a()
	w.hook = func(op faults.Op) faults.Outcome {
		fmt.Fprintln(log, op)
		return faults.Outcome{}
	}
	k, q := w.timers(0, 1)
	m := k.(backends.Maintainer)
	for i := range int64(600) {
		key := backends.Int64Key(i % 7)
		must(t, k.SetCurrentKey(key))
		_, err := q.Register(i*7919%1000-500, fmt.Sprint(i%3+1))
		must(t, err)
		left = append(left, backends.Timer{Time: i*7919%1000 - 500, Key: key.Encoded, Group: backends.KeyGroup(key.Hash, groups), Namespace: fmt.Sprint(i%3 + 1)})
		if m.Backlog() > 0 && i%3 == 0 {
			must(t, m.Maintain(background))
		}
	}
	slices.SortFunc(left, backends.Timer.Compare)
	left = expect(t, q, left, 200)
	must(t, w.streams.Initialize(background, 1))
	p, err := k.Snapshot(1, backends.SnapshotOptions{})
	must(t, err)
	h = w.resolve(w.write(p))
	must(t, k.Close())
	return w, h, left, log.Sum64()
}

func (w *world) timers(i, n int, restore ...backends.KeyedHandle) (backends.Keyed, backends.RawTimers) {
	w.t.Helper()
	k, err := New().OpenKeyed(background, w.params(i, n, restore...))
	must(w.t, err)
	q, err := k.Timers("timers")
	must(w.t, err)
	return k, q
}

// expect polls n timers, and returns those that are left.
func expect(t *testing.T, q backends.RawTimers, want []backends.Timer, n int) []backends.Timer {
	t.Helper()
	for i, x := range want[:n] {
		if got, ok, err := q.Poll(); got != x || !ok || err != nil {
			t.Fatalf("timer %d is %+v, %v, %v, want %+v", i, got, ok, err, x)
		}
	}
	return want[n:]
}

// Timers have keys alone: the engine tells a value of no bytes from none, in
// memory, in files and across a rescale, and what is written is counted.
func TestTimersFireInOrderFromMemoryAndFiles(t *testing.T) {
	for _, stepped := range []int64{0, 1} {
		tuning := map[string]int64{tuneFlushBytes: 1 << 10, tuneStepped: stepped, "kv.timer_cache": 4}
		w, h, left, sum := fire(t, tuning)
		if _, _, _, again := fire(t, tuning); sum != again {
			t.Errorf("stepped %d: two runs have the sums %x and %x", stepped, sum, again)
		}
		if w.counters[countFlushesBySize] < 5 || w.counters["timer_cache_refills"] < 20 {
			t.Errorf("stepped %d: counted %v", stepped, w.counters)
		}
		for half := range 2 {
			k, q := w.timers(half, 2, h)
			own := slices.DeleteFunc(slices.Clone(left), func(x backends.Timer) bool {
				return !backends.RangeOf(half, 2, groups).Contains(x.Group)
			})
			expect(t, q, own, len(own))
			if got, ok, err := q.Peek(); ok || err != nil || len(own) == 0 {
				t.Errorf("half %d of %d timers: there is %+v, %v", half, len(own), got, err)
			}
			must(t, k.Close())
		}
	}
}
