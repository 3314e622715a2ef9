package explore

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/reports"
	"flinch/scenarios"
	"flinch/sim/rng"
)

// answered returns the runs that a child answers a request with.
func answered(t *testing.T, w World, r request) (runs []Ran) {
	t.Helper()
	var in, out bytes.Buffer
	if err := json.NewEncoder(&in).Encode(r); err != nil {
		t.Fatal(err)
	}
	if err := w.Serve(t.Context(), &in, &out); err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(&out)
	for answers.More() {
		var a answer
		if err := answers.Decode(&a); err != nil {
			t.Fatal(err)
		}
		if a.Ran != nil {
			runs = append(runs, *a.Ran)
		}
	}
	return runs
}

func heapWorld() (World, Target) {
	w := World{Scenarios: scenarios.All(), Backends: []backends.Backend{heap.New()}}
	return w, Target{Scenario: "failover", Backend: "heap", FS: Mem}
}

func TestCanariesLeaveTheOtherRunsAsTheyAre(t *testing.T) {
	w, target := heapWorld()
	r := request{Target: target, First: 95, Count: 10}
	without := answered(t, w, r)
	r.CanaryEvery = 5
	var with, canaries []Ran
	for _, ran := range answered(t, w, r) {
		ran.CanaryFollows = false
		if ran.Summary.Canary {
			canaries = append(canaries, ran)
		} else {
			with = append(with, ran)
		}
	}
	if len(canaries) != 2 || canaries[0].Seed != 95 || canaries[1].Seed != 100 {
		t.Errorf("canaries %+v, want them of seeds 95 and 100", canaries)
	}
	for i := range canaries {
		if _, failed := canaries[i].Finding(); !failed || canaries[i].Summary.Idle {
			t.Errorf("canary of seed %v was not caught", canaries[i].Seed)
		}
	}
	a, _ := json.Marshal(without)
	b, _ := json.Marshal(with)
	if len(without) != 10 || !bytes.Equal(a, b) {
		t.Errorf("runs without canaries:\n%s\nwith:\n%s", a, b)
	}
}

func TestOwedCanaryIsTheFirstWithSomethingToBreak(t *testing.T) {
	w, target := heapWorld()
	var followed []rng.Seed
	// No seed here is a multiple of the number.
	for _, ran := range answered(t, w, request{Target: target, First: 1, Count: 10, CanaryEvery: 1000, CanaryOwed: true}) {
		if ran.Summary.Canary && !ran.Summary.Idle {
			followed = append(followed, ran.Seed)
		}
	}
	if len(followed) != 1 {
		t.Errorf("canaries of seeds %v, want one", followed)
	}
}

func TestOneTargetOfEachBackendOwesACanary(t *testing.T) {
	c := Campaign{CanaryEvery: 50, Targets: []Target{
		{Scenario: "one", Backend: "heap"},
		{Scenario: "one", Backend: "rocksdb"},
		{Scenario: "two", Backend: "heap"},
		{Scenario: "two", Backend: "rocksdb"},
	}}
	for i, want := range []bool{false, false, true, true} {
		if got := c.owesCanary(i); got != want {
			t.Errorf("target %d: %v, want %v", i, got, want)
		}
	}
	c.CanaryEvery = 0
	if c.owesCanary(3) {
		t.Error("a canary is owed though none is wanted")
	}
}

func TestFailedRunHasNoCanary(t *testing.T) {
	w, target := calmWorld(t, fickle{heap.New(), new(int)})
	nondeterministic := 0
	for _, ran := range answered(t, w, request{Target: target, First: 1, Count: 10, TwiceEvery: 1, CanaryEvery: 1}) {
		if ran.Summary.Nondeterministic {
			nondeterministic++
			if ran.CanaryFollows {
				t.Errorf("a canary follows seed %v, which failed", ran.Seed)
			}
		}
	}
	if nondeterministic == 0 {
		t.Error("no run failed")
	}
}

// sung runs a campaign of played children with canaries, and returns its report.
func sung(t *testing.T, mode string) *reports.Campaign {
	t.Helper()
	c := campaign(mode, 2)
	c.CanaryEvery = 19 // seeds 0 and 19: the first and the last of a request
	report := reports.NewCampaign(reports.CampaignConfig{})
	var groups Groups
	progress := make(chan struct{}, 100)
	c.Progress = func() { progress <- struct{}{} }
	c.Merge = func(r Ran) {
		report.Add(r.Summary)
		groups.Add(r)
	}
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(groups.All()); n > 0 || report.Runs != 40 || len(progress) != 40 {
		t.Errorf("%d groups, %d runs, %d of them shown, want 0, 40 and 40", n, report.Runs, len(progress))
	}
	report.Finish(0, 0)
	return report
}

func TestCanaryThatNobodyNoticesLeavesTheCampaignUndecided(t *testing.T) {
	report := sung(t, "canary-blind")
	if want := (reports.Canary{Runs: 4}); report.Canary != want || report.Exit != reports.ExitUndecided {
		t.Errorf("canary %+v, exit %d, want %+v and %d", report.Canary, report.Exit, want, reports.ExitUndecided)
	}
	var text strings.Builder
	if err := reports.WriteText(&text, report); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "did not notice a planted loss") {
		t.Errorf("text %q, want a sentence about the canary", text.String())
	}
}

func TestProcessThatDiesOfACanaryIsNoFinding(t *testing.T) {
	report := sung(t, "canary-exit")
	if want := (reports.Canary{Lost: 4}); report.Canary != want || report.Exit != reports.ExitKept {
		t.Errorf("canary %+v, exit %d, want %+v and %d", report.Canary, report.Exit, want, reports.ExitKept)
	}
}

func TestCanaryThatKillsItsProcessIsToldAsLost(t *testing.T) {
	w := dyingWorld()
	_, death := deathIn(w.Scenarios[0])
	target := Target{Scenario: "dying", Backend: "dying", FS: Mem}
	c, err := w.At(target, death)
	if err != nil {
		t.Fatal(err)
	}
	told, err := campaign("dying", 1).TellCanary(t.Context(), target, c)
	if err != nil || !told.Summary.Canary || !told.Summary.Lost || told.Summary.Idle || !strings.Contains(told.Canary, "Nothing is known of the canary: The process died") {
		t.Errorf("told %+v, error %v, want that nothing is known since the process died", told, err)
	}
}

func TestCanaryIsOwedUntilOneHadSomethingToBreak(t *testing.T) {
	w, target := heapWorld()
	lost := lostCanary(target, 1, ending{how: "exit status 3"})
	idle, sung := canaryOf(target, 1), canaryOf(target, 1)
	idle.Summary.Idle = true
	r := request{Target: target, CanaryEvery: 1000, CanaryOwed: true}
	ran := w.Run(t.Context(), target, 1, false)
	for _, canary := range []*Ran{&lost, &idle} {
		if r.paid(canary); !r.wantsCanary(&ran) {
			t.Errorf("no canary is owed after %+v", canary.Summary)
		}
	}
	if r.paid(&sung); r.wantsCanary(&ran) {
		t.Error("a canary is owed although there was one")
	}
}
