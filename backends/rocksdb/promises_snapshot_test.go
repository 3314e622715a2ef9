//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"flinch/backends"
)

// increments are the bytes of a full snapshot, and of some after it, each after
// one change in a hundred. The last one's handle is kept.
type increments struct {
	full   int64
	each   []int64
	handle backends.KeyedHandle
}

func takeIncrements(t testing.TB, s setting, n, rounds int) increments {
	t.Helper()
	in := s.open(t)
	defer func() { must(t, in.Close()) }()
	keys := in.settled(n)
	var all increments
	_, all.full = in.write(1)
	for round := range rounds {
		for i := range n / 100 {
			in.update(keys[(round*n/100+i)%n], 1)
		}
		h, bytes := in.write(backends.CheckpointID(2 + round))
		all.each, all.handle = append(all.each, bytes), h
	}
	return all
}

// part is the first increment as a part of the full snapshot.
func (i increments) part() float64 { return 100 * float64(i.each[0]) / float64(i.full) }

// mean is that of all increments.
func (i increments) mean() float64 {
	sum := int64(0)
	for _, bytes := range i.each {
		sum += bytes
	}
	return 100 * float64(sum) / float64(len(i.each)) / float64(i.full)
}

func (i increments) String() string {
	return fmt.Sprintf("%s of %s, %.1f %%; %d in a row %.1f %% on average", size(i.each[0]), size(i.full), i.part(), len(i.each), i.mean())
}

func measureIncrements(b *testing.B, p *promises) {
	b.Helper()
	var cells [2]string
	for i, s := range eachBackend(b) {
		cells[i] = takeIncrements(b, s, promisedKeys, 10).String()
	}
	p.add(row{"incremental checkpoints with RocksDB alone", "bytes of a snapshot after a change of 1 %", cells[0] + "; takes full snapshots", cells[1] + ", with what compactions rewrote", ""})
}

func TestIncrementOfAChangeOfOnePercentIsAFewPercent(t *testing.T) {
	onHeap := takeIncrements(t, setting{}, 2e4, 1)
	if onHeap.part() < 99 || len(onHeap.handle.Files) > 0 || onHeap.handle.Stream.IsEmpty() {
		t.Errorf("heap, which takes full snapshots: %v, with %d files", onHeap, len(onHeap.handle.Files))
	}
	onRocksDB := takeIncrements(t, setting{folder: realFolder(t)}, 2e4, 1)
	t.Logf("heap %v; RocksDB %v", onHeap, onRocksDB)
	if onRocksDB.part() > 5 || len(onRocksDB.handle.Files) == 0 {
		t.Errorf("RocksDB: %v, want a few percent", onRocksDB)
	}
}

// pauses are how long the task waited for snapshots, in order, and what was most
// that one of them allocated of Go's memory.
type pauses struct {
	each  []time.Duration
	bytes int64
}

func (p pauses) longest() time.Duration { return p.each[len(p.each)-1] }

func (p pauses) String() string {
	return fmt.Sprintf("%s, median %s", duration(p.longest()), duration(p.each[len(p.each)/2]))
}

// takePauses takes some snapshots, each after a change of one entry in a hundred.
func takePauses(t testing.TB, s setting, n int) (all pauses) {
	t.Helper()
	in := s.open(t)
	defer func() { must(t, in.Close()) }()
	keys := in.settled(n)
	for round := range 20 {
		for i := range n / 100 {
			in.update(keys[(round*n/100+i)%n], 1)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		p, err := in.Snapshot(backends.CheckpointID(1+round), backends.SnapshotOptions{})
		all.each = append(all.each, time.Since(began))
		runtime.ReadMemStats(&after)
		must(t, err)
		must(t, p.Discard())
		all.bytes = max(all.bytes, int64(after.TotalAlloc-before.TotalAlloc))
	}
	slices.Sort(all.each)
	return all
}

func measurePauses(b *testing.B, p *promises) {
	b.Helper()
	promise := "asynchronous snapshots"
	for _, n := range []int{1e4, 1e5, 1e6} {
		onHeap := takePauses(b, setting{}, n)
		r := row{promise: promise, measured: fmt.Sprintf("longest of 20 pauses of the task, %s entries", count(n))}
		r.heap = fmt.Sprintf("%v; %s of buckets", onHeap, size(onHeap.bytes))
		if n == promisedKeys {
			onRocksDB := takePauses(b, setting{folder: b.TempDir()}, n)
			r.rocksdb, r.ratio = fmt.Sprintf("%v, with its flush", onRocksDB), ratio(onHeap.longest(), onRocksDB.longest())
		}
		p.add(r)
		promise = ""
	}
}

// TestPauseOfTheHeapCopiesBucketsAlone: one pointer for each bucket that is used,
// of which there are no more than entries.
func TestPauseOfTheHeapCopiesBucketsAlone(t *testing.T) {
	for _, n := range []int{1e3, 1e4, 1e5} {
		const groups, pointerBytes = 128, 8
		if got, most := takePauses(t, setting{}, n).bytes, int64(n*pointerBytes*5/4+groups*256+16<<10); got > most {
			t.Errorf("%d entries: a snapshot allocates %d bytes, want at most %d", n, got, most)
		}
	}
}
