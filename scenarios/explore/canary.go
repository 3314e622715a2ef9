package explore

import (
	"context"

	"flinch/reports"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

// DefaultCanaryEvery is one seed in how many is run on a broken backend as well.
const DefaultCanaryEvery = 50

// owesCanary tells whether the canary that each backend gets is among the first
// seeds of a target: the last one of the backend.
func (c Campaign) owesCanary(target int) bool {
	if c.CanaryEvery == 0 {
		return false
	}
	for _, later := range c.Targets[target+1:] {
		if later.Backend == c.Targets[target].Backend {
			return false
		}
	}
	return true
}

// wantsCanary tells whether the seed that was run is to be run with a canary. A
// run that did not pass needs none to be noticed, and one without a checkpoint has
// nothing to break.
func (r *request) wantsCanary(ran *Ran) bool {
	_, failed := ran.Finding()
	if failed || ran.Broken != "" || ran.Summary.Completed == 0 {
		return false
	}
	return r.CanaryEvery > 0 && (r.CanaryOwed || divides(r.CanaryEvery, ran.Seed))
}

// paid notes a canary's run: one that had something to break is owed no more.
func (r *request) paid(ran *Ran) {
	r.CanaryOwed = r.CanaryOwed && (ran.Summary.Idle || ran.Summary.Lost)
}

// RunCanary draws the case of a seed and carries it out on its backend, broken on
// purpose.
func (w World) RunCanary(ctx context.Context, t Target, seed rng.Seed) Ran {
	c, err := w.At(t, seed)
	if err != nil {
		ran := canaryOf(t, seed)
		ran.Broken = err.Error()
		return ran
	}
	ran, _ := w.canary(ctx, t, c, sim.Options{})
	return ran
}

// TellCanary puts such a run into words.
func (w World) TellCanary(ctx context.Context, t Target, c scenarios.Case) (told Told) {
	var run *scenarios.CanaryRun
	if told.Ran, run = w.canary(ctx, t, c, sim.Options{Narrate: true}); run == nil {
		return told
	}
	told.Events = run.Evidence.Run.Events
	told.Canary, _ = run.Verdict()
	if v, failed := run.Broken(); failed {
		told.Finding = tell(t, c, run.Outcome, v.Check)
	}
	return told
}

// canary carries out a case on a broken backend; the run is nil if it could not be
// carried through.
func (w World) canary(ctx context.Context, t Target, c scenarios.Case, o sim.Options) (ran Ran, run *scenarios.CanaryRun) {
	ran = canaryOf(t, c.Seed)
	err := w.with(t, c, func(c scenarios.Case, pair scenarios.Pair) (err error) {
		run, err = scenarios.RunCanary(ctx, c, pair, o)
		return err
	})
	if err != nil {
		ran.Broken = err.Error()
		return ran, nil
	}
	ran.Summary = summarize(t, c.Seed, run.Outcome)
	ran.Summary.Canary, ran.Summary.Idle = true, run.Given == 0
	return ran, run
}

func canaryOf(t Target, seed rng.Seed) Ran {
	return Ran{Target: t, Seed: seed, Summary: reports.RunSummary{
		Scenario: t.Scenario, Backend: t.Backend, Seed: seed.String(), Canary: true,
	}}
}

// lostCanary is the canary's run whose process died or hung: it shows nothing.
func lostCanary(t Target, seed rng.Seed, end ending) Ran {
	ran := lost(t, seed, end)
	ran.Summary.Canary, ran.Summary.Lost = true, true
	return ran
}
