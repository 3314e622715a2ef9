package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"flinch/checks"
	"flinch/model/history"
	"flinch/reports"
	"flinch/scenarios"
	"flinch/sim"
)

// DefaultShrinkTime bounds the shrinking of one case in real time.
const DefaultShrinkTime = 15 * time.Second

// Small makes a case that breaks a check smaller, and puts it into words. A case
// that kills its process must not be given to it. Alive, unless nil, is called
// now and then.
func (w World) Small(ctx context.Context, t Target, c scenarios.Case, check string, b Budget, alive func()) (Small, error) {
	before, err := w.Once(ctx, t, c, sim.Options{Narrate: true})
	if err != nil {
		return Small{}, err
	}
	if b.Runs < 0 {
		finding := tell(t, c, before, check)
		finding.Determinism = w.again(ctx, t, c, before.Sum)
		return Small{Case: c, Sum: w.sumText(t, before), Stats: ShrinkStats{Before: Size(c), After: Size(c)}, Finding: finding}, nil
	}
	if b.Time == 0 {
		b.Time = DefaultShrinkTime
	}
	limited, cancel := context.WithTimeout(ctx, b.Time)
	defer cancel()
	began := time.Now()
	small, stats := Shrink(limited, c, ShrinkParams{RunsMax: b.Runs, Fails: func(ctx context.Context, c scenarios.Case) bool {
		if alive != nil {
			alive()
		}
		return w.breaks(ctx, t, c, check)
	}})
	took := time.Since(began)
	after, err := w.Once(ctx, t, small, sim.Options{Narrate: true})
	if err != nil {
		return Small{}, err
	}
	finding := tell(t, small, after, check)
	finding.Determinism = w.again(ctx, t, small, after.Sum)
	finding.Shrunk, finding.ShrunkIn = true, took
	finding.StepsBefore = len(before.Evidence.Run.Events)
	finding.ShrinkCut = cut(limited, stats)
	return Small{Case: small, Sum: w.sumText(t, after), Stats: stats, Finding: finding}, nil
}

// cut says why shrinking ended early; "": it did not.
func cut(limited context.Context, stats ShrinkStats) string {
	switch {
	case !stats.Cut:
		return ""
	case limited.Err() != nil:
		return "time ran out"
	}
	return fmt.Sprintf("%d runs were used up", stats.Runs)
}

// breaks tells whether the first check that a case breaks is the given one.
func (w World) breaks(ctx context.Context, t Target, c scenarios.Case, check string) bool {
	outcome, err := w.Once(ctx, t, c, sim.Options{})
	if err != nil {
		return false
	}
	v, broken := outcome.Broken()
	return broken && v.Check == check
}

// Tell runs a case twice and puts it into words.
func (w World) Tell(ctx context.Context, t Target, c scenarios.Case) Told {
	told := Told{Ran: w.RunCase(ctx, t, c, true)}
	outcome, err := w.Once(ctx, t, c, sim.Options{Narrate: true})
	if err != nil {
		told.Broken = err.Error()
		return told
	}
	told.Events = outcome.Evidence.Run.Events
	told.Storage = reports.StorageText(outcome.Evidence.Run.Recount, checks.Excuses(outcome.Evidence))
	v, failed := told.Ran.Finding()
	switch {
	case !failed:
	case v.Check == Nondeterministic:
		told.Finding = plain(&told.Ran)
	default:
		told.Finding = tell(t, c, outcome, v.Check)
		told.Finding.Determinism = w.same(t, told.Summary.Sum)
	}
	return told
}

// tell puts a narrated run into words. What only the caller knows is left empty:
// where the finding is kept, and how it is replayed.
func tell(t Target, c scenarios.Case, o *scenarios.Outcome, check string) reports.Finding {
	f := reports.Finding{
		Check: check, Scenario: t.Scenario, Backend: t.Backend, Seed: c.Seed.String(),
	}
	v := judged(&f, o.Verdicts, check)
	f.Checkpoint = v.Checkpoint
	f.Fingerprint = reports.Fingerprint(check, reports.Normal(v.Message)+" "+shape(c), t.Backend)
	f.Steps = reports.Steps(o.Evidence.Run.Events, v.Step)
	f.Picture = reports.NewPicture(o.Evidence.Run, v.Step)
	crashed(&f, o.Evidence.Run)
	return f
}

// again runs a case once more and says whether its trace is the same.
func (w World) again(ctx context.Context, t Target, c scenarios.Case, sum uint64) string {
	if w.Engine(t.Backend).Opaque != "" {
		return w.same(t, "")
	}
	outcome, err := w.Once(ctx, t, c, sim.Options{})
	switch {
	case err != nil:
		return "not known: " + err.Error()
	case outcome.Sum != sum:
		return fmt.Sprintf("run again, another trace: %s, then %s", SumText(sum), SumText(outcome.Sum))
	}
	return w.same(t, SumText(sum))
}

// same says that a repetition had the same trace; of an opaque backend, that
// traces are not compared.
func (w World) same(t Target, sum string) string {
	if why := w.Engine(t.Backend).Opaque; why != "" {
		return "traces are not compared: " + why
	}
	return "run again, same trace " + sum
}

// sumText is the checksum of a run's trace; "" for opaque backends.
func (w World) sumText(t Target, o *scenarios.Outcome) string {
	if w.Engine(t.Backend).Opaque != "" {
		return ""
	}
	return SumText(o.Sum)
}

// judged fills in what the verdicts say, and returns the one of the check.
func judged(f *reports.Finding, verdicts []checks.Verdict, check string) (its checks.Verdict) {
	for _, v := range verdicts {
		switch {
		case v.Check == check:
			its = v
			f.Message, f.Differences, f.DifferencesLeft = v.Message, v.Details, v.More
			f.DifferencesTitle, f.DifferencesNote = cmp.Or(v.Title, "difference (expected | found)"), v.Note
		case v.Outcome == checks.Fail:
			f.Also = append(f.Also, v.Check)
		}
	}
	return its
}

// crashed counts crashes and other faults. Faults that kill are crashes.
func crashed(f *reports.Finding, run *history.Run) {
	f.Crashes = len(run.Crashes)
	for _, fired := range run.Fired {
		kills := slices.ContainsFunc(run.Crashes, func(c history.Crash) bool {
			return c.At == fired.At && c.Machine == fired.Machine
		})
		if !kills {
			f.OtherFaults++
		}
	}
}

// shape is what a case looks like without its incidental values: which kinds of
// faults and of operations it has, and its storage.
func shape(c scenarios.Case) string {
	var kinds []string
	for _, f := range c.Faults {
		kinds = append(kinds, f.Kind())
	}
	for _, r := range c.Records {
		for _, ops := range r.Ops {
			for _, op := range ops {
				kinds = append(kinds, op.Kind.String())
			}
		}
	}
	slices.Sort(kinds)
	return string(c.Storage.Kind) + ":" + strings.Join(slices.Compact(kinds), ",")
}
