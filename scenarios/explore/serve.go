package explore

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"flinch/backends"
	"flinch/checks"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
	"flinch/sim/trace"
)

// World is what runs are drawn from: the scenarios and the backends, by name.
type World struct {
	Scenarios []scenarios.Scenario
	Backends  []backends.Backend
}

// Serve answers a parent's requests until in ends: the child's side of a
// campaign. Each seed is announced before it is run, so that the parent knows
// which one a process died of.
func (w World) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	requests := json.NewDecoder(bufio.NewReader(in))
	answers := json.NewEncoder(out)
	for {
		var r request
		if err := requests.Decode(&r); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read request: %w", err)
		}
		if err := w.answer(ctx, r, answers); err != nil {
			return fmt.Errorf("answer request: %w", err)
		}
	}
}

// answer carries out one request.
func (w World) answer(ctx context.Context, r request, answers *json.Encoder) error {
	if r.Shrink != nil {
		alive := func() { _ = answers.Encode(answer{Alive: true}) }
		small, err := w.Small(ctx, r.Target, r.Shrink.Case, r.Shrink.Check, r.Shrink.Budget, alive)
		if err != nil {
			return err
		}
		return answers.Encode(answer{Small: &small})
	}
	if r.Tell != nil {
		if err := answers.Encode(answer{Started: &r.Tell.Seed}); err != nil {
			return err
		}
		tell := w.Tell
		if r.Canary {
			tell = w.TellCanary
		}
		told := tell(ctx, r.Target, *r.Tell)
		return answers.Encode(answer{Told: &told})
	}
	for ; r.Count > 0; r.First, r.Count = r.First+1, r.Count-1 {
		if err := w.answerSeed(ctx, &r, answers); err != nil {
			return err
		}
	}
	return nil
}

// answerSeed carries out the first run of a request and, now and then, its canary.
func (w World) answerSeed(ctx context.Context, r *request, answers *json.Encoder) error {
	if err := answers.Encode(answer{Started: &r.First}); err != nil {
		return err
	}
	ran := w.Run(ctx, r.Target, r.First, divides(r.TwiceEvery, r.First))
	ran.CanaryFollows = r.wantsCanary(&ran)
	if err := answers.Encode(answer{Ran: &ran}); err != nil || !ran.CanaryFollows {
		return err
	}
	canary := w.RunCanary(ctx, r.Target, r.First)
	r.paid(&canary)
	return answers.Encode(answer{Ran: &canary})
}

// divides tells whether it is the turn of a seed; every 0: never.
func divides(every int, seed rng.Seed) bool {
	return every > 0 && uint64(seed)%uint64(every) == 0
}

// Run draws the case of a seed and carries it out; twice on demand, and always
// if it fails, to see whether it is the same again. What is opaque is run once,
// and its trace has no sum.
func (w World) Run(ctx context.Context, t Target, seed rng.Seed, twice bool) Ran {
	c, err := w.At(t, seed)
	if err != nil {
		return Ran{Target: t, Seed: seed, Broken: err.Error()}
	}
	return w.RunCase(ctx, t, c, twice)
}

// RunCase is Run for a case that is there already.
func (w World) RunCase(ctx context.Context, t Target, c scenarios.Case, twice bool) Ran {
	ran := Ran{Target: t, Seed: c.Seed}
	outcome, err := w.Once(ctx, t, c, sim.Options{})
	if err != nil {
		ran.Broken = err.Error()
		return ran
	}
	ran.Summary = summarize(t, c.Seed, outcome)
	if _, failed := ran.Finding(); failed {
		ran.Case, twice = &c, true
	}
	if w.Engine(t.Backend).Opaque != "" {
		ran.Summary.Sum, twice = "", false
	}
	if !twice {
		return ran
	}
	again, err := w.Once(ctx, t, c, sim.Options{})
	if err != nil || again.Sum != outcome.Sum {
		ran.Case = &c
		ran.Summary.Nondeterministic = true
		ran.Summary.Verdicts = append([]checks.Verdict{w.diverged(ctx, t, c)}, ran.Summary.Verdicts...)
	}
	return ran
}

// Once carries out a case once and judges it. A panic of flinch itself is an
// error that holds the stack; those of backends are caught where the simulation
// calls them, and are findings.
func (w World) Once(ctx context.Context, t Target, c scenarios.Case, o sim.Options) (outcome *scenarios.Outcome, err error) {
	err = w.with(t, c, func(c scenarios.Case, pair scenarios.Pair) (err error) {
		if pair.Reference != nil {
			outcome, err = scenarios.RunAgainst(ctx, c, pair, o)
		} else {
			outcome, err = scenarios.Run(ctx, c, pair.Backend, o)
		}
		return err
	})
	return outcome, err
}

// with has run carry out a case, with what the target asks for: the backend, its
// reference, if there is one, and the folders of the machines.
func (w World) with(t Target, c scenarios.Case, run func(scenarios.Case, scenarios.Pair) error) (err error) {
	backend, err := w.Backend(t.Backend)
	if err != nil {
		return err
	}
	files := folders{on: t.FS == OS}
	defer files.remove()
	defer recovered(&err)
	c.Files = files.files()
	return run(c, scenarios.Pair{Backend: backend, Reference: w.reference(c, backend)})
}

// Compares tells whether the target's cases are carried out on a second backend
// as well.
func (w World) Compares(t Target) bool {
	s, err := w.Scenario(t.Scenario)
	if err != nil {
		return false
	}
	backend, err := w.Backend(t.Backend)
	return err == nil && w.reference(scenarios.Case{Against: s.Against}, backend) != nil
}

// reference is the backend that the case is to be compared with; nil if it names
// none, none that can run, or the one that it is carried out on.
func (w World) reference(c scenarios.Case, on backends.Backend) backends.Backend {
	for _, b := range w.Backends {
		if b.Name() == c.Against && b.Name() != on.Name() && Unavailable(b) == "" {
			return b
		}
	}
	return nil
}

// PanicError is a panic of flinch itself.
type PanicError struct {
	Value any
	Stack string
}

// recovered turns a panic into an error; it is deferred.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = &PanicError{Value: p, Stack: string(debug.Stack())}
	}
}

// Error returns the panic's value and, below it, the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack) }

// diverged runs a case twice more, keeping the traces, to name the first event
// in which two runs differ.
func (w World) diverged(ctx context.Context, t Target, c scenarios.Case) checks.Verdict {
	v := checks.Verdict{
		Check: Nondeterministic, Outcome: checks.Fail, Judged: 1,
		Message: "Two runs of the same case gave different traces.",
	}
	one, err1 := w.Once(ctx, t, c, sim.Options{Keep: true})
	two, err2 := w.Once(ctx, t, c, sim.Options{Keep: true})
	if err1 != nil || err2 != nil {
		v.Details = []string{fmt.Sprintf("run again: %v | %v", err1, err2)}
		return v
	}
	at, differ := trace.Diverge(one.Records, two.Records)
	if !differ {
		v.Details = []string{"two more runs agreed: the first difference is not known"}
		return v
	}
	v.Message = fmt.Sprintf("Two runs of the same case gave different traces, from event %d on.", at+1)
	v.Details = []string{"one run    " + recordLine(one.Records, at), "the other  " + recordLine(two.Records, at)}
	return v
}

// recordLine puts one event of a trace into words.
func recordLine(records []trace.Record, i int) string {
	if i >= len(records) {
		return "has ended"
	}
	return sim.PointNames.Line(records[i])
}

// Scenario returns the scenario of a name. The error lists the names there are.
func (w World) Scenario(name string) (scenarios.Scenario, error) {
	return byName("scenario", name, w.Scenarios, func(s scenarios.Scenario) string { return s.Name })
}

func byName[T any](what, name string, all []T, nameOf func(T) string) (T, error) {
	var names []string
	for _, one := range all {
		if nameOf(one) == name {
			return one, nil
		}
		names = append(names, nameOf(one))
	}
	var none T
	return none, fmt.Errorf("%s %q is not known: want one of %s", what, name, strings.Join(names, ", "))
}
