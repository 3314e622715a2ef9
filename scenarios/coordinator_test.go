package scenarios_test

import (
	"context"
	"testing"

	"flinch/backends/heap"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

// reached adds up the counters of a scenario's first cases, none of which may fail.
func reached(t *testing.T, scenario string, cases int) (total map[string]int64, pointers map[sim.PointerKind]int64) {
	t.Helper()
	s, err := scenarios.ByName(scenario)
	if err != nil {
		t.Fatal(err)
	}
	total, pointers = map[string]int64{}, map[sim.PointerKind]int64{}
	for seed := range rng.Seed(cases) {
		c := s.At(seed)
		o, err := scenarios.Run(context.Background(), c, heap.New(), sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v, broken := o.Broken(); broken {
			t.Fatalf("seed %v: %s: %s", seed, v.Check, v.Message)
		}
		for name, n := range o.Evidence.Run.Counters {
			total[name] += n
		}
		pointers[c.Storage.Pointer] += o.Evidence.Run.Counters["job_manager_crashes.store"]
	}
	return total, pointers
}

// TestCheckpointsOverlap: several are under way at a time, and end in every way that
// a checkpoint may end.
func TestCheckpointsOverlap(t *testing.T) {
	total, _ := reached(t, "concurrent", 60)
	for _, name := range []string{
		"checkpoints_concurrent", "checkpoints_completed", "checkpoints_expired", "checkpoints_declined",
		"checkpoints_aborted", "checkpoints_subsumed", "acks_late",
	} {
		if total[name] == 0 {
			t.Errorf("no run counted %s", name)
		}
	}
}

// TestJobManagersDieInEveryGap: between any two of the coordinator's steps some job
// manager dies, while it replaces a file as well as while it asks a service.
func TestJobManagersDieInEveryGap(t *testing.T) {
	total, pointers := reached(t, "coordinator-gaps", 60)
	for _, gap := range []string{"register", "publish", "store", "subsume", "discard"} {
		if total["job_manager_crashes."+gap] == 0 {
			t.Errorf("no job manager died in the gap %q", gap)
		}
	}
	for _, kind := range []sim.PointerKind{sim.PointerFile, sim.PointerCoordination} {
		if pointers[kind] == 0 {
			t.Errorf("no job manager died while it replaced the root of its store, kept as %s", kind)
		}
	}
}
