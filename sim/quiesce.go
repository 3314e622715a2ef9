package sim

import (
	"fmt"
	"slices"

	"flinch/checks"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// The end of a run: faults off, everything drained, then a look at what is left.

// settled tells whether the records of the job have all been processed.
func (w *world) settled() bool {
	return w.run.Quiesce.LegalStop != "" || (w.leader != nil && w.leader.state == jobRunning && w.exec != nil && w.exec.remaining == 0 && w.user.idle())
}

// healedPhase stands in the trace where faults end. No phase that is noted there
// has this number.
const healedPhase = 12

// heal ends all faults. What is down comes up again by itself.
func (w *world) heal() {
	w.healed = true
	q := &w.run.Quiesce
	q.Healed, q.HealedAt = w.note(pointPhase, 0, healedPhase, 0), w.loop.Now()
	w.tell(history.JobManager, 0, "from here on no more faults")
	if w.user != nil {
		w.user.healed()
	}
}

// completedOne counts the checkpoints that a healed job completes. Once there are
// enough to push every older one out, no more are triggered. One that a stale job
// manager has completed before another was elected does not count.
func (w *world) completedOne(jm *jobManager, p *pendingCheckpoint) {
	q := &w.run.Quiesce
	q.Final = max(q.Final, int64(p.id))
	if !jm.leads() || !w.healed || w.row(q.Final).Triggered <= q.Healed {
		return
	}
	if q.First == 0 {
		q.First, q.FirstAt = q.Final, w.loop.Now()
	}
	if p.final {
		w.finishedAt++
	}
	if jm.draining = w.finishedAt > int64(w.cfg.Checkpointing.Retained); jm.draining {
		jm.refuseAll(true, "the run ends")
	}
}

// drainAgain begins the drain anew: a checkpoint was given up, or its state came
// late, and what it leaves is let go of when the ones after it have pushed it out.
func (w *world) drainAgain(jm *jobManager) {
	if !w.healed || !jm.leads() {
		return
	}
	w.finishedAt = 0
	if jm.draining {
		jm.draining = false
		jm.schedule(w.cfg.Checkpointing.period())
	}
}

// quiet tells whether a healed run has nothing left to do.
func (w *world) quiet() bool {
	if w.restoredOnly && w.exec != nil {
		return true
	}
	jm := w.leader
	if jm == nil || jm.cleanups > 0 || w.inFlight > 0 || w.apart() || len(w.leaders()) > 1 || w.pruningCopies() {
		return false
	}
	if w.run.Quiesce.LegalStop != "" {
		return true
	}
	return w.user.idle() && jm.draining && jm.state == jobRunning && len(jm.pending) == 0 && jm.requests.Len() == 0 && w.exec.remaining == 0 && w.exec.idle()
}

// idle tells whether no subtask of the attempt is in the middle of anything.
func (e *execution) idle() bool {
	for _, s := range e.readers {
		if !s.idle() || !s.finished() {
			return false
		}
	}
	for _, c := range e.chains {
		if !c.idle() {
			return false
		}
	}
	return true
}

func (s *subtask) idle() bool {
	return s.t != nil && len(s.asyncs) == 0 && len(s.t.mailbox) == 0 && !s.failed && !s.cancelled
}

// conclude writes down how the run ended and audits what it retained.
func (w *world) conclude() {
	q := &w.run.Quiesce
	q.Done, q.DoneAt = w.quiet(), w.loop.Now()
	q.Overdue = w.overdue()
	if w.ruined() {
		q.GivenUp = fmt.Sprintf("nothing explains %d errors", len(w.run.Unexpected))
	}
	if !q.Done {
		q.Pending = w.pendingWork()
	}
	if w.leader == nil || w.leader.store == nil || w.restoredOnly {
		return
	}
	w.expireUploads()
	q.Retained = slices.Clone(w.files.root)
	w.run.SharedFiles = w.files.sharedFiles()
	for _, id := range q.Retained {
		w.files.verify("quiesce", storedOwner(id))
	}
	for _, c := range w.leader.store.Retained() {
		w.auditRetained(c)
	}
	w.auditKept()
	if q.Done && q.LegalStop == "" {
		w.run.Leftovers = append(w.files.leftovers(), w.localLeftovers()...)
		w.recount()
	}
}

// auditRetained audits a retained checkpoint at its own and at one other
// parallelism.
func (w *world) auditRetained(c checkpoint.Completed) {
	m := c.Metadata
	sources := len(operatorOf(m, sourceName).Subtasks)
	w.audit(auditSite{kind: checks.AtQuiesce, metadata: m, attempt: m.Attempt, parallelism: m.Parallelism, sources: sources})
	other := m.Parallelism + 1
	if other > w.cfg.Job.MaxParallelism {
		other = m.Parallelism - 1
	}
	if other > 0 {
		w.audit(auditSite{kind: checks.AtQuiesce, metadata: m, attempt: m.Attempt, parallelism: other, sources: sources + 1})
	}
}

// pendingWork says what a run that did not get quiet was waiting for.
func (w *world) pendingWork() []string {
	jm := w.leader
	if jm == nil {
		return []string{"no job manager"}
	}
	lines := []string{fmt.Sprintf("job state %d, %d messages under way, %d clean-ups", jm.state, w.inFlight, jm.cleanups)}
	for _, p := range jm.pending {
		lines = append(lines, fmt.Sprintf("checkpoint %d waits for %d acknowledgements", p.id, p.missing))
	}
	if w.exec != nil {
		lines = append(lines, fmt.Sprintf("attempt %d: %d records not processed, %d subtasks run", w.exec.number, w.exec.remaining, w.exec.ready))
	}
	return append(lines, fmt.Sprintf("%d of %d final checkpoints completed", w.finishedAt, w.cfg.Checkpointing.Retained+1))
}
