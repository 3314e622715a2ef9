package checks

import (
	"fmt"

	"flinch/model/history"
)

// SearchedCounter names the counter of history.Run in which a run counts the stores
// that were searched for key groups of others. Backends that cannot be asked have
// none.
const SearchedCounter = "stores_searched"

// judgeForeign judges the stores of instances that ran; those of auditors are judged
// with what they dumped.
func judgeForeign(f *findings, run *history.Run) {
	f.judged += run.Counters[SearchedCounter]
	for i := range run.Foreign {
		g := &run.Foreign[i]
		f.add(finding{
			step: g.Step, checkpoint: g.Checkpoint,
			message: fmt.Sprintf("After restoring checkpoint %d, the store of subtask %d of operator %s holds key group %d, outside [%d..%d].",
				g.Checkpoint, g.Subtask, g.Operator, g.Group, g.First, g.Last),
			details: []string{fmt.Sprintf("+ %s, attempt %d, subtask %d  group %d of %s  absent | in the store", g.Machine, g.Attempt, g.Subtask, g.Group, g.State)},
		})
	}
}

func foreignRows(d *history.Dump) []string {
	var rows []string
	for _, group := range d.Foreign {
		rows = append(rows, fmt.Sprintf("+ subtask %d  %s  absent | in the store", d.Subtask, group))
	}
	return rows
}
