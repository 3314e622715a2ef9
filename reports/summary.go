package reports

import (
	"time"

	"flinch/checks"
	"flinch/model/history"
)

// RunSummary is what a campaign needs to know of one run.
type RunSummary struct {
	Scenario string
	Backend  string
	Seed     string // as seeds print: "0x..."
	Sum      string // of the trace
	Replay   string // the command that shows the run again

	// Verdicts in the order of judging; the first that fails names the finding.
	Verdicts []checks.Verdict
	// Nondeterministic: a repetition had another trace.
	Nondeterministic bool
	// Canary: the backend was made to lose something, and the run must fail.
	Canary bool
	Idle   bool // of a canary: nothing that was lost was ever restored from
	Lost   bool // of a canary: its process died or hung, and nothing is known of it

	Counters   map[string]int64 // names that the campaign counts by itself are left out
	Fired      map[string]int64 // how often each kind of fault took effect
	FiredIn    []FiredIn        // the same by phase: kinds and phases may recur
	Operations int64            // state operations that were checked
	Completed  int64            // checkpoints
	Restores   int64
	// CrashPhases has the phase of every crash.
	CrashPhases []history.Phase
	// AuditedEntries has, for every audited restore, the entries compared.
	AuditedEntries []int64
	StrictLeaks    bool // the leak check demanded exact equality
	// LegalStop: the job rightly stopped early, in a scenario not made for that.
	LegalStop bool
	Simulated time.Duration // virtual
}

// Broken returns the first verdict that fails.
func (r *RunSummary) Broken() (v checks.Verdict, found bool) { return r.first(checks.Fail) }

// Undecided returns the first verdict that is unknown.
func (r *RunSummary) Undecided() (v checks.Verdict, found bool) { return r.first(checks.Unknown) }

func (r *RunSummary) first(o checks.Outcome) (checks.Verdict, bool) {
	for _, v := range r.Verdicts {
		if v.Outcome == o {
			return v, true
		}
	}
	return checks.Verdict{}, false
}
