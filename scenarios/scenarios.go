// Package scenarios draws the situations that backends are tested in. A
// Scenario makes a Case from a source of choices; Run carries the case out on a
// backend and has every check judge it. One situation a file.
//
// Start at Scenario, Case and Run; an author's own test calls Check.
package scenarios

import (
	"context"

	"flinch/backends"
	"flinch/checks"
	"flinch/sim"
	"flinch/sim/rng"
)

// Scenario is one situation.
type Scenario struct {
	Name     string
	Doc      string // one sentence
	Against  string // backend that its cases are carried out on as well, to compare; "": none
	Generate func(src rng.Source) Case
}

// CaseSchema is the version of the case file format.
const CaseSchema = 1

// Case is one run as plain data: what a case file holds.
type Case struct {
	Schema   int    `json:"schema"`
	Scenario string `json:"scenario"`
	// Against names a backend that the case is carried out on as well, to compare
	// what both bring back; "": none.
	Against string `json:"against,omitempty"`
	Kept    Kept   `json:"kept,omitempty"`
	sim.Config
}

// Kept is what the run of a kept case left, for whoever runs it again. The zero
// value knows nothing.
type Kept struct {
	Backend string `json:"backend"`
	Version string `json:"version,omitempty"` // of the backend's engine: see backends.Versioned
	Sum     string `json:"sum,omitempty"`     // of the trace, in hex; "": none that could be compared
}

// Outcome is one case, carried out and judged.
type Outcome struct {
	*sim.Result
	Verdicts []checks.Verdict // in the order of judging; every check is there
}

// Broken returns the first verdict that failed.
func (o *Outcome) Broken() (checks.Verdict, bool) {
	for _, v := range o.Verdicts {
		if v.Outcome == checks.Fail {
			return v, true
		}
	}
	return checks.Verdict{}, false
}

// Run carries out the case on the backend and judges it. An error means that
// the run could not be carried through; a broken guarantee is a verdict.
func Run(ctx context.Context, c Case, b backends.Backend, o sim.Options) (*Outcome, error) {
	c.Config.Backend = b
	result, err := sim.Run(ctx, c.Config, o)
	if err != nil {
		return nil, err
	}
	return &Outcome{Result: result, Verdicts: checks.Judge(ctx, result.Evidence)}, nil
}
