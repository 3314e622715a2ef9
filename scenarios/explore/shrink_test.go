package explore

import (
	"context"
	"testing"
	"time"

	"flinch/faults"
	"flinch/model"
	"flinch/model/history"
	"flinch/scenarios"
	"flinch/sim"

	"github.com/google/go-cmp/cmp"
)

// bigCase has 60 records of two operations each over 6 keys and 3 partitions,
// and 4 faults.
func bigCase() scenarios.Case {
	var c scenarios.Case
	c.Job.Keys = []string{"a", "b", "c", "d", "e", "f"}
	c.Job.Partitions = 3
	c.Job.Parallelism, c.Job.Sources = []int{2, 3}, []int{2}
	c.Job.Operators[0] = []model.StateSpec{{Name: "x"}, {Name: "y"}, {Name: "z"}}
	c.Job.Pure = true
	c.Cluster.TaskManagers = 3
	c.Checkpointing.Retained, c.Checkpointing.Restarts = 2, sim.Unlimited
	for i := range 60 {
		r := sim.Record{Partition: i % 3, Key: i % 6}
		for o := range r.Ops {
			r.Ops[o] = []model.Op{{Kind: model.ValueSet, State: 1 + i%3, Args: []int64{int64(i)}}}
		}
		c.Records = append(c.Records, r)
	}
	for i := range 4 {
		c.Faults = append(c.Faults, faults.CrashAt{Machine: history.TaskManager(i % 3), At: faults.Duration(time.Duration(i+1) * time.Second)})
	}
	return c
}

// holds tells whether a case has a set to 31 in the first operator before one to
// 44, and a crash of task manager 2.
func holds(c scenarios.Case) bool {
	stage := 0
	for _, r := range c.Records {
		for _, op := range r.Ops[0] {
			if op.Args[0] == 31 || stage == 1 && op.Args[0] == 44 {
				stage++
			}
		}
	}
	for _, f := range c.Faults {
		if f.(faults.CrashAt).Machine == history.TaskManager(1) {
			return stage == 2
		}
	}
	return false
}

func TestShrinkKeepsOnlyWhatTheFailureNeeds(t *testing.T) {
	big := bigCase()
	small, stats := Shrink(t.Context(), big, ShrinkParams{Fails: func(_ context.Context, c scenarios.Case) bool { return holds(c) }})
	if stats.Before != 60+120+4 || stats.After != 2+2+1 || stats.Cut {
		t.Errorf("stats %+v, want 184 steps before and 5 after, not cut", stats)
	}
	if !holds(small) {
		t.Error("the small case does not fail")
	}
	want := scenarios.Case{}
	want.Job.Keys, want.Job.Partitions = []string{"b", "c"}, 1
	want.Job.Parallelism, want.Job.Sources = []int{1}, []int{1}
	// Records 31 and 44 use states 2 and 3.
	want.Job.Operators[0] = []model.StateSpec{{Name: "y"}, {Name: "z"}}
	want.Job.Pure = true
	want.Cluster.TaskManagers, want.Checkpointing.Retained = 1, 1
	want.Checkpointing.Tolerated, want.Checkpointing.Restarts = sim.Unlimited, 0
	want.Faults = faults.Plan{faults.CrashAt{Machine: history.TaskManager(1)}}
	want.Records = []sim.Record{
		{Key: 0, Ops: [sim.OperatorCount][]model.Op{{{Kind: model.ValueSet, State: 1, Args: []int64{31}}}, {}}},
		{Key: 0, Ops: [sim.OperatorCount][]model.Op{{{Kind: model.ValueSet, State: 2, Args: []int64{44}}}, {}}},
	}
	want.Job.Keys = []string{"b"}
	if diff := cmp.Diff(want.Config, small.Config); diff != "" {
		t.Errorf("small case (-want +got):\n%s", diff)
	}
}

func TestShrinkLeavesTheCaseAlone(t *testing.T) {
	big := bigCase()
	Shrink(t.Context(), big, ShrinkParams{Fails: func(_ context.Context, c scenarios.Case) bool { return holds(c) }})
	if diff := cmp.Diff(bigCase(), big); diff != "" {
		t.Errorf("the case was changed (-before +after):\n%s", diff)
	}
}

func TestShrinkEndsWhenItsRunsAreUsedUp(t *testing.T) {
	runs := 0
	_, stats := Shrink(t.Context(), bigCase(), ShrinkParams{RunsMax: 10, Fails: func(_ context.Context, c scenarios.Case) bool {
		runs++
		return holds(c)
	}})
	if runs != 10 || stats.Runs != 10 || !stats.Cut {
		t.Errorf("%d runs, stats %+v, want 10 runs and cut", runs, stats)
	}
}

func TestShrinkTrustsNoRunThatTheContextCutShort(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	small, stats := Shrink(ctx, bigCase(), ShrinkParams{Fails: func(context.Context, scenarios.Case) bool {
		cancel()
		return true
	}})
	if Size(small) != Size(bigCase()) || !stats.Cut {
		t.Errorf("size %d, stats %+v, want the case as it was", Size(small), stats)
	}
}

func TestMergingKeysKeepsEachKeyInItsPartition(t *testing.T) {
	c := bigCase() // key k is fed by partition k % 3
	if !mergeKey(&c, 5) {
		t.Fatal("key 5 and key 2 are fed by the same partition, and were not merged")
	}
	for i, r := range c.Records {
		if r.Key == 5 || r.Key%3 != r.Partition {
			t.Fatalf("record %d has key %d in partition %d", i, r.Key, r.Partition)
		}
	}
	if mergeKey(&c, 2) {
		t.Error("key 2 was merged, but no other key is fed by its partition alone")
	}
}
