package scenarios_test

import (
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/backends/kv"
	"flinch/checks"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

// catch runs the canary over the seeds from..to-1 of every scenario. Each run in
// which it did damage has to be caught, and most runs have to be such.
func catch(t *testing.T, b backends.Backend, from, to rng.Seed) {
	t.Helper()
	runs, given := 0, map[string]int{}
	for _, s := range scenarios.All() {
		for seed := from; seed < to; seed++ {
			r, err := scenarios.RunCanary(t.Context(), s.At(seed), scenarios.Pair{Backend: b}, sim.Options{})
			if err != nil {
				t.Fatal(err)
			}
			runs++
			if r.Given == 0 {
				continue
			}
			given[r.Does]++
			if sentence, caught := r.Verdict(); !caught {
				t.Errorf("%s, seed %v: %s", s.Name, seed, sentence)
			}
		}
	}
	did := 0
	for _, n := range given {
		did += n
	}
	if len(given) != 2 || did < runs*3/4 {
		t.Errorf("of %d runs there was damage in %v: want that in most, in both ways", runs, given)
	}
}

func TestEveryCanaryThatDidDamageIsCaught(t *testing.T) {
	seeds := rng.Seed(40)
	if testing.Short() {
		seeds = 8
	}
	catch(t, heap.New(), 0, seeds)
}

func TestCanaryOfAKeyValueStoreIsCaught(t *testing.T) { catch(t, kv.New(treeEngine{}), 0, 6) }

func TestCanaryOfOneSeedLeavesOneTrace(t *testing.T) {
	for _, s := range scenarios.All() {
		for seed := range rng.Seed(2) {
			var sums [2]uint64
			for i := range sums {
				r, err := scenarios.RunCanary(t.Context(), s.At(seed), scenarios.Pair{Backend: heap.New()}, sim.Options{})
				if err != nil {
					t.Fatal(err)
				}
				sums[i] = r.Sum
			}
			if sums[0] != sums[1] {
				t.Errorf("%s, seed %v: %016x, then %016x", s.Name, seed, sums[0], sums[1])
			}
		}
	}
}

// TestCanaryLeavesTheLiveStateAlone: what it takes out it puts back, so that no
// answer of the live instances is wrong before something is restored.
func TestCanaryLeavesTheLiveStateAlone(t *testing.T) {
	calm, err := scenarios.ByName("calm")
	if err != nil {
		t.Fatal(err)
	}
	answers := int64(0)
	for seed := range rng.Seed(10) {
		r, err := scenarios.RunCanary(t.Context(), calm.At(seed), scenarios.Pair{Backend: heap.New()}, sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		run := r.Evidence.Run
		if len(run.Mismatches)+len(run.Unexpected) > 0 {
			t.Errorf("seed %v (%s): %v %v", seed, r.Does, run.Mismatches, run.Unexpected)
		}
		answers += run.Counters[checks.AnswersCounter]
	}
	if answers == 0 {
		t.Error("nothing was compared")
	}
}

func TestWhatACanaryRunShowsIsSaidInASentence(t *testing.T) {
	failed := &scenarios.Outcome{Verdicts: []checks.Verdict{{Check: "sink", Outcome: checks.Fail, Message: "A record is gone."}}}
	passed := &scenarios.Outcome{Verdicts: []checks.Verdict{{Check: "sink"}}}
	for _, x := range []struct {
		run    scenarios.CanaryRun
		want   string
		caught bool
	}{
		{scenarios.CanaryRun{Outcome: failed, Given: 1, Does: "all is lost"}, "(all is lost) was noticed by sink: A record is gone.", true},
		{scenarios.CanaryRun{Outcome: passed, Given: 1, Does: "all is lost"}, "did not notice a planted loss: all is lost.", false},
		{scenarios.CanaryRun{Outcome: failed}, "Nothing was planted", false},
	} {
		if text, caught := x.run.Verdict(); caught != x.caught || !strings.Contains(text, x.want) {
			t.Errorf("%q, caught %v, want %q, %v", text, caught, x.want, x.caught)
		}
	}
}
