package scenarios_test

import (
	"context"
	"testing"

	"flinch/backends/heap"
	"flinch/model/history"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

// TestOneRegionFailsWhileTheOthersGoOn: a region that failed is launched again alone,
// from a checkpoint, and meanwhile the others process records in the attempt that they
// were in.
func TestOneRegionFailsWhileTheOthersGoOn(t *testing.T) {
	s, err := scenarios.ByName("regions")
	if err != nil {
		t.Fatal(err)
	}
	alone, restored, meanwhile := 0, 0, 0
	for seed := range rng.Seed(30) {
		o, err := scenarios.Run(context.Background(), s.At(seed), heap.New(), sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v, broken := o.Broken(); broken {
			t.Fatalf("seed %v: %s: %s", seed, v.Check, v.Message)
		}
		run := o.Evidence.Run
		for _, a := range run.Attempts {
			if a.Region == 0 {
				continue
			}
			alone++
			if a.Restored != 0 {
				restored++
			}
			if wrote(run, a) {
				meanwhile++
			}
		}
	}
	if alone < 20 || restored == 0 || meanwhile == 0 {
		t.Errorf("%d launches of one region, %d of them from a checkpoint, and in %d cases others went on", alone, restored, meanwhile)
	}
}

// wrote tells whether another region closed a transaction of an older attempt after
// this launch of one region began.
func wrote(run *history.Run, launch history.Attempt) bool {
	for _, t := range run.Transactions {
		if t.Subtask != launch.Region-1 && t.Attempt < launch.Number && t.Prepared > launch.Begin && len(t.Records) > 0 {
			return true
		}
	}
	return false
}
