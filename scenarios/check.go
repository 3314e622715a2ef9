package scenarios

import (
	"context"
	"fmt"
	"strings"

	"flinch/backends"
	"flinch/checks"
	"flinch/sim"
)

// TB is what Check needs of a test: a *testing.T has it. Of the methods Context,
// Skipf, ArtifactDir and Attr it uses those that there are.
type TB interface {
	Helper()
	Name() string
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Check runs a backend through the scenarios, as part of an author's own tests:
//
//	func TestBackend(t *testing.T) {
//		scenarios.Check(t, mybackend.New(), scenarios.CheckOptions{Short: testing.Short()})
//	}
//
// The cases in testdata/cases/*.json are run first, then seeds of each scenario.
// Every case is run twice, and has to leave the same trace both times. The text
// of a failure ends with the command that replays it. Traces of a backend that is
// Opaque are not compared, and its cases are run once; one that is Unavailable is
// skipped. The environment goes before the options:
//
//	FLINCH_CASE   run this alone: a case file, or scenario@seed
//	FLINCH_SEED   the first seed
//	FLINCH_COUNT  how many seeds of each scenario
//	FLINCH_OUT    folder for the cases that failed; without it, they are kept
//	              by go test -artifacts alone
//	FLINCH_CANARY if set, FLINCH_CASE is run as the canary
//
// Where that costs next to nothing, one case that passed is run once more, on the
// backend broken on purpose: a Canary, which has to fail.
func Check(t TB, b backends.Backend, o CheckOptions) {
	t.Helper()
	if err := ValidateBackends(b); err != nil {
		t.Fatalf("flinch: check: %v", err)
		return
	}
	s, err := newSettings(o)
	if err != nil {
		t.Fatalf("flinch: %v", err)
		return
	}
	if missing := unavailable(b); missing != "" {
		skip(t, fmt.Sprintf("flinch: backend %s cannot run here: %s", b.Name(), missing))
		return
	}
	r := &checkRun{TB: t, settings: s, backend: b, ctx: contextOf(t)}
	if s.only != "" {
		r.only()
	} else {
		r.regressions()
		r.seeds()
		r.addCanary()
	}
	t.Logf("flinch: %s%s%s", r.covered, r.sung, r.drawn())
}

// checkRun is one call of Check.
type checkRun struct {
	TB
	settings
	backend backends.Backend
	ctx     context.Context
	covered coverage
	carried int    // runs, repetitions included
	perch   *Case  // one that passed, and was restored
	sung    string // what the canary showed, to be logged
}

// carryOut runs a case once, against its reference if there is one.
func (r *checkRun) carryOut(c Case) (*Outcome, error) {
	r.carried++
	pair := r.pair(c)
	if pair.Reference != nil {
		return RunAgainst(r.ctx, c, pair, sim.Options{})
	}
	return Run(r.ctx, c, r.backend, sim.Options{})
}

// pair is the backend with the reference of a case, if there is one.
func (r *checkRun) pair(c Case) Pair {
	pair := Pair{Backend: r.backend}
	if ref := r.settings.reference; ref != nil && ref.Name() == c.Against && ref.Name() != r.backend.Name() {
		pair.Reference = ref
	}
	return pair
}

// coverage is what the runs of a Check went through.
type coverage struct {
	runs, crashes, faults, checkpoints, restores int
	operations                                   int64
}

// String says it in one line.
func (c coverage) String() string {
	return fmt.Sprintf("%d runs, %d crashes, %d restores, %d checkpoints completed, %d faults, %d operations compared",
		c.runs, c.crashes, c.restores, c.checkpoints, c.faults, c.operations)
}

// drawn says which cases were drawn, if any were.
func (r *checkRun) drawn() string {
	if r.settings.only != "" {
		return ""
	}
	var names []string
	for _, s := range r.scenarios {
		names = append(names, s.Name)
	}
	return fmt.Sprintf("; seeds from %v to %v of %s", r.first, r.first+seedOf(r.count-1), strings.Join(names, ", "))
}

// only runs the one case that FLINCH_CASE names.
func (r *checkRun) only() {
	r.Helper()
	c, err := r.find(r.settings.only)
	if err != nil {
		r.Fatalf("flinch: FLINCH_CASE: %v", err)
		return
	}
	if r.settings.canary {
		r.sing(c)
		return
	}
	file := r.settings.only
	if strings.Contains(file, "@") { // it is a seed: no file has the case yet
		file = ""
	}
	r.run(c, file)
}

// regressions runs the cases that were kept.
func (r *checkRun) regressions() {
	r.Helper()
	names, err := r.kept()
	if err != nil {
		r.Fatalf("flinch: %v", err)
		return
	}
	for _, name := range names {
		c, err := r.readCase(name)
		if err != nil {
			r.Errorf("flinch: %v", err)
			continue
		}
		r.run(c, name)
	}
}

// seeds runs new cases, of each scenario until one fails.
func (r *checkRun) seeds() {
	r.Helper()
	for _, s := range r.scenarios {
		for i := range r.count {
			c := s.At(r.first + seedOf(i))
			if !r.run(c, "") {
				break
			}
		}
	}
}

// run carries out a case twice and reports what is wrong. File is where the case
// can be found; "": nowhere yet.
func (r *checkRun) run(c Case, file string) bool {
	r.Helper()
	outcome, err := r.carryOut(c)
	if err != nil {
		return r.fail(c, file, failure{check: "run", message: err.Error()})
	}
	r.covered.add(outcome)
	if f, failed := failureOf(outcome); failed {
		return r.fail(c, file, f)
	}
	if isOpaque(r.backend) {
		return r.pass(c, outcome)
	}
	again, err := r.carryOut(c)
	if err != nil {
		return r.fail(c, file, failure{check: "run", message: "second run of the same case: " + err.Error()})
	}
	if again.Sum != outcome.Sum {
		return r.fail(c, file, failure{check: "determinism", message: fmt.Sprintf(
			"two runs of this case left different traces: %016x after %d steps, %016x after %d steps",
			outcome.Sum, outcome.Steps, again.Sum, again.Steps)})
	}
	return r.pass(c, outcome)
}

// pass notes a case that passed.
func (r *checkRun) pass(c Case, o *Outcome) bool {
	r.attribute(c, "pass")
	if r.perch == nil && restoredEntries(o) {
		r.perch = &c
	}
	return true
}

func (c *coverage) add(o *Outcome) {
	c.runs++
	c.operations += o.Operations
	c.crashes += len(o.Evidence.Run.Crashes)
	c.faults += len(o.Evidence.Run.Fired)
	for _, cp := range o.Evidence.Run.Checkpoints {
		if cp.Published != 0 {
			c.checkpoints++
		}
	}
	for _, a := range o.Evidence.Run.Attempts {
		if a.Restored != 0 {
			c.restores++
		}
	}
}

// failureOf returns the first verdict that is no pass, broken guarantees before
// undecided ones.
func failureOf(o *Outcome) (failure, bool) {
	var f failure
	for _, want := range []checks.Outcome{checks.Fail, checks.Unknown} {
		for _, v := range o.Verdicts {
			switch {
			case v.Outcome != want:
			case f.check == "":
				f = failure{check: v.Check, message: v.Message, details: v.Details, more: v.More, undecided: want == checks.Unknown}
			default:
				f.also = append(f.also, fmt.Sprintf("%s (%v): %s", v.Check, v.Outcome, v.Message))
			}
		}
	}
	return f, f.check != ""
}

// isOpaque tells whether a backend has threads of its own, whose traces may differ.
func isOpaque(b backends.Backend) bool {
	_, ok := b.(backends.Opaque)
	return ok
}

// unavailable says why a backend cannot run here; "": it can.
func unavailable(b backends.Backend) string {
	if u, ok := b.(backends.Unavailable); ok {
		return u.Unavailable()
	}
	return ""
}

// skip ends the test as one that could not run; where tests cannot be skipped, it
// fails.
func skip(t TB, why string) {
	t.Helper()
	if s, ok := t.(interface{ Skipf(string, ...any) }); ok {
		s.Skipf("%s", why)
		return
	}
	t.Fatalf("%s", why)
}

func contextOf(t TB) context.Context {
	if c, ok := t.(interface{ Context() context.Context }); ok {
		return c.Context()
	}
	return context.Background()
}
