package sim_test

import (
	"context"
	"testing"

	"flinch/model/history"
	"flinch/sim"
)

func narrated(t *testing.T, c sim.Config) *sim.Result {
	t.Helper()
	r, err := sim.Run(context.Background(), c, sim.Options{Narrate: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestNarrativeShowsEveryCompletedCheckpoint: whatever took part in a checkpoint
// can be drawn.
func TestNarrativeShowsEveryCompletedCheckpoint(t *testing.T) {
	for seed := range uint64(5) {
		c := rough(seed)
		r := narrated(t, c).Evidence.Run
		shown := 0
		for _, row := range r.Checkpoints {
			if row.ObservedBy != "notify" {
				continue
			}
			shown++
			a := r.Attempts[row.Attempt-1]
			subtasks := a.Parallelism + a.Sources
			want := map[string]int{
				history.Trigger: a.Sources, history.Barrier: a.Sources * a.Parallelism,
				history.Ack: subtasks, history.Notify: c.Cluster.TaskManagers,
			}
			for kind, n := range want {
				if got := arrivedWithin(r, row, kind); got < n && (kind != history.Notify || got == 0) {
					t.Errorf("seed %d: checkpoint %d has %d messages %q that arrived, want %d", seed, row.ID, got, kind, n)
				}
			}
			for _, phase := range []history.Phase{history.Synchronous, history.Asynchronous} {
				if tasks := tasksIn(r, row.ID, phase); len(tasks) != subtasks {
					t.Errorf("seed %d: checkpoint %d has %s phases of %v, want %d subtasks", seed, row.ID, phase, tasks, subtasks)
				}
			}
		}
		if shown < 2 {
			t.Errorf("seed %d: %d checkpoints were complete, want some", seed, shown)
		}
	}
}

// arrivedWithin counts the messages of a kind about a checkpoint that arrived
// after its trigger.
func arrivedWithin(r *history.Run, c history.Checkpoint, kind string) int {
	n := 0
	for _, m := range r.Messages {
		if m.Kind == kind && m.Checkpoint == c.ID && m.Sent >= c.Triggered && m.Arrived > m.Sent && m.EndAt >= m.SentAt {
			n++
		}
	}
	return n
}

func tasksIn(r *history.Run, checkpoint int64, phase history.Phase) map[string]bool {
	tasks := map[string]bool{}
	for _, s := range r.Spans {
		if s.Phase == phase && s.Checkpoint == checkpoint && s.End >= s.Begin && !s.Killed {
			tasks[s.Task] = true
		}
	}
	return tasks
}

// TestNarrativeEndsWithItsMachines: nothing goes on where nobody lives.
func TestNarrativeEndsWithItsMachines(t *testing.T) {
	for seed := range uint64(5) {
		r := narrated(t, rough(seed)).Evidence.Run
		killed, lost := 0, 0
		for _, s := range r.Spans {
			if s.Killed {
				killed++
			}
			if !lived(r, s.Machine, s.Begin, s.End) {
				t.Errorf("seed %d: %s is in its %s phase from step %d to %d, in no process' life", seed, s.Task, s.Phase, s.Begin, s.End)
			}
		}
		for _, m := range r.Messages {
			if m.Lost != 0 {
				lost++
			}
			if m.Lost != 0 && m.Arrived != 0 {
				t.Errorf("seed %d: message %+v is lost and has arrived", seed, m)
			}
		}
		if len(r.Crashes) > 1 && (killed == 0 || lost == 0) {
			t.Errorf("seed %d: %d crashes ended %d phases and lost %d messages", seed, len(r.Crashes), killed, lost)
		}
	}
}

// lived tells whether one life of a machine covers the steps.
func lived(r *history.Run, m history.Machine, begin, end history.Step) bool {
	for _, l := range r.Lives {
		if l.Machine == m && l.Begin <= begin && (l.End == 0 || end != 0 && end <= l.End) {
			return true
		}
	}
	return false
}

func TestNarrativeLeavesTheTraceAsItIs(t *testing.T) {
	for seed := range uint64(5) {
		silent, told := run(t, rough(seed)), narrated(t, rough(seed))
		if silent.Sum != told.Sum {
			t.Errorf("seed %d: sum %x, %x when it is told", seed, silent.Sum, told.Sum)
		}
		if r := silent.Evidence.Run; len(r.Events)+len(r.Messages)+len(r.Spans)+len(r.Lives) != 0 {
			t.Errorf("seed %d: a silent run tells something", seed)
		}
	}
}

// TestNarrativeIsCutWhereTheRunIs: what is under way at a step ends there.
func TestNarrativeIsCutWhereTheRunIs(t *testing.T) {
	whole := narrated(t, rough(1)).Evidence.Run
	last := whole.Spans[len(whole.Spans)-1].Begin
	for step := history.Step(1); step < last; step += last/50 + 1 {
		cut := whole.Until(step)
		for _, s := range cut.Spans {
			if s.Begin > step || s.End == 0 || s.End > step {
				t.Fatalf("until %d: %+v", step, s)
			}
		}
		for _, m := range cut.Messages {
			if m.Sent > step || m.Arrived > step || m.Lost > step || (m.Arrived == 0) == (m.Lost == 0) {
				t.Fatalf("until %d: %+v", step, m)
			}
		}
		for _, l := range cut.Lives {
			if l.Begin > step || l.End == 0 || l.End > step {
				t.Fatalf("until %d: %+v", step, l)
			}
		}
	}
	end := whole.Until(1 << 40)
	if len(end.Messages) != len(whole.Messages) || len(end.Spans) != len(whole.Spans) || len(end.Lives) != len(whole.Lives) {
		t.Error("the history until its end lacks some of it")
	}
}
