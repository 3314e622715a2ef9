//go:build cgo && !norocksdb

package simenv

import (
	"testing"

	"github.com/linxGnu/grocksdb"

	"flinch/faults"
)

func opening(t *testing.T, s setup, families ...string) *world {
	t.Helper()
	w := newWorld(t, s)
	if err := w.open(families...); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestJobsWaitUntilTheyAreStepped(t *testing.T) {
	w := opening(t, setup{}, "a")
	w.must(w.fill(0, 10, 1))
	w.must(w.flush())
	before := w.ops
	if w.env.Backlog() == 0 || w.ops != before {
		t.Errorf("%d jobs are queued", w.env.Backlog())
	}
	for w.env.Step() {
	}
	if flushes, _ := w.env.Jobs(); flushes == 0 || w.env.Backlog() != 0 || w.ops == before {
		t.Errorf("%d flushes ended, %d jobs are left", flushes, w.env.Backlog())
	}
	if w.env.Step() {
		t.Error("a job ran that nobody queued")
	}
	w.mustClose()
}

func TestFlushesEndWhileCompactionsStandStill(t *testing.T) {
	w := opening(t, setup{stepped: true})
	for i := range uint64(2) { // the trigger of level 0
		w.must(w.fill(0, 100, i))
		w.must(w.flush())
		for w.env.StepFlush() {
		}
	}
	if w.env.Backlog() == 0 {
		t.Fatal("no compaction is queued")
	}
	for w.env.Suspended() == 0 && w.env.Step() {
	}
	_, before := w.env.Jobs()
	w.must(w.fill(0, 100, 3))
	w.must(w.flush())
	for w.env.StepFlush() {
	}
	flushes, compactions := w.env.Jobs()
	if flushes != 3 || compactions != before || w.env.Suspended() != 1 {
		t.Errorf("%d flushes and %d compactions ended, %d stand in their middle", flushes, compactions, w.env.Suspended())
	}
	w.env.Drain()
	if _, after := w.env.Jobs(); after == before || w.env.Suspended() != 0 {
		t.Errorf("the compaction did not end")
	}
	w.mustClose()
}

func TestSteppedJobsHandOverBeforeEachWriteOfATable(t *testing.T) {
	w := opening(t, setup{stepped: true})
	written := 0
	w.seen = func(op faults.Op) {
		if len(op.Path) > 4 && op.Path[len(op.Path)-4:] == ".sst" && (op.Kind == faults.OpWrite || op.Kind == faults.OpSync) {
			written++
		}
	}
	w.must(w.fill(0, 200, 1))
	w.must(w.flush())
	most := 0
	for {
		before := written
		if !w.env.Step() {
			break
		}
		most = max(most, written-before)
	}
	if written < 4 || most != 1 {
		t.Errorf("%d writes and syncs of tables, at most %d in a step", written, most)
	}
	w.mustClose()
}

func TestCloseTakesBackQueuedJobs(t *testing.T) {
	w := opening(t, setup{})
	w.must(w.fill(0, 10, 1))
	w.must(w.flush())
	for _, cf := range w.cfs {
		cf.Destroy()
	}
	w.db.Close() // hangs if the engine is not told which it took out
	w.db = nil
	if flushes, compactions := w.env.Jobs(); flushes+compactions != 0 || w.env.Backlog() != 0 {
		t.Errorf("%d jobs ran, %d are left", flushes+compactions, w.env.Backlog())
	}
	w.mustClose()
}

func TestWhileCarriesCallsThatWaitForJobs(t *testing.T) {
	for _, stepped := range []bool{false, true} {
		run := func() uint64 {
			w := opening(t, setup{stepped: stepped, choose: seeded(3)})
			wait := flushing(true)
			defer wait.Destroy()
			for i := range uint64(3) {
				w.must(w.fill(0, 200, i))
				w.env.While(func() { w.must(w.db.FlushCF(w.cfs[0], wait)) })
			}
			w.env.While(func() { w.db.CompactRangeCF(w.cfs[0], grocksdb.Range{}) })
			w.must(w.fill(0, 200, 9))
			w.must(w.flush())
			w.env.Step() // a job in its middle, or jobs in the queue, while the database is closed
			for _, cf := range w.cfs {
				cf.Destroy()
			}
			w.env.While(w.db.Close)
			w.db = nil
			w.mustClose()
			return w.sum
		}
		if one, two := run(), run(); one != two {
			t.Errorf("stepped=%v: one run left %x, another one %x", stepped, one, two)
		}
	}
}

func TestReleaseRefusesWhatTheEngineStillHolds(t *testing.T) {
	w := opening(t, setup{})
	if err := w.env.Release(); err == nil {
		t.Error("the slot of an open database was given away")
	}
	w.mustClose()
}
