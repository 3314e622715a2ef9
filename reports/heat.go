package reports

import (
	"cmp"
	"slices"

	"flinch/model/history"
)

// AnyCrash stands, in place of a kind of fault, for every death of a process,
// whatever caused it.
const AnyCrash = "any crash"

// FiredIn is how often a kind of fault took effect in one phase of one run.
type FiredIn struct {
	Fault string
	Phase history.Phase
	Times int64
}

// HeatRow is how often a kind of fault took effect in one phase of all runs.
// Only what happened has a row.
type HeatRow struct {
	Fault   string        `json:"fault"` // its kind, or AnyCrash
	Phase   history.Phase `json:"phase"`
	Fired   int64         `json:"fired"`
	Failing int64         `json:"failing"` // runs in which it fired and a guarantee broke
}

// heat adds where the faults and crashes of a run fell.
func (c *Campaign) heat(r *RunSummary) {
	fell := slices.Clone(r.FiredIn)
	for _, p := range r.CrashPhases {
		fell = append(fell, FiredIn{Fault: AnyCrash, Phase: p, Times: 1})
	}
	broke := outcomeOf(r) == failing
	seen := map[FiredIn]bool{}
	for _, f := range fell {
		row := c.heatRow(f.Fault, f.Phase)
		row.Fired += f.Times
		f.Times = 0
		if broke && !seen[f] {
			seen[f] = true
			row.Failing++
		}
	}
}

// heatRow returns the row of a kind in a phase, adding it if need be. Rows are
// in the order of kinds and then of a checkpoint's life.
func (c *Campaign) heatRow(fault string, phase history.Phase) *HeatRow {
	at, found := slices.BinarySearchFunc(c.Heat, phase, func(row HeatRow, phase history.Phase) int {
		return cmp.Or(cmp.Compare(row.Fault, fault), cmp.Compare(row.Phase, phase))
	})
	if !found {
		c.Heat = slices.Insert(c.Heat, at, HeatRow{Fault: fault, Phase: phase})
	}
	return &c.Heat[at]
}
