package sim_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"
)

// contended is a small run whose job managers may contend.
func contended(plan ...faults.Fault) sim.Config {
	c := smallConfig(60)
	c.Storage.Pointer = sim.PointerCoordination
	c.Checkpointing.ConcurrentMax = 2
	c.Faults = plan
	return c
}

// TestLeaderChangesInAnyPhaseHarmNothing changes the leader in every phase, told
// soon or late, cut off from the coordination service or not, and has task managers
// die beside that.
func TestLeaderChangesInAnyPhaseHarmNothing(t *testing.T) {
	total := map[string]int64{}
	cuts := []faults.Duration{0, faults.Duration(time.Millisecond), faults.Duration(70 * time.Millisecond)}
	for phase := history.Triggered; phase < history.PhaseCount; phase++ {
		for variant := range 9 {
			f := faults.LeaderChangeInPhase{Phase: phase, Nth: 1 + variant/3*3, Unaware: faults.Duration(70 * time.Millisecond), Cut: cuts[variant%3]}
			if phase == history.Restoring {
				f.Nth++
			}
			death := faults.CrashAt{Machine: history.TaskManager(variant % 2), At: faults.Duration(35 * time.Millisecond)}
			what := fmt.Sprintf("%v; %v", f, death)
			r := run(t, contended(f, death))
			judge(t, what, r)
			changes(t, what, r, total)
		}
	}
	for _, seen := range []string{"leader_changes", "stale_leader_writes_refused", "publish_outcomes_unknown", "attempts of stale leaders"} {
		if total[seen] == 0 {
			t.Errorf("%s: never seen", seen)
		}
	}
}

// changes looks at what a run says of its leaders.
func changes(t *testing.T, what string, r *sim.Result, total map[string]int64) {
	t.Helper()
	past := r.Evidence.Run
	for _, name := range []string{"leader_changes", "stale_leader_writes_refused", "publish_outcomes_unknown"} {
		total[name] += past.Counters[name]
	}
	newest := 0
	for _, a := range past.Attempts {
		if a.Superseded != 0 {
			total["attempts of stale leaders"]++
			continue
		}
		if a.Incarnation < newest {
			t.Errorf("%s: attempt %d is of job manager %d, which led no more", what, a.Number, a.Incarnation)
		}
		newest = a.Incarnation
	}
}

// A stale job manager says that it ends itself, and deletes nothing from then on.
func TestStaleLeaderThatIsRefusedDeletesNothing(t *testing.T) {
	ended := 0
	for nth := range 6 {
		phase := history.Storing
		c := contended(faults.LeaderChangeInPhase{Phase: phase, Nth: nth + 1, Unaware: faults.Duration(time.Second)})
		r, err := sim.Run(context.Background(), c, sim.Options{Narrate: true})
		if err != nil {
			t.Fatal(err)
		}
		judge(t, fmt.Sprintf("change at store %d", nth+1), r)
		past := r.Evidence.Run
		at := slices.IndexFunc(past.Events, func(e history.Event) bool {
			return strings.Contains(e.Text, "process 1 leads no more, deletes nothing and ends itself")
		})
		if at < 0 {
			t.Fatalf("change at store %d: the stale job manager does not say that it ends", nth+1)
		}
		ended++
		life := slices.IndexFunc(past.Lives, func(l history.Life) bool { return l.Machine == history.JobManager && l.Number == 1 })
		if l := past.Lives[life]; l.End == 0 || l.End > past.Events[at].Step+1 {
			t.Errorf("change at store %d: it was told at step %d, and lived until %d", nth+1, past.Events[at].Step, l.End)
		}
		if past.Counters["stale_leader_writes_refused"] == 0 {
			t.Errorf("change at store %d: nothing was refused", nth+1)
		}
	}
	if ended == 0 {
		t.Error("no job manager was superseded")
	}
}

func TestLeaderOfAFileIsAlone(t *testing.T) {
	c := contended(faults.LeaderChange{At: faults.Duration(time.Millisecond)})
	c.Storage.Pointer = sim.PointerFile
	_, err := sim.Run(context.Background(), c, sim.Options{})
	want := "faults[0]: leader-change: one job manager alone may lead: want storage.pointer coordination, and durable metadata"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
