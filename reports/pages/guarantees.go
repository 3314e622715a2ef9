package pages

import (
	"cmp"
	"slices"

	"flinch/checks"
	"flinch/reports"
)

// guarantee is a promise and what became of it.
type guarantee struct {
	reports.CheckRow
	Promise string
	Status  status
}

// status says in a word, and with a colour, how something stands.
type status struct{ Word, Class string }

// The ways in which a guarantee can stand, the worst first.
var (
	statusBroken      = status{"broken", "bad"}
	statusUndecided   = status{"undecided", "unsure"}
	statusNeverJudged = status{"never judged", "unsure"}
	statusKept        = status{"kept", "good"}
	statusNotAsked    = status{"not asked", "muted"} // no run of this campaign is one for it
	statuses          = []status{statusBroken, statusUndecided, statusNeverJudged, statusKept, statusNotAsked}
)

// processPromises are those that no check judges: flinch itself sees them broken.
var processPromises = map[string]string{
	"process-died":     "A backend does not take its process down.",
	"process-hung":     "A run comes to an end.",
	"nondeterministic": "The same case leaves the same trace.",
}

// guarantees lists all checks that there are, and what else broke: the broken
// ones first, then in the order of judging.
func guarantees(c *reports.Campaign) []guarantee {
	var list []guarantee
	rows := map[string]reports.CheckRow{}
	for _, row := range c.ByCheck {
		rows[row.Check] = row
	}
	for _, check := range checks.All() {
		row, asked := rows[check.Name]
		row.Check = check.Name
		g := newGuarantee(row, check.Guarantee)
		if !asked {
			g.Status = statusNotAsked
		}
		list = append(list, g)
		delete(rows, check.Name)
	}
	for _, name := range sorted(rows) {
		list = append(list, newGuarantee(rows[name], processPromises[name]))
	}
	slices.SortStableFunc(list, func(a, b guarantee) int {
		return cmp.Compare(slices.Index(statuses, a.Status), slices.Index(statuses, b.Status))
	})
	return list
}

func newGuarantee(row reports.CheckRow, promise string) guarantee {
	g := guarantee{CheckRow: row, Promise: promise, Status: statusKept}
	switch {
	case row.Broken > 0:
		g.Status = statusBroken
	case row.Undecided > 0:
		g.Status = statusUndecided
	case row.Runs == 0:
		g.Status = statusNeverJudged
	}
	return g
}
