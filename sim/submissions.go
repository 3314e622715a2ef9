package sim

import (
	"fmt"
	"slices"

	"flinch/backends"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// resubmit begins the job anew: what runs of it is cancelled, then its store is
// handed over to the new submission, and the next attempt belongs to that.
func (jm *jobManager) resubmit(r request) {
	switch {
	case jm.store.Submission() >= r.number:
		jm.answer(r.number, 0)
		return
	case jm.submission != nil && jm.submission.number >= r.number:
		return
	}
	jm.submission = &r
	switch jm.state {
	case jobRunning:
		jm.cancelJob("the user begins it anew")
	case jobSuspended:
		jm.state = jobWaiting
		jm.tryDeploy()
	case jobWaiting:
		jm.tryDeploy()
	}
}

// cancelJob ends the attempt because the user wants it.
func (jm *jobManager) cancelJob(reason string) {
	jm.w.tell(jm.p.m.id, 0, "cancels the job: %s", reason)
	jm.refuseAll(false, "the job was cancelled")
	jm.abortAll("the job was cancelled")
	jm.w.endAttempt(jm.exec)
	jm.failures.Reset()
	jm.cancelSubtasks()
}

// begin hands the store over to the submission that waits, if one does. It returns
// false if that is to be tried again, or if the job stands still.
func (jm *jobManager) begin(latest checkpoint.Completed, found bool) bool {
	if r := jm.submission; r != nil {
		if err := jm.adopt(r, latest, found); err != nil {
			jm.stepDown(err)
			jm.w.unexpected(jm.p.m.id, 0, fmt.Sprintf("begin submission %d", r.number), err)
			jm.w.tell(jm.p.m.id, 0, "cannot begin submission %d: %v", r.number, err)
			jm.w.loop.After(jm.w.cfg.Cluster.RestartDelay+1, func() { jm.t.post(jm.tryDeploy) })
			return false
		}
		jm.submission = nil
	}
	jm.rebook()
	if stop, stopped := jm.store.Stopped(); stopped {
		jm.suspend(stop)
		return false
	}
	return true
}

// adopt has the store begin a submission.
func (jm *jobManager) adopt(r *request, latest checkpoint.Completed, found bool) error {
	if jm.store.Submission() >= r.number {
		jm.answer(r.number, 0)
		return nil
	}
	source, err := jm.sourceOf(r, latest, found)
	if err != nil {
		return err
	}
	if source.ID == 0 {
		jm.answer(r.number, 0) // there is nothing to begin with: the job goes on as it was
		return nil
	}
	released, err := jm.store.Adopt(jm.ctx, checkpoint.Submission{Number: r.number, Source: source, Claim: r.Claim})
	if err != nil {
		return err
	}
	jm.w.tell(jm.p.m.id, int64(source.ID), "submission %d begins with checkpoint %d, %s", r.number, source.ID, modeText(r.Claim))
	jm.draining, jm.w.finishedAt = false, 0
	jm.answer(r.number, 0)
	for _, old := range released {
		jm.subsume(old)
	}
	return nil
}

// sourceOf returns what a submission is to begin with.
func (jm *jobManager) sourceOf(r *request, latest checkpoint.Completed, found bool) (checkpoint.Completed, error) {
	stop, stopped := jm.store.Stopped()
	location := stop.Location
	switch {
	case r.source != nil:
		location = r.source.location
	case !stopped && !found:
		return checkpoint.Completed{}, nil
	case !stopped:
		return latest, nil
	}
	data, err := jm.storage.ReadMetadata(jm.ctx, location)
	if err != nil {
		return checkpoint.Completed{}, err
	}
	m, err := checkpoint.Decode(data)
	if err != nil {
		return checkpoint.Completed{}, fmt.Errorf("%s: %w", location, err)
	}
	return checkpoint.Completed{ID: m.ID, Location: location, Metadata: m}, nil
}

// rebook makes the book of shared files anew if another submission has begun, and
// deletes the files that were the old one's alone.
func (jm *jobManager) rebook() {
	if jm.booked == jm.store.Submission() {
		return
	}
	jm.booked = jm.store.Submission()
	jm.placed()
	retained := jm.store.Retained()
	if unused := jm.shared.Reset(retained); len(unused) > 0 {
		jm.discard(fmt.Sprintf("shared files from before submission %d", jm.booked), int64(retained[0].ID), unused, false)
	}
}

func modeText(claim bool) string {
	if claim {
		return "which it owns"
	}
	return "which it does not own"
}

// borrowable is a checkpoint as a job gets it that does not own it: no file of it can
// be built on.
func borrowable(m checkpoint.Metadata) checkpoint.Metadata {
	m.Operators = slices.Clone(m.Operators)
	for o := range m.Operators {
		subtasks := slices.Clone(m.Operators[o].Subtasks)
		for s := range subtasks {
			subtasks[s].Keyed = slices.Clone(subtasks[s].Keyed)
			for k := range subtasks[s].Keyed {
				files := slices.Clone(subtasks[s].Keyed[k].Files)
				for f := range files {
					files[f].Stream.Scope = backends.Exclusive
				}
				subtasks[s].Keyed[k].Files = files
			}
		}
		m.Operators[o].Subtasks = subtasks
	}
	return m
}

// countSubmission counts an attempt that restores what its submission began with.
func (w *world) countSubmission(restored int64) {
	u := w.user
	if u == nil || u.submission == 0 || restored != u.source {
		return
	}
	if row := w.row(restored); row != nil && row.Savepoint {
		w.count(savepointsRestoredCounter, 1)
	}
	name := noClaimCounter
	for _, s := range w.run.Submissions {
		if s.Number == u.submission && s.Claim {
			name = claimCounter
		}
	}
	w.count(name, 1)
}

// belongs writes down which submission and fork an attempt belongs to.
func (w *world) belongs(row *history.Attempt) {
	if w.user != nil {
		row.Submission, row.Fork = w.user.submission, w.user.fork
	}
}
