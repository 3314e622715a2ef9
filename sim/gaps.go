package sim

import (
	"slices"

	"flinch/model/history"
)

// The gaps between the coordinator's steps on a checkpoint. In each the job
// manager may die with one step done and the next one not.
var gaps = []struct {
	name   string
	phases []history.Phase
}{
	// Shared state is in the book of a coordinator, and nowhere else.
	{"register", []history.Phase{history.Registering}},
	// Metadata is being written, and nothing names it.
	{"publish", []history.Phase{history.Publishing}},
	// The root of the store is being replaced: either one may be in place.
	{"store", []history.Phase{history.Storing}},
	// The checkpoint is complete; nobody knows, or some do, and those that it pushed
	// out are still there.
	{"subsume", []history.Phase{history.Completing, history.Notifying, history.Subsuming}},
	// Some of what nothing names any more is deleted.
	{"discard", []history.Phase{history.Deleting}},
}

// countGaps counts the gaps in which the death of a job manager falls: its main
// task may be in one, and a clean-up beside it in another.
func (w *world) countGaps(m *machine) {
	if m.id != history.JobManager || m.proc == nil {
		return
	}
	for _, gap := range gaps {
		if m.proc.isIn(gap.phases) {
			w.count(gapCounter(gap.name), 1)
		}
	}
}

// gapCounter counts the crashes of job managers that fell into a gap.
func gapCounter(name string) string { return "job_manager_crashes." + name }

// isIn tells whether a task of the process is in one of the phases.
func (p *process) isIn(phases []history.Phase) bool {
	for _, t := range p.tasks {
		if slices.Contains(phases, t.phase) {
			return true
		}
	}
	return false
}
