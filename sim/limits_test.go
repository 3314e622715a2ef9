package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"flinch/faults"
	"flinch/model"
	"flinch/model/history"
	"flinch/sim"
)

// declines are what can keep one checkpoint from being written: each makes one
// checkpoint of a job that is as it was before and afterwards fail.
var declines = []struct {
	name   string
	cause  string // as the coordinator must say it
	change func(c *sim.Config)
}{
	{"an upload fails in one of several parts", "input/output error", func(c *sim.Config) {
		phase := history.Asynchronous
		c.Faults = faults.Plan{faults.FailedIO{Disk: history.Storage, Op: faults.OpWrite, Phase: &phase, Nth: 90, Count: 1}}
	}},
	{"the disk of checkpoint storage is full", "no space left on device", func(c *sim.Config) {
		at, lasts := faults.Duration(50*time.Millisecond), faults.Duration(9*time.Millisecond)
		c.Faults = faults.Plan{faults.FullDisk{Disk: history.Storage, At: at, Lasts: lasts, RoomBytes: 300}}
	}},
	{"a part of an object is throttled until the upload is given up", "slow down", func(c *sim.Config) {
		c.Storage = sim.Storage{Kind: sim.ObjectStore, Pointer: sim.PointerFile, WriteBufferBytes: 256}
		c.Faults = faults.Plan{faults.FailedRequest{Verb: "PART", Fate: faults.FateThrottled, Nth: 20, Count: 7}}
	}},
	{"a stream is too large for the job manager's memory", "state too large for the job manager's memory", func(c *sim.Config) {
		c.Storage = sim.Storage{Kind: sim.JobManagerMemory, Pointer: sim.PointerFile, Durable: true, MaxStateBytes: 4000}
		c.Job.Parallelism = []int{1, 2}
		// One record makes the state large, and the next one of its key small again.
		for i := range c.Records {
			op := model.Op{Kind: model.ValueClear, State: 2}
			if i == 40 {
				op = model.Op{Kind: model.ValueSet, State: 2, Args: slices.Repeat([]int64{int64(i)}, 400)}
			}
			c.Records[i].Ops[1] = append(slices.Clip(c.Records[i].Ops[1]), op)
		}
	}},
}

// TestCheckpointThatStorageRefusesIsDeclinedByOperatorAndCause: with failures
// tolerated the job goes on and the next checkpoint completes; with none tolerated
// it fails over once and then completes one.
func TestCheckpointThatStorageRefusesIsDeclinedByOperatorAndCause(t *testing.T) {
	for i := range 2 * len(declines) {
		d, tolerances, parallel := declines[i/2], []int{0, 1, 3, sim.Unlimited}, 3*(i%2)
		for _, tolerated := range tolerances {
			t.Run(fmt.Sprintf("%s, tolerated %d, %d transfers at a time", d.name, tolerated, parallel), func(t *testing.T) {
				c := smallConfig(120)
				c.Checkpointing.Tolerated = tolerated
				d.change(&c)
				c.Storage.Parallel = parallel
				r := run(t, c)
				judge(t, d.name, r)
				past := r.Evidence.Run
				at := slices.IndexFunc(past.Checkpoints, func(row history.Checkpoint) bool { return strings.HasPrefix(row.Reason, "declined: ") })
				if at < 0 || at+1 >= len(past.Checkpoints) {
					t.Fatalf("no checkpoint was declined, or none came after: %+v", past.Checkpoints)
				}
				row, next := past.Checkpoints[at], past.Checkpoints[at+1]
				named := fmt.Sprintf("declined: checkpoint %d: operator ", row.ID)
				if !strings.HasPrefix(row.Reason, named) || !strings.Contains(row.Reason, d.cause) {
					t.Errorf("declined for %q, want %q and %q", row.Reason, named, d.cause)
				}
				if next.Published == 0 {
					t.Errorf("the next checkpoint, %d, did not complete: %q", next.ID, next.Reason)
				}
				attempts := 1
				if tolerated == 0 {
					attempts = 2
				}
				if len(past.Attempts) != attempts || next.Attempt != attempts {
					t.Errorf("%d attempts, the next checkpoint in attempt %d: want %d", len(past.Attempts), next.Attempt, attempts)
				}
			})
		}
	}
}

// TestLimitThatIsNeverRaisedEndsTheJobAndNothingElse: the job says why, and what
// it had completed is there.
func TestLimitThatIsNeverRaisedEndsTheJobAndNothingElse(t *testing.T) {
	for name, storage := range map[string]sim.Storage{
		"memory": {Kind: sim.JobManagerMemory, Pointer: sim.PointerFile, Durable: true, MaxStateBytes: 300},
		"disk":   {Kind: sim.Filesystem, Pointer: sim.PointerFile, WriteBufferBytes: 64, CapacityBytes: 3000},
	} {
		for _, tolerated := range []int{0, sim.Unlimited} {
			c := smallConfig(120)
			c.Storage, c.Checkpointing.Tolerated = storage, tolerated
			r := run(t, c)
			judge(t, name, r)
			stop := r.Evidence.Run.Quiesce.LegalStop
			if !strings.Contains(stop, "within the limits of storage") || !strings.Contains(stop, "operator ") {
				t.Errorf("%s, tolerated %d: stopped for %q", name, tolerated, stop)
			}
		}
	}
}

func TestFullDiskIsCounted(t *testing.T) {
	c := smallConfig(60)
	c.Storage.CapacityBytes = 3000
	counters := run(t, c).Evidence.Run.Counters
	if counters["enospc"] == 0 || counters["state_too_large"] != 0 {
		t.Errorf("enospc %d, state_too_large %d", counters["enospc"], counters["state_too_large"])
	}
}
