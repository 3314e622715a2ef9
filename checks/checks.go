// Package checks judges recorded runs. Each guarantee is one Check in a file of
// its own, whose comment states the rule; Judge runs all that apply and returns
// their verdicts in the order in which findings are named. Nothing here can run
// a backend: an old run can be judged again.
package checks

import "context"

// Outcome is what a check found.
type Outcome uint8

// The outcomes. Unknown means that the check could not decide: it is never a pass.
const (
	Pass Outcome = iota
	Fail
	Unknown
)

// String returns "pass", "fail" or "unknown".
func (o Outcome) String() string { return [...]string{"pass", "fail", "unknown"}[o] }

// Verdict is one check's judgement of one run.
type Verdict struct {
	Check   string
	Outcome Outcome
	// Message is one sentence that a person would say; "" on pass.
	Message string
	// Details are lines of differences, at most DetailsMax; More is how many there
	// are beyond those.
	Details []string
	More    int
	// Title says what the lines are, "state (expected | restored)", and Note how
	// many there should be, "2 of 1,204 entries differ"; "" where that is plain.
	Title, Note string
	// Judged counts what was compared: 0 means that the check had nothing to judge.
	Judged int64
	// Checkpoint that the finding is about; 0: none.
	Checkpoint int64
	// Step at which it broke, if known.
	Step int64
}

// DetailsMax bounds Verdict.Details.
const DetailsMax = 20

// Check is one guarantee.
type Check struct {
	Order     int    // checks are judged by rising Order; the first broken one names the finding
	Name      string // "restored-state"
	Guarantee string // the promise, in one sentence
	Compares  bool   // judges cases that were carried out on a second backend as well, and no others
	Judge     func(ctx context.Context, e *Evidence) Verdict
}
