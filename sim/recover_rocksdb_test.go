//go:build cgo && !norocksdb

package sim_test

import (
	"context"
	"testing"
	"time"

	"flinch/backends/rocksdb"
	"flinch/checks"
	"flinch/model/history"
	"flinch/sim"
)

// rocksConfig is smallConfig on RocksDB, with flushes and compactions between its
// checkpoints.
func rocksConfig(stepped int64) sim.Config {
	c := smallConfig(60)
	c.Backend = rocksdb.New()
	c.Cluster.LocalIODelay, c.Cluster.BackgroundDelay = time.Microsecond, time.Millisecond
	c.Storage.WriteBufferBytes = 4096
	c.Tuning = map[string]int64{"rocksdb.flush_bytes": 1 << 10, "rocksdb.stepped": stepped, "rocksdb.level0_trigger": 2, "rocksdb.options_files": 1 - stepped}
	return c
}

// benchRocksConfig is rocksConfig as most drawn cases are: without OPTIONS files,
// jobs whole.
func benchRocksConfig(records int) sim.Config {
	c := rocksConfig(0)
	c.Records = smallConfig(records).Records
	c.Tuning["rocksdb.options_files"], c.Tuning["rocksdb.flush_bytes"] = 0, 16<<10
	return c
}

// outages recovers from points until what was restored has been audited, and from
// every so many of them on to the end of the run.
type outages struct {
	t                *testing.T
	toTheEnd         int
	processes, power int
	whole            int
	seen             map[uint64]bool
}

// singlesEvery: in one of so many images each pending operation is lost, and kept,
// alone.
const singlesEvery = 5

func (o *outages) at(p sim.Point) {
	o.restored(p, "process crash", sim.ProcessCrash)
	if o.processes%o.toTheEnd == 0 {
		recovered(o.t, p, "process crash", sim.ProcessCrash)
		o.whole++
	}
	o.processes++
	// Local files are swept when a process starts: what counts is what the other
	// machines may find.
	if o.seen[p.Digest()] {
		return
	}
	o.seen[p.Digest()] = true
	n := 0
	eachPowerLoss(p, func(what string, crash sim.Crash) {
		// All lost and all kept come first. There are too many images for losing and
		// keeping each single operation of each.
		if n++; n > 2 && len(o.seen)%singlesEvery != 0 {
			return
		}
		o.restored(p, what, crash)
		o.power++
	})
}

func (o *outages) restored(p sim.Point, what string, crash sim.Crash) {
	o.t.Helper()
	r, err := sim.Recover(context.Background(), p, sim.Recovery{Crash: crash, Restored: true})
	if err != nil {
		o.t.Fatalf("%s at step %d, before %s of %s: %v", what, p.Step, p.Op.Kind, p.Op.Path, err)
	}
	audited := false
	for _, a := range r.Evidence.Audits {
		audited = audited || a.Kind == checks.AtRestore
	}
	if !audited && p.Duty.Lo > 0 {
		o.t.Fatalf("%s before %s of %s: checkpoint %d was complete, and none was restored", what, p.Op.Kind, p.Op.Path, p.Duty.Lo)
	}
	for _, v := range checks.Judge(context.Background(), r.Evidence) {
		// The end of the run is missing: what is judged is what was restored.
		if v.Outcome == checks.Fail && (v.Check == "restored-state" || v.Check == "no-regress" || v.Check == "operator-state") {
			o.t.Fatalf("%s before %s of %s: %s: %s\n%v", what, p.Op.Kind, p.Op.Path, v.Check, v.Message, v.Details)
		}
	}
}

// sampled keeps every eighth of the points in a short run.
func sampled(t *testing.T, points []sim.Point) []sim.Point {
	if !testing.Short() {
		return points
	}
	t.Log("a short run: every eighth operation alone")
	var some []sim.Point
	for i := 0; i < len(points); i += 8 {
		some = append(some, points[i])
	}
	return some
}

func TestOutageAtEveryOperationOfAnIncrementalCheckpointRestoresCorrectly(t *testing.T) {
	for name, stepped := range map[string]int64{"whole jobs": 0, "stepped jobs": 1} {
		t.Run(name, func(t *testing.T) {
			points := wholeCheckpoint(t, rocksConfig(stepped))
			inside, synchronous := 0, 0
			o := outages{t: t, toTheEnd: 25, seen: map[uint64]bool{}}
			for _, p := range sampled(t, points) {
				if p.Op.Atomic {
					inside++
				}
				if p.Site.Phase == history.Synchronous {
					synchronous++
				}
				o.at(p)
			}
			t.Logf("%d operations of one incremental checkpoint (%d inside the engine, %d in the synchronous phase): %d process crashes and %d power losses restored, %d of them to the end",
				o.processes, inside, synchronous, o.processes, o.power, o.whole)
			if inside == 0 || synchronous == 0 || o.power == 0 {
				t.Error("some sort of operation is missing")
			}
		})
	}
}

func TestOutageAtEveryOperationOfARestoreFromAnIncrementalCheckpointRestoresCorrectly(t *testing.T) {
	whole := wholeCheckpoint(t, rocksConfig(0))
	var points []sim.Point
	_, err := sim.Recover(context.Background(), whole[len(whole)-1], sim.Recovery{
		Options: sim.Options{Observe: func(p sim.Point) {
			if p.Site.Phase == history.Restoring && p.Site.Process >= history.FirstTaskManager {
				points = append(points, p)
			}
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := outages{t: t, toTheEnd: 50, seen: map[uint64]bool{}}
	for _, p := range sampled(t, points) {
		o.at(p)
	}
	t.Logf("%d operations of a restore from an incremental checkpoint: %d process crashes and %d power losses restored, %d of them to the end",
		o.processes, o.processes, o.power, o.whole)
	if o.processes < 20 || o.power == 0 {
		t.Error("too few operations for a restore")
	}
}
