//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"hash/fnv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/backends"
	"flinch/faults"
)

// play changes state, lets background work go on, takes snapshots and restores
// one of two halves, and returns what it did: every operation on the disks, the
// bytes at some moments, and the state in the end.
func play(t *testing.T, tuning map[string]int64) (*world, string, []string) {
	t.Helper()
	w := newWorld(t, tuning)
	log := fnv.New64a()
	w.hook = func(op faults.Op) faults.Outcome {
		fmt.Fprintln(log, op)
		return faults.Outcome{}
	}
	s := w.open(0, 1)
	var h backends.KeyedHandle
	for round := range 6 {
		for i := range 40 {
			fill(t, s, round*100+i, 10)
			if s.Backlog() > 0 && i%3 == 0 {
				must(t, s.Maintain(background))
			}
		}
		h = w.snapshot(s, backends.CheckpointID(round+1))
		must(t, s.NotifyComplete(backends.CheckpointID(round+1)))
		for e := range w.local.Files() {
			fmt.Fprintln(log, e.Path, e.Size, e.Sum())
		}
	}
	must(t, s.Close())
	s = w.open(1, 2, h)
	lines := dump(t, s)
	fill(t, s, 9, 50)
	w.snapshot(s, 9)
	must(t, s.Close())
	return w, fmt.Sprintf("%x", log.Sum64()), lines
}

func TestEqualDrawsGiveEqualBytes(t *testing.T) {
	for _, stepped := range []int64{0, 1} {
		tuning := map[string]int64{tuneFlushBytes: 4 << 10, tuneStepped: stepped}
		w, first, _ := play(t, tuning)
		if _, second, _ := play(t, tuning); first != second {
			t.Errorf("stepped %d: two runs have the sums %s and %s", stepped, first, second)
		}
		for _, counter := range []string{countFlushesBySize, countFlushes, countCompactions} {
			if w.counters[counter] < 5 {
				t.Errorf("stepped %d: %q counts %d: too few to show anything", stepped, counter, w.counters[counter])
			}
		}
	}
}

func TestSteppedJobsChangeTheTraceAndNotTheState(t *testing.T) {
	whole, wholeSum, want := play(t, map[string]int64{tuneFlushBytes: 4 << 10})
	stepped, steppedSum, got := play(t, map[string]int64{tuneFlushBytes: 4 << 10, tuneStepped: 1})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state (-whole +stepped):\n%s", diff)
	}
	if wholeSum == steppedSum {
		t.Error("the traces are equal: nothing was stepped")
	}
	if n := stepped.counters[countDuringStepped]; n < 100 {
		t.Errorf("%d operations during stepped jobs: too few to show anything", n)
	}
	if n := whole.counters[countDuringStepped]; n != 0 {
		t.Errorf("%d operations during whole jobs", n)
	}
}

// TestNoTwoDatabasesShareASession: with equal ids the engine takes the blocks of
// one for those of the other.
func TestNoTwoDatabasesShareASession(t *testing.T) {
	w := newWorld(t, nil)
	var handles []backends.KeyedHandle
	for i := range 2 {
		s := w.open(i, 2)
		fill(t, s, 1, 20)
		handles = append(handles, w.snapshot(s, 1))
		must(t, s.Close())
	}
	before := w.draws
	w.open(0, 1, handles...)
	drawn := before
	drawn.Uint64N("", 1)
	drawn.Uint64N("", 1)
	if w.draws != drawn {
		t.Error("want one identity drawn for the instance's database, and one for that which it copies from")
	}
}
