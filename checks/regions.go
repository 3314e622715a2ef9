package checks

import (
	"flinch/model"
	"flinch/model/history"
)

// A job of several regions, which fail alone, is judged region by region where its
// attempts matter: each region has lived through attempts of its own, and what another
// one did is nothing to it.

// byRegion returns the evidence as each region has it; the whole where there is one.
func byRegion(e *Evidence) []*Evidence {
	if e.Facts.Regions < 2 {
		return []*Evidence{e}
	}
	views := make([]*Evidence, e.Facts.Regions)
	for r := range views {
		view := *e
		view.Run = runOf(e, r)
		views[r] = &view
	}
	return views
}

// runOf is the run as one region lived through it: its attempts, its subtasks' rows.
func runOf(e *Evidence, region int) *history.Run {
	run := *e.Run
	run.Attempts = nil
	for _, a := range e.Run.Attempts {
		if a.Region == 0 || a.Region == region+1 {
			run.Attempts = append(run.Attempts, endedIn(e.Run, a, region))
		}
	}
	run.Checkpoints = nil
	for _, c := range e.Run.Checkpoints {
		for i := range run.Attempts {
			if run.Attempts[i].Begin <= c.Triggered {
				c.Attempt = run.Attempts[i].Number
			}
		}
		run.Checkpoints = append(run.Checkpoints, c)
	}
	run.Snapshots = nil
	for _, s := range e.Run.Snapshots {
		if s.Subtask == region {
			run.Snapshots = append(run.Snapshots, s)
		}
	}
	run.Transactions = nil
	for _, t := range e.Run.Transactions {
		if t.Subtask == region {
			run.Transactions = append(run.Transactions, t)
		}
	}
	run.Registers = nil
	first, last := model.RangeOf(region, e.Facts.Regions, e.Facts.MaxParallelism)
	for _, o := range e.Run.Registers {
		if first <= o.Group && o.Group <= last {
			run.Registers = append(run.Registers, o)
		}
	}
	return &run
}

// endedIn is the attempt as a region had it: over when its own part was.
func endedIn(run *history.Run, a history.Attempt, region int) history.Attempt {
	for _, end := range run.RegionEnds {
		if end.Attempt == a.Number && end.Region == region+1 && (a.End == 0 || end.End < a.End) {
			a.End, a.EndAt = end.End, end.EndAt
		}
	}
	return a
}
