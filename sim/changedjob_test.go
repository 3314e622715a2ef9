package sim_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"flinch/checks"
	"flinch/sim"
	"flinch/sim/checkpoint"
)

// renamed has an operator "added" where "first" or "second" stood.
func renamed(place int, allow bool) *sim.ChangedJob {
	j := &sim.ChangedJob{AllowNonRestoredState: allow}
	j.Operators[place] = "added"
	return j
}

// afterCheckpoint is a point of a run of cfg by which a checkpoint was complete.
func afterCheckpoint(t *testing.T, cfg sim.Config) sim.Point {
	t.Helper()
	points := wholeCheckpoint(t, cfg)
	p := points[len(points)-1]
	if p.Duty.Lo == 0 {
		t.Fatal("no checkpoint was complete")
	}
	return p
}

func TestStateOfAnOperatorThatTheJobHasNoMoreIsNotDroppedWithoutLeave(t *testing.T) {
	refusedWithoutLeave(t, afterCheckpoint(t, smallConfig(60)))
}

func refusedWithoutLeave(t *testing.T, p sim.Point) {
	t.Helper()
	for place, name := range []string{"first", "second"} {
		r, err := sim.Recover(context.Background(), p, sim.Recovery{Restored: true, Job: renamed(place, false)})
		wantMisfit(t, r, err, `no operator "`+name+`" (2 of its 2 subtasks hold state)`)
	}
	both := &sim.ChangedJob{Operators: [sim.OperatorCount]string{"one", "two"}}
	r, err := sim.Recover(context.Background(), p, sim.Recovery{Restored: true, Job: both})
	wantMisfit(t, r, err, `no operator "first" (2 of its 2 subtasks hold state), and no operator "second"`)
}

func wantMisfit(t *testing.T, r *sim.Result, err error, says string) {
	t.Helper()
	if r != nil || !errors.Is(err, checkpoint.ErrMisfit) || !strings.Contains(err.Error(), says) {
		t.Errorf("result %v, error %v; want a refusal that says %q", r, err, says)
	}
}

func TestAddedOperatorStartsEmptyAndTheOtherIsRestoredInFull(t *testing.T) {
	addedStartsEmpty(t, afterCheckpoint(t, smallConfig(60)))
}

func addedStartsEmpty(t *testing.T, p sim.Point) {
	t.Helper()
	for place := range sim.OperatorCount {
		r, err := sim.Recover(context.Background(), p, sim.Recovery{Restored: true, Job: renamed(place, true)})
		if err != nil {
			t.Fatal(err)
		}
		if name := r.Evidence.Facts.Operators[place].Name; name != "added" {
			t.Errorf("operator %d is %q", place, name)
		}
		restoredAs(t, r, place)
	}
}

// restoredAs fails the test unless a restore was audited and found right, with
// state in every operator but the added one.
func restoredAs(t *testing.T, r *sim.Result, added int) {
	t.Helper()
	at := slices.IndexFunc(r.Evidence.Audits, func(a checks.Audit) bool { return a.Kind == checks.AtRestore })
	if at < 0 {
		t.Fatal("no restore was audited")
	}
	for _, k := range r.Evidence.Audits[at].Keyed {
		held := 0
		for _, d := range k.Dumps {
			held += len(d.Entries)
		}
		if (held == 0) != (k.Operator == added) || held != len(k.Expected) {
			t.Errorf("operator %d, added %d: %d entries, %d expected", k.Operator, added, held, len(k.Expected))
		}
	}
	for _, v := range checks.Judge(context.Background(), r.Evidence) {
		// The end of the run is missing: see outages.
		if v.Outcome == checks.Fail && (v.Check == "restored-state" || v.Check == "no-regress" || v.Check == "operator-state") {
			t.Errorf("%s: %s\n%v", v.Check, v.Message, v.Details)
		}
	}
}

func TestAnotherMaxParallelismIsRefused(t *testing.T) {
	p := afterCheckpoint(t, smallConfig(60))
	for _, groups := range []int{4, 16} {
		r, err := sim.Recover(context.Background(), p, sim.Recovery{Restored: true, Job: &sim.ChangedJob{MaxParallelism: groups, AllowNonRestoredState: true}})
		wantMisfit(t, r, err, "it was taken with max parallelism 8")
	}
}

func TestAnotherJobStartsFromNothingWhereNoCheckpointIsComplete(t *testing.T) {
	var first *sim.Point
	if _, err := sim.Run(context.Background(), smallConfig(60), sim.Options{Observe: func(p sim.Point) {
		if first == nil {
			first = &p
		}
	}}); err != nil {
		t.Fatal(err)
	}
	job := renamed(1, false)
	job.MaxParallelism = 16
	if _, err := sim.Recover(context.Background(), *first, sim.Recovery{Restored: true, Job: job}); err != nil {
		t.Errorf("with nothing to restore: %v", err)
	}
}

func TestJobsThatNoRecoveryCanStartAreRefused(t *testing.T) {
	p := afterCheckpoint(t, smallConfig(60))
	for says, r := range map[string]sim.Recovery{
		"set Recovery.Restored":              {Job: renamed(0, true)},
		`Operators[0]: "second" is another`:  {Restored: true, Job: &sim.ChangedJob{Operators: [sim.OperatorCount]string{"second", "first"}}},
		`Operators[1]: "sink" is another`:    {Restored: true, Job: &sim.ChangedJob{Operators: [sim.OperatorCount]string{"", "sink"}}},
		`Operators[1]: "new" is another`:     {Restored: true, Job: &sim.ChangedJob{Operators: [sim.OperatorCount]string{"new", "new"}}},
		"job.max_parallelism: -1: want 1 to": {Restored: true, Job: &sim.ChangedJob{MaxParallelism: -1}},
		"job.parallelism[0]: 2: want 1 to 1": {Restored: true, Job: &sim.ChangedJob{MaxParallelism: 1}},
	} {
		if _, err := sim.Recover(context.Background(), p, r); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
}
