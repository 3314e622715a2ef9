package explore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"flinch/checks"
	"flinch/reports"
	"flinch/scenarios"
	"flinch/sim/rng"
)

// childMode tells the test binary to be a child process, and which.
const childMode = "FLINCH_TEST_CHILD"

func TestMain(m *testing.M) {
	switch mode := os.Getenv(childMode); mode {
	case "":
		os.Exit(m.Run())
	case "stillborn":
		fmt.Fprintln(os.Stderr, "no such thing as a child")
		os.Exit(4)
	case "dying":
		if err := dyingWorld().Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
	default:
		playChild(mode)
	}
}

// playChild answers requests as a child does, without running anything. Seed 7
// is its weak spot.
func playChild(mode string) {
	requests, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var r request
		if requests.Decode(&r) != nil {
			return
		}
		if r.Shrink != nil {
			playShrink(mode, r, answers)
		}
		for i := range r.Count {
			seed := r.First + rng.Seed(i)
			_ = answers.Encode(answer{Started: &seed})
			if mode == "chatter" {
				fmt.Println("a backend says hello")
			}
			if seed == 7 && mode == "exit" {
				fmt.Fprintln(os.Stderr, "assertion failed: seven")
				os.Exit(3)
			}
			if seed == 7 {
				playHang(mode)
			}
			ran := playRun(r.Target, seed)
			ran.CanaryFollows = divides(r.CanaryEvery, seed)
			_ = answers.Encode(answer{Ran: ran})
			if ran.CanaryFollows {
				playCanary(mode, r.Target, seed, answers)
			}
		}
	}
}

// playCanary plays the second run of a seed, in which everything seems to be well.
func playCanary(mode string, t Target, seed rng.Seed, answers *json.Encoder) {
	if mode == "canary-exit" {
		os.Exit(3)
	}
	ran := playRun(t, seed)
	ran.Summary.Canary = true
	_ = answers.Encode(answer{Ran: ran})
}

// playHang never returns in the modes that hang: waiting for something that may
// come, or deadlocked, which the Go runtime itself notices in a program without
// cgo.
func playHang(mode string) {
	switch mode {
	case "hang":
		time.Sleep(time.Hour)
	case "deadlock":
		select {}
	}
}

// playShrink answers a request to shrink: some children do not live to tell,
// unless they are asked for no runs.
func playShrink(mode string, r request, answers *json.Encoder) {
	switch {
	case r.Shrink.Runs == NoRuns:
	case mode == "exit":
		os.Exit(3)
	default:
		playHang(mode)
	}
	_ = answers.Encode(answer{Small: &Small{Case: r.Shrink.Case, Finding: reports.Finding{Message: "told by the child"}}})
}

func playRun(t Target, seed rng.Seed) *Ran {
	return &Ran{Target: t, Seed: seed, Summary: reports.RunSummary{
		Scenario: t.Scenario, Backend: t.Backend, Seed: seed.String(),
		Verdicts: []checks.Verdict{{Check: "all", Outcome: checks.Pass, Judged: 1}},
	}}
}

// campaign returns one of 20 seeds from 0 for two targets, in children of a mode.
func campaign(mode string, jobs int) Campaign {
	return Campaign{
		Targets: []Target{{Scenario: "one", Backend: "heap", FS: Mem}, {Scenario: "two", Backend: "heap", FS: Mem}},
		Count:   20, Jobs: jobs, Merge: func(Ran) {},
		Command: func() *exec.Cmd {
			cmd := Command()()
			cmd.Env = append(cmd.Env, childMode+"="+mode)
			return cmd
		},
	}
}

// merged runs a campaign and returns a line for each run, in the order of merging.
func merged(t *testing.T, c Campaign) string {
	t.Helper()
	var lines []string
	c.Merge = func(r Ran) {
		v := r.Summary.Verdicts[0]
		lines = append(lines, fmt.Sprintf("%s %d %s %v %s %q", r.Scenario, uint64(r.Seed), v.Check, v.Outcome, v.Message, v.Details))
	}
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestDyingProcessIsOneFindingAndTheCampaignGoesOn(t *testing.T) {
	c := campaign("exit", 2)
	c.Targets = c.Targets[:1]
	var died, passed int
	c.Merge = func(r Ran) {
		v, failed := r.Finding()
		switch {
		case !failed:
			passed++
		case v.Check == ProcessDied && r.Seed == 7:
			died++
			if !strings.Contains(v.Message, "exit status 3") || strings.Join(v.Details, "|") != "assertion failed: seven" {
				t.Errorf("finding %+v, want exit status 3 and what was written to standard error", v)
			}
		default:
			t.Errorf("seed %v: %+v", r.Seed, v)
		}
	}
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if died != 1 || passed != 19 {
		t.Errorf("%d died, %d passed, want 1 and 19", died, passed)
	}
}

func TestOrderOfResultsDoesNotDependOnTheNumberOfJobs(t *testing.T) {
	one := merged(t, campaign("exit", 1))
	three := merged(t, campaign("exit", 3))
	if one != three {
		t.Errorf("with one job:\n%s\n\nwith three:\n%s", one, three)
	}
	if lines := strings.Count(one, "\n") + 1; lines != 40 {
		t.Errorf("%d runs, want 40:\n%s", lines, one)
	}
}

func TestTimeHoweverShortIsEnoughForTheFirstSeedsOfEachTarget(t *testing.T) {
	c := Campaign{For: 1, Targets: []Target{{Scenario: "one"}, {Scenario: "two"}}}
	blocks := c.blocks()
	for _, want := range []string{"one", "two"} {
		if b, ok := blocks(); !ok || b.Scenario != want || b.Count != blockSeeds {
			t.Errorf("the next block is %+v (%v), want %d seeds of %s", b, ok, blockSeeds, want)
		}
	}
	if b, ok := blocks(); ok {
		t.Errorf("after the time one more block: %+v", b)
	}
}

func TestHungProcessIsAFindingWithItsStacks(t *testing.T) {
	for _, mode := range []string{"hang", "deadlock"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			c := campaign(mode, 1)
			c.Targets, c.Watchdog = c.Targets[:1], testWatchdog
			var found []string
			c.Merge = func(r Ran) {
				if v, failed := r.Finding(); failed {
					found = append(found, fmt.Sprintf("%d %s stacks=%v", uint64(r.Seed), v.Check, strings.Contains(strings.Join(v.Details, "\n"), "playHang")))
				}
			}
			if err := c.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, want := strings.Join(found, ", "), "7 process-hung stacks=true"; got != want {
				t.Errorf("findings %q, want %q", got, want)
			}
		})
	}
}

// testWatchdog is long enough for a child to start on a busy machine.
const testWatchdog = 3 * time.Second

func TestForeignOutputOfAChildDoesNoHarm(t *testing.T) {
	if got, want := merged(t, campaign("chatter", 1)), merged(t, campaign("quiet", 1)); got != want {
		t.Errorf("with chatter:\n%s\n\nwithout:\n%s", got, want)
	}
}

func TestChildrenThatNeverBeginEndTheCampaign(t *testing.T) {
	err := campaign("stillborn", 2).Run(t.Context())
	if !errors.Is(err, errBarren) || !strings.Contains(err.Error(), "no such thing as a child") {
		t.Errorf("error %v, want that children end before they begin, and what they said", err)
	}
}

func TestInterruptedCampaignMergesWhatWasFinished(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := campaign("chatter", 1)
	c.Count = 1 << 20
	done, runs := 0, 0
	c.Progress = func() {
		if done++; done == 25 {
			cancel()
		}
	}
	c.Merge = func(Ran) { runs++ }
	if err := c.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if runs < 25 || runs != done {
		t.Errorf("%d runs merged of %d finished, want all, and at least 25", runs, done)
	}
}

func TestCaseThatKillsTheShrinkerIsToldAsItIs(t *testing.T) {
	for _, mode := range []string{"exit", "hang", "deadlock"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			c := campaign(mode, 1)
			c.Watchdog = testWatchdog
			r := playRun(c.Targets[0], 7)
			r.Case = &scenarios.Case{}
			g := &Group{Ran: *r, Check: "all", Times: 1}
			if err := c.LookInto(t.Context(), []*Group{g}, Budget{}); err != nil {
				t.Fatal(err)
			}
			if g.Small == nil || g.Finding.Message != "told by the child" {
				t.Errorf("finding %+v, want it told by the second child", g.Finding)
			}
		})
	}
}

func TestFailuresOfOneKindAreOneGroup(t *testing.T) {
	var g Groups
	for seed := range 4 {
		r := playRun(Target{Scenario: "one", Backend: "heap", FS: Mem}, rng.Seed(seed))
		if seed > 0 {
			r.Summary.Verdicts[0].Outcome = checks.Fail
		}
		if seed == 3 {
			r.Summary.Verdicts[0].Check = "other"
		}
		g.Add(*r)
	}
	var got []string
	for _, group := range g.All() {
		got = append(got, fmt.Sprintf("%s from %d, %d times", group.Check, uint64(group.Seed), group.Times))
	}
	if got, want := strings.Join(got, "; "), "all from 1, 2 times; other from 3, 1 times"; got != want {
		t.Errorf("groups %q, want %q", got, want)
	}
}
