//go:build cgo && !norocksdb

package scenarios_test

import (
	"context"
	"maps"
	"testing"

	"flinch/backends/heap"
	"flinch/backends/rocksdb"
	"flinch/checks"
	"flinch/model"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"

	"github.com/google/go-cmp/cmp"
)

func TestRocksDBKeepsEveryGuarantee(t *testing.T) {
	scenarios.Check(t, rocksdb.New(), scenarios.CheckOptions{Count: 5, Short: testing.Short(), Reference: heap.New()})
}

// TestWholeAndSteppedJobsEndInEqualState: what an engine's jobs overlap with
// changes the trace, and nothing of what the job sees.
func TestWholeAndSteppedJobsEndInEqualState(t *testing.T) {
	s, err := scenarios.ByName("differential")
	if err != nil {
		t.Fatal(err)
	}
	seeds := 4
	if testing.Short() {
		seeds = 1
	}
	for seed := range rng.Seed(seeds) {
		whole, steppedEnd := runStepped(t, s.At(seed), 0), runStepped(t, s.At(seed), 1)
		if whole.Sum == steppedEnd.Sum {
			t.Errorf("seed %v: whole and stepped jobs leave the same trace", seed)
		}
		if n := steppedEnd.Evidence.Run.Counters["operations_during_stepped_jobs"]; n == 0 {
			t.Errorf("seed %v: no operation met a job in its middle", seed)
		}
		if diff := cmp.Diff(finalState(t, whole), finalState(t, steppedEnd)); diff != "" {
			t.Errorf("seed %v: final state with whole and with stepped jobs (-whole +stepped):\n%s", seed, diff)
		}
	}
}

func runStepped(t *testing.T, c scenarios.Case, stepped int64) *scenarios.Outcome {
	t.Helper()
	c.Tuning = maps.Clone(c.Tuning)
	c.Tuning["rocksdb.stepped"], c.Tuning["rocksdb.full"] = stepped, 0
	o, err := scenarios.Run(context.Background(), c, rocksdb.New(), sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if v, broken := o.Broken(); broken {
		t.Fatalf("stepped=%d: %s: %s\n%q", stepped, v.Check, v.Message, v.Details)
	}
	return o
}

// finalState is what auditors found in the newest checkpoint at the end, by
// operator; but for values with a time to live.
func finalState(t *testing.T, o *scenarios.Outcome) [][]model.Entry {
	t.Helper()
	var newest *checks.Audit
	for i := range o.Evidence.Audits {
		if a := &o.Evidence.Audits[i]; a.Kind == checks.AtQuiesce && (newest == nil || a.Checkpoint > newest.Checkpoint) {
			newest = a
		}
	}
	if newest == nil {
		t.Fatal("nothing was audited at the end")
	}
	state := make([][]model.Entry, len(newest.Keyed))
	for i, k := range newest.Keyed {
		for _, d := range k.Dumps {
			for _, e := range d.Entries {
				if e.Stamp == 0 { // which compaction came first decides what is left of expired state
					state[i] = append(state[i], e)
				}
			}
		}
		if len(state[i]) == 0 {
			t.Fatalf("operator %d has no state", i)
		}
	}
	return state
}

func TestCanaryOfRocksDBIsCaught(t *testing.T) { catch(t, rocksdb.New(), 2, 4) }
