package sim_test

import (
	"context"
	"testing"
	"time"

	"flinch/backends/heap"
	"flinch/checks"
	"flinch/faults/disk"
	"flinch/model"
	"flinch/model/history"
	"flinch/sim"
)

// smallConfig is a run small enough to crash at every one of its operations: two
// sources, two chains, three partitions, checkpoints every few records.
func smallConfig(records int) sim.Config {
	c := sim.Config{
		Seed: 7,
		Job: sim.Job{
			Keys: []string{"a", "b", "key-1", "Aa", "BB", "hello", "", "x\x00y"}, Partitions: 3, MaxParallelism: 8,
			Parallelism: []int{2, 1}, Sources: []int{2}, Pace: 3 * time.Millisecond, Work: 200 * time.Microsecond,
			Operators: [sim.OperatorCount][]model.StateSpec{
				{{Name: "register", Kind: model.Value, Shape: model.Int, Register: true}, {Name: "list", Kind: model.List, Shape: model.Cell}},
				{{Name: "map", Kind: model.Map, Shape: model.Ints}, {Name: "text", Kind: model.Value, Shape: model.Text}},
			},
		},
		Cluster: sim.Cluster{
			TaskManagers: 2, NetworkDelay: 300 * time.Microsecond, IODelay: 100 * time.Microsecond,
			DetectDelay: 5 * time.Millisecond, ProcessRestart: 20 * time.Millisecond, Outage: 20 * time.Millisecond,
			RestartDelay: 10 * time.Millisecond, WriteBack: 10 * time.Second,
		},
		Checkpointing: sim.Checkpointing{
			Interval: 8 * time.Millisecond, Timeout: time.Second, Retained: 1, Tolerated: sim.Unlimited, Restarts: sim.Unlimited,
		},
		Storage: sim.Storage{Kind: sim.Filesystem, Pointer: sim.PointerFile, WriteBufferBytes: 64},
		Backend: heap.New(),
	}
	for i := range records {
		key := i * 5 % len(c.Job.Keys)
		c.Records = append(c.Records, sim.Record{Partition: i % 3, Key: key, Ops: [sim.OperatorCount][]model.Op{
			{
				{Kind: model.ValueGet, State: 1},
				{Kind: model.ValueSet, State: 1, Args: []int64{int64(i)}},
				{Kind: model.ListBump, State: 2, Args: []int64{int64(i)}},
			},
			{
				{Kind: model.MapBump, State: 1, UserKey: int64(i % 4), Args: []int64{3}},
				{Kind: model.ValueSet, State: 2, Args: []int64{int64(i), 9}},
				{Kind: model.MapRange, State: 1},
			},
		}})
	}
	return c
}

// judge fails the test if any check does not pass.
func judge(t *testing.T, what string, r *sim.Result) {
	t.Helper()
	for _, v := range checks.Judge(context.Background(), r.Evidence) {
		if v.Outcome != checks.Pass {
			t.Errorf("%s: %s: %s: %s\n%v", what, v.Check, v.Outcome, v.Message, v.Details)
		}
	}
}

// wholeCheckpoint runs cfg and returns the points from the trigger of a middle
// checkpoint to the end of the clean-up of the one before.
func wholeCheckpoint(t *testing.T, cfg sim.Config) []sim.Point {
	t.Helper()
	var points []sim.Point
	r, err := sim.Run(context.Background(), cfg, sim.Options{Observe: func(p sim.Point) { points = append(points, p) }})
	if err != nil {
		t.Fatal(err)
	}
	judge(t, "without a crash", r)
	rows := r.Evidence.Run.Checkpoints
	if len(rows) < 4 {
		t.Fatalf("%d checkpoints: want 4 or more", len(rows))
	}
	before, middle := rows[len(rows)/2-1], rows[len(rows)/2]
	var whole []sim.Point
	for _, p := range points {
		cleanup := p.Site.Phase == history.Deleting && p.Site.Checkpoint == middle.ID-1
		if p.Step >= before.Published && (p.Step <= middle.Published || cleanup) {
			whole = append(whole, p)
		}
	}
	return whole
}

func TestOutageAtEveryOperationOfACheckpointRestoresCorrectly(t *testing.T) {
	for name, storage := range map[string]sim.Storage{
		"files, pointer in a file":                         {Kind: sim.Filesystem, Pointer: sim.PointerFile, WriteBufferBytes: 64},
		"inlined state, pointer in a coordination service": {Kind: sim.Filesystem, Pointer: sim.PointerCoordination, InlineThresholdBytes: 20480},
		"job manager's memory with durable metadata":       {Kind: sim.JobManagerMemory, Pointer: sim.PointerFile, Durable: true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := smallConfig(60)
			cfg.Storage = storage
			outageAtEveryPoint(t, wholeCheckpoint(t, cfg))
		})
	}
}

// outageAtEveryPoint recovers from every point: from the death of all processes,
// and, where image and duty are new, from what power losses leave.
func outageAtEveryPoint(t *testing.T, points []sim.Point) {
	t.Helper()
	phases := map[history.Phase]int{}
	processes, power, skipped := 0, 0, 0
	seen := map[uint64]bool{}
	for _, p := range points {
		phases[p.Site.Phase]++
		recovered(t, p, "process crash", sim.ProcessCrash)
		processes++
		if seen[p.Digest()] {
			skipped++
			continue
		}
		seen[p.Digest()] = true
		power += powerLosses(t, p)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d operations: %d process crashes, %d power losses recovered (%d operations with an image and duty that was verified before), phases %v",
		len(points), processes, power, skipped, phases)
	for _, phase := range []history.Phase{history.Triggered, history.Publishing, history.Deleting} {
		if phases[phase] == 0 {
			t.Errorf("no operation fell into phase %s", phase)
		}
	}
}

// powerLosses recovers from all lost, all kept, each one lost and each one kept
// of what was pending on the machine that a storage or job manager is.
func powerLosses(t *testing.T, p sim.Point) int {
	n := 0
	eachPowerLoss(p, func(what string, crash sim.Crash) {
		recovered(t, p, what, crash)
		n++
	})
	return n
}

func eachPowerLoss(p sim.Point, each func(what string, crash sim.Crash)) {
	each("power loss, all lost", func(_ history.Machine, i disk.Image) *disk.Disk { return i.Crash(disk.PosixWeak, disk.LoseAll{}) })
	each("power loss, all kept", func(_ history.Machine, i disk.Image) *disk.Disk { return i.Crash(disk.PosixWeak, disk.KeepAll{}) })
	for _, m := range []history.Machine{history.JobManager, history.Storage} {
		for k := range p.Images[m].Pending() {
			each("power loss, one lost", func(at history.Machine, i disk.Image) *disk.Disk {
				if at != m {
					return i.Crash(disk.Strict, nil)
				}
				return i.CrashWith(disk.LoseOnly(k))
			})
			each("power loss, one kept", func(at history.Machine, i disk.Image) *disk.Disk {
				if at != m {
					return i.Crash(disk.PosixWeak, disk.LoseAll{})
				}
				return i.CrashWith(i.KeepOnly(k))
			})
		}
	}
}

func recovered(t *testing.T, p sim.Point, what string, crash sim.Crash) {
	t.Helper()
	r, err := sim.Recover(context.Background(), p, sim.Recovery{Crash: crash})
	if err != nil {
		t.Fatalf("%s at step %d, before %s of %s: %v", what, p.Step, p.Op.Kind, p.Op.Path, err)
	}
	judge(t, what+" before "+p.Op.Kind.String()+" of "+p.Op.Path, r)
}
