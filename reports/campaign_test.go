package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"flinch/checks"
	"flinch/model/history"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func drawSummary(t *rapid.T) RunSummary {
	small := rapid.Int64Range(0, 3)
	return RunSummary{
		Scenario: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "scenario"),
		Backend:  "heap",
		Seed:     fmt.Sprintf("0x%012x", rapid.Uint16().Draw(t, "seed")),
		Verdicts: []checks.Verdict{{Check: "x", Outcome: checks.Outcome(rapid.IntRange(0, 2).Draw(t, "outcome")), Judged: 1}},
		Canary:   rapid.IntRange(0, 9).Draw(t, "canary") == 0,
		Counters: map[string]int64{"p": small.Draw(t, "p")},
		Fired:    map[string]int64{"crash-at": small.Draw(t, "fired")},
		FiredIn:  []FiredIn{{Fault: "crash-at", Phase: history.Phase(small.Draw(t, "phase")), Times: 1}},
		Restores: small.Draw(t, "restores"),
		CrashPhases: rapid.SliceOfN(rapid.Map(rapid.IntRange(0, int(history.PhaseCount)-1),
			func(i int) history.Phase { return history.Phase(i) }), 0, 3).Draw(t, "phases"),
		AuditedEntries: rapid.SliceOfN(rapid.Int64Range(0, 99), 0, 3).Draw(t, "entries"),
		StrictLeaks:    rapid.Bool().Draw(t, "strict"),
		Simulated:      time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "simulated")),
	}
}

// write adds the runs and returns all that is written of them.
func write(t *rapid.T, runs []RunSummary) string {
	c := NewCampaign(CampaignConfig{Scenarios: []string{"a", "b"}, TraceSums: true})
	for _, r := range runs {
		c.Add(r)
	}
	c.Finish(time.Second, time.Second)
	var out bytes.Buffer
	if err := WriteJSON(&out, c); err != nil {
		t.Fatal(err)
	}
	if err := WriteText(&out, c); err != nil {
		t.Fatal(err)
	}
	if err := WriteJUnit(&out, c); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestOrderOfRunsDoesNotShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		byID := func(r RunSummary) string { return r.Scenario + r.Seed }
		runs := rapid.SliceOfNDistinct(rapid.Custom(drawSummary), 0, 12, byID).Draw(t, "runs")
		shuffled := rapid.Permutation(runs).Draw(t, "order")
		if diff := cmp.Diff(write(t, runs), write(t, shuffled)); diff != "" {
			t.Fatalf("(-one order +another)\n%s", diff)
		}
	})
}

func TestWrittenCampaignIsJudgedAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewCampaign(CampaignConfig{AllScenarios: rapid.Bool().Draw(t, "all"), Faults: []string{"crash-at", "power-loss"}, Checks: []string{"x", "restored-state"}})
		for _, r := range rapid.SliceOfN(rapid.Custom(drawSummary), 0, 12).Draw(t, "runs") {
			c.Add(r)
		}
		c.Interrupted = rapid.IntRange(0, 9).Draw(t, "interrupted") == 0
		c.Finish(time.Second, time.Second)
		var out bytes.Buffer
		if err := WriteJSON(&out, c); err != nil {
			t.Fatal(err)
		}
		var read Campaign
		if err := json.Unmarshal(out.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Floors(c), Floors(&read)); diff != "" {
			t.Fatalf("(-before +read)\n%s", diff)
		}
		if ExitCode(c) != ExitCode(&read) || read.Exit != ExitCode(c) {
			t.Fatalf("exit %d before, %d judged again, %d read", ExitCode(c), ExitCode(&read), read.Exit)
		}
	})
}

// goodCampaign just meets every floor.
func goodCampaign() *Campaign {
	c := NewCampaign(CampaignConfig{AllScenarios: true, Faults: []string{"crash-at"}, Checks: []string{"ledger"}})
	c.Runs, c.Restores, c.Crashes = 300, 300, 10
	c.FaultsFired["crash-at"] = 1
	for name, n := range map[string]int64{
		crashesInSnapshots: 2, auditedRestores: 1, auditedEntriesMedian: 30,
		strictLeakChecks: 100, legalStops: 15, judgedCounter("ledger"): 1,
	} {
		c.Counters[name] = n
	}
	return c
}

func TestFloorsAreJudgedExactly(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(c *Campaign)
	}{
		{"restores per run", func(c *Campaign) { c.Restores-- }},
		{"crashes between barrier and publish", func(c *Campaign) { c.Crashes++ }},
		{"crashes between barrier and publish", func(c *Campaign) { c.Crashes, c.Counters[crashesInSnapshots] = 0, 0 }},
		{"entries per audited restore", func(c *Campaign) { c.Counters[auditedEntriesMedian]-- }},
		{"entries per audited restore", func(c *Campaign) { c.Counters[auditedRestores]-- }},
		{"strict leak checks", func(c *Campaign) { c.Counters[strictLeakChecks]-- }},
		{"runs without a legal stop", func(c *Campaign) { c.Counters[legalStops]++ }},
		{"fault crash-at", func(c *Campaign) { c.FaultsFired["crash-at"]-- }},
		{"judged by ledger", func(c *Campaign) { c.Counters[judgedCounter("ledger")]-- }},
	} {
		c := goodCampaign()
		if missed, code := Missed(c), ExitCode(c); len(missed) > 0 || code != ExitKept {
			t.Fatalf("before %s: exit %d, missed %v", test.name, code, missed)
		}
		test.change(c)
		missed := Missed(c)
		if len(missed) != 1 || missed[0].Name != test.name || ExitCode(c) != ExitUndecided {
			t.Errorf("%s: exit %d, missed %v", test.name, ExitCode(c), missed)
		}
	}
}

func TestMixIsJudgedForAllScenariosTogether(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(c *Campaign)
		want   int
	}{
		{"mix missed", func(c *Campaign) { c.Restores, c.Counters[strictLeakChecks] = 0, 0 }, ExitKept},
		{"fault never fired", func(c *Campaign) { c.FaultsFired["crash-at"] = 0 }, ExitUndecided},
		{"check never judged", func(c *Campaign) { c.Counters[judgedCounter("ledger")] = 0 }, ExitUndecided},
	} {
		c := goodCampaign()
		test.change(c)
		if got := ExitCode(c); got != ExitUndecided {
			t.Errorf("%s: exit %d over all scenarios, want %d", test.name, got, ExitUndecided)
		}
		c.AllScenarios = false
		if got := ExitCode(c); got != test.want {
			t.Errorf("%s: exit %d over some scenarios, want %d", test.name, got, test.want)
		}
	}
}

func TestExitCodeNamesTheWorst(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(c *Campaign)
		want   int
	}{
		{"kept", func(*Campaign) {}, ExitKept},
		{"a floor missed below its number of runs", func(c *Campaign) { c.Runs, c.Restores = FloorRunsMin-1, 0 }, ExitKept},
		{"a floor missed", func(c *Campaign) { c.Restores = 0 }, ExitUndecided},
		{"undecided", func(c *Campaign) { c.Undecided = 1 }, ExitUndecided},
		{"canary lives", func(c *Campaign) { c.Canary = Canary{Runs: 2, Caught: 1} }, ExitUndecided},
		{"canary caught", func(c *Campaign) { c.Canary = Canary{Runs: 2, Caught: 2} }, ExitKept},
		{"no runs", func(c *Campaign) { c.Runs = 0 }, ExitUndecided},
		{"broken and undecided", func(c *Campaign) { c.Failures, c.Undecided = 1, 1 }, ExitBroken},
		{"interrupted and broken", func(c *Campaign) { c.Failures, c.Interrupted = 1, true }, ExitInterrupted},
		{"two traces and broken", func(c *Campaign) { c.Failures, c.Nondeterministic = 1, 1 }, ExitNondeterministic},
	} {
		c := goodCampaign()
		test.change(c)
		if got := ExitCode(c); got != test.want {
			t.Errorf("%s: exit %d, want %d", test.name, got, test.want)
		}
	}
}

func TestMedianIsTheLowerOfTwo(t *testing.T) {
	for _, test := range []struct {
		entries []int64
		want    int64
	}{{nil, 0}, {[]int64{7}, 7}, {[]int64{40, 20}, 20}, {[]int64{1, 50, 30}, 30}, {[]int64{9, 9, 1, 50}, 9}} {
		c := NewCampaign(CampaignConfig{})
		c.Add(RunSummary{AuditedEntries: test.entries})
		c.Finish(0, 0)
		if got := c.Counters[auditedEntriesMedian]; got != test.want {
			t.Errorf("%v: got %d, want %d", test.entries, got, test.want)
		}
	}
}

func TestFingerprintKeepsPartsApart(t *testing.T) {
	seen := map[string]string{}
	for _, parts := range [][3]string{{"ledger", "", "heap"}, {"ledger", "h", "eap"}, {"ledge", "r", "heap"}, {"ledger", "crash", "heap"}} {
		f := Fingerprint(parts[0], parts[1], parts[2])
		if other, taken := seen[f]; taken || len(f) != 6 || f != Fingerprint(parts[0], parts[1], parts[2]) {
			t.Errorf("%v: %s, as %s", parts, f, other)
		}
		seen[f] = fmt.Sprint(parts)
	}
}

func TestNormalKeepsTheCauseAlone(t *testing.T) {
	for _, alike := range [][2]string{
		{"Attempt 2 started from nothing although checkpoint 1 was complete.", "Attempt 11 started from nothing although checkpoint 9 was complete."},
		{"stat /checkpoints/job/chk-1/0a1b: file does not exist", "stat /checkpoints/chk-12: file does not exist"},
		{`state "a\"b" of task-manager-1: want [1 2 3], got [4]`, `state "" of task-manager-2: want [7], got [1 -2]`},
		{"group 57 lost 1 key on the 1st try", "group 5 lost 12 keys on the 22nd try"},
	} {
		if a, b := Normal(alike[0]), Normal(alike[1]); a != b {
			t.Errorf("%q and %q are to be the same", a, b)
		}
	}
	for _, apart := range [][2]string{
		{"Attempt 2 started from nothing.", "Attempt 2 started from an older checkpoint."},
		{"stat /a: file does not exist", "stat /a: input/output error"},
		{"key group 1 lost 1 key", "key group 1 gained 1 key"},
	} {
		if Normal(apart[0]) == Normal(apart[1]) {
			t.Errorf("%q is what becomes of both %q", Normal(apart[0]), apart)
		}
	}
}

func TestStepsMarkWhereItBroke(t *testing.T) {
	events := []history.Event{
		{Step: 3, At: time.Second, Machine: history.TaskManager(0), Text: "put"},
		{Step: 5, Machine: history.Storage, Fault: true, Text: "loses power"},
		{Step: 9, Text: "restore"},
	}
	want := []Step{
		{At: time.Second, Actor: "task-manager-1", Text: "put", Machine: history.FirstTaskManager, Number: 3},
		{Actor: "FAULT storage", Text: "loses power", Fault: true, Broken: true, Machine: history.Storage, Number: 5},
		{Actor: "job-manager", Text: "restore", Number: 9},
	}
	if diff := cmp.Diff(want, Steps(events, 8)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, s := range Steps(events, 0) {
		if s.Broken {
			t.Errorf("marked although unknown: %v", s)
		}
	}
}

func TestCrashesCountFromAligningToPublishing(t *testing.T) {
	c := NewCampaign(CampaignConfig{})
	for p := range history.PhaseCount {
		before := c.Counters[crashesInSnapshots]
		c.Add(RunSummary{CrashPhases: []history.Phase{p}})
		want := p != history.Running && p != history.Triggered && p < history.Completing
		if got := c.Counters[crashesInSnapshots] > before; got != want {
			t.Errorf("%v: counted %v, want %v", p, got, want)
		}
	}
}

func TestCanaryIsNotCaughtByANondeterministicRun(t *testing.T) {
	c := NewCampaign(CampaignConfig{})
	broken := []checks.Verdict{{Outcome: checks.Fail}}
	c.Add(RunSummary{Canary: true, Verdicts: broken})
	c.Add(RunSummary{Canary: true, Verdicts: broken, Nondeterministic: true})
	if want := (Canary{Runs: 2, Caught: 1}); c.Canary != want || c.Runs != 0 {
		t.Errorf("got %+v and %d runs, want %+v", c.Canary, c.Runs, want)
	}
}

func TestSeedsAreOrderedAsNumbers(t *testing.T) {
	if compareSeeds("0x9fffffffffff", "0x1000000000000") >= 0 || compareSeeds("0x01", "0x02") >= 0 {
		t.Error("the smaller seed does not come first")
	}
}

func TestHeatCountsEachFailingRunOnce(t *testing.T) {
	c := NewCampaign(CampaignConfig{})
	r := RunSummary{
		FiredIn:     []FiredIn{{"io-error", history.Publishing, 2}, {"io-error", history.Publishing, 1}, {"io-error", history.Running, 1}},
		CrashPhases: []history.Phase{history.Aligning, history.Aligning},
	}
	c.Add(r)
	r.Verdicts = []checks.Verdict{{Check: "ledger", Outcome: checks.Fail}}
	c.Add(r)
	r.Nondeterministic = true // nothing can be put down to its faults
	c.Add(r)
	want := []HeatRow{
		{AnyCrash, history.Aligning, 6, 1},
		{"io-error", history.Running, 3, 1},
		{"io-error", history.Publishing, 9, 1},
	}
	if diff := cmp.Diff(want, c.Heat); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestChecksStandInTheOrderOfJudging(t *testing.T) {
	c := NewCampaign(CampaignConfig{Checks: []string{"sink", "ledger"}})
	c.Add(RunSummary{Verdicts: []checks.Verdict{
		{Check: "process-died", Outcome: checks.Fail}, {Check: "ledger", Judged: 3}, {Check: "sink"},
	}})
	c.Add(RunSummary{Verdicts: []checks.Verdict{{Check: "ledger", Outcome: checks.Unknown, Judged: 1}}})
	want := []CheckRow{
		{Check: "sink"},
		{Check: "ledger", Runs: 2, Compared: 4, Undecided: 1},
		{Check: "process-died", Runs: 1, Broken: 1},
	}
	if diff := cmp.Diff(want, c.ByCheck); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestIdleCanaryIsNoEvidence(t *testing.T) {
	c := NewCampaign(CampaignConfig{})
	c.Add(RunSummary{Canary: true, Idle: true, Verdicts: []checks.Verdict{{Check: "ledger", Outcome: checks.Fail}}})
	c.Add(RunSummary{Canary: true, Idle: true})
	if want := (Canary{Idle: 2}); c.Canary != want || c.Runs != 0 {
		t.Errorf("got %+v and %d runs, want %+v", c.Canary, c.Runs, want)
	}
	if text := c.Canary.String(); !strings.Contains(text, "2 runs") {
		t.Errorf("text %q, want the two runs", text)
	}
}

// TestLostCanaryIsSaidToBeLost: that its process died tells nothing of what was
// planted.
func TestLostCanaryIsSaidToBeLost(t *testing.T) {
	died := []checks.Verdict{{Check: "process-died", Outcome: checks.Fail}}
	c := NewCampaign(CampaignConfig{})
	c.Add(RunSummary{Canary: true, Lost: true, Verdicts: died})
	if want := (Canary{Lost: 1}); c.Canary != want || c.Runs != 0 {
		t.Errorf("got %+v and %d runs, want %+v", c.Canary, c.Runs, want)
	}
	for _, x := range []struct {
		canary Canary
		want   string
	}{
		{Canary{}, ""},
		{Canary{Lost: 1}, "nothing is known of 1 run: the process died or hung"},
		{Canary{Idle: 1}, "nothing to catch in 1 run: nothing that it damaged was restored"},
		{Canary{Idle: 2, Lost: 3}, "nothing to catch in 2 runs: nothing that it damaged was restored; nothing is known of 3 runs: the process died or hung"},
		{Canary{Runs: 2, Caught: 2, Idle: 1, Lost: 1}, "caught 2 of 2; nothing is known of 1 run: the process died or hung"},
		{
			Canary{Runs: 2, Caught: 1, Lost: 1, Replay: "it"},
			"caught 1 of 2: the harness did not notice a planted loss, so what passes may be broken; nothing is known of 1 run: the process died or hung; replay: it",
		},
	} {
		if got := x.canary.String(); got != x.want {
			t.Errorf("%+v: %q, want %q", x.canary, got, x.want)
		}
	}
}

// TestCampaignThatShouldHaveCaughtACanaryIsUndecidedWithout: nothing then shows
// that the harness notices anything.
func TestCampaignThatShouldHaveCaughtACanaryIsUndecidedWithout(t *testing.T) {
	for _, x := range []struct {
		name   string
		wanted bool
		runs   int64
		canary Canary
		want   int
	}{
		{"caught", true, FloorRunsMin, Canary{Runs: 1, Caught: 1, Idle: 3, Lost: 3}, ExitKept},
		{"none", true, FloorRunsMin, Canary{}, ExitUndecided},
		{"all idle", true, FloorRunsMin, Canary{Idle: 3}, ExitUndecided},
		{"all lost", true, FloorRunsMin, Canary{Lost: 3}, ExitUndecided},
		{"all lost of few runs", true, FloorRunsMin - 1, Canary{Lost: 3}, ExitKept},
		{"none wanted", false, FloorRunsMin, Canary{}, ExitKept},
	} {
		c := NewCampaign(CampaignConfig{Canaries: x.wanted})
		c.Runs, c.Canary = x.runs, x.canary
		if got := ExitCode(c); got != x.want {
			t.Errorf("%s: exit %d, want %d: %v", x.name, got, x.want, Missed(c))
		}
	}
}
