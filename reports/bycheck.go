package reports

import (
	"cmp"
	"slices"

	"flinch/checks"
)

// CheckRow is what one check said of all runs.
type CheckRow struct {
	Check     string `json:"check"`
	Runs      int64  `json:"runs"`     // in which it had something to judge
	Compared  int64  `json:"compared"` // things that it judged: see checks.Verdict
	Broken    int64  `json:"broken"`   // runs
	Undecided int64  `json:"undecided"`
}

// judged adds the verdicts of a run.
func (c *Campaign) judged(r *RunSummary) {
	for _, v := range r.Verdicts {
		if v.Judged <= 0 && v.Outcome == checks.Pass {
			continue // where nothing was expected, nothing is missing
		}
		row := c.checkRow(v.Check)
		row.Runs++
		row.Compared += max(v.Judged, 0)
		switch v.Outcome {
		case checks.Fail:
			row.Broken++
		case checks.Unknown:
			row.Undecided++
		}
	}
}

// checkRow returns the row of a check, adding it if need be. The rows stand in
// the order in which the campaign names the checks; what broke and is none, as
// the death of a process, comes at the end.
func (c *Campaign) checkRow(name string) *CheckRow {
	place := func(check string) int {
		if i := slices.Index(c.checks, check); i >= 0 {
			return i
		}
		return len(c.checks)
	}
	at, found := slices.BinarySearchFunc(c.ByCheck, name, func(row CheckRow, name string) int {
		return cmp.Or(cmp.Compare(place(row.Check), place(name)), cmp.Compare(row.Check, name))
	})
	if !found {
		c.ByCheck = slices.Insert(c.ByCheck, at, CheckRow{Check: name})
	}
	return &c.ByCheck[at]
}
