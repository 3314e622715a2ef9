package scenarios

import (
	"fmt"

	"flinch/checks"
	"flinch/sim"
)

// canaryRunsMin is how many runs a Check must have made before it adds one of a
// canary: that is less than 3 % then.
const canaryRunsMin = 34

// addCanary runs one case that passed on the backend, broken on purpose.
func (r *checkRun) addCanary() {
	r.Helper()
	if r.perch != nil && r.carried >= canaryRunsMin {
		r.sing(*r.perch)
	}
}

// sing runs a case as the canary, which has to fail if it did damage.
func (r *checkRun) sing(c Case) {
	r.Helper()
	run, err := RunCanary(r.ctx, c, r.pair(c), sim.Options{})
	if err != nil {
		r.fail(c, "", failure{check: "canary", message: err.Error()})
		return
	}
	r.judgeCanary(c, run)
}

func (r *checkRun) judgeCanary(c Case, run *CanaryRun) {
	r.Helper()
	sentence, caught := run.Verdict()
	switch {
	case caught:
		r.sung = "; canary caught"
	case run.Given == 0:
		r.sung = "; canary idle"
	default:
		r.Errorf("UNDECIDED canary   scenario %s   backend %s   seed %v\n  %s\n  What passes may be broken: this is a bug of flinch itself.\n  replay: FLINCH_CANARY=1 FLINCH_CASE=%s go test -run '%s' %s",
			c.Scenario, r.backend.Name(), c.Seed, sentence, shellWord(fmt.Sprintf("%s@%v", c.Scenario, c.Seed)), pattern(r.Name()), r.packagePath())
	}
}

// restoredEntries tells whether something was restored in a run.
func restoredEntries(o *Outcome) bool {
	for _, a := range o.Evidence.Audits {
		for _, k := range a.Keyed {
			if a.Kind == checks.AtRestore && len(k.Expected) > 0 {
				return true
			}
		}
	}
	return false
}
