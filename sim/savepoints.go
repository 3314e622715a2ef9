package sim

import (
	"fmt"
	"strings"

	"flinch/backends"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// The job manager's work for the user of the job: savepoints, and the end of a job
// with one. What begins a job anew is in submissions.go.

// Counters of what the user asked for.
const (
	savepointsTakenCounter    = "savepoints_taken"
	savepointsRestoredCounter = "savepoints_restored"
	claimCounter              = "restores_claim"
	noClaimCounter            = "restores_no_claim"
	forksCounter              = "forks"
)

// asked takes a request of the user in. One that is being dealt with, or was, is
// known by its number.
func (jm *jobManager) asked(r request) {
	switch r.Kind {
	case ResubmitJob:
		jm.resubmit(r)
		return
	case DisposeSavepoint:
		jm.dispose(r)
		return
	}
	if stop, stopped := jm.store.Stopped(); stopped && stop.Number == r.number {
		if jm.state == jobSuspended {
			jm.answer(r.number, int64(stop.ID))
		}
		return
	}
	if jm.serving[r.number] {
		return
	}
	if jm.state != jobRunning || !jm.exec.running() {
		jm.refuseUser(r.number, "the job does not run")
		return
	}
	jm.serving[r.number] = true
	kind := checkpoint.NativeSavepoint
	if r.Canonical {
		kind = checkpoint.CanonicalSavepoint
	}
	jm.request(checkpoint.Request{Kind: kind, Stop: r.Kind == StopJob, Forced: true, Asked: r.number})
}

// answer tells the user that his request was carried out.
func (jm *jobManager) answer(number, savepoint int64) {
	w := jm.w
	delete(jm.serving, number)
	w.loop.After(w.user.way(number, 1), func() { w.user.answered(number, savepoint) })
}

// refuseUser tells the user that his request failed. He asks again when he likes.
func (jm *jobManager) refuseUser(number int64, why string) {
	if number == 0 {
		return
	}
	delete(jm.serving, number)
	jm.w.tell(jm.p.m.id, 0, "fails request %d of the user: %s", number, why)
}

// savepointComplete hands a savepoint to the user: it is not in the store, pushes
// nothing out, and nobody else hears of it; unless the job is to stop with it.
func (jm *jobManager) savepointComplete(p *pendingCheckpoint, m checkpoint.Metadata, location string) {
	w, id := jm.w, int64(p.id)
	jm.over(p)
	w.count(savepointsTakenCounter, 1)
	w.tell(jm.p.m.id, id, "%s %d is complete", p.kind.Kind, id)
	w.files.savepointDone(id)
	w.files.verify("published", savepointOwner(id))
	w.auditCompleted(m)
	w.user.savepoints = append(w.user.savepoints, &savepoint{id: id, location: location, metadata: m})
	if p.kind.stops {
		jm.stopWith(p, location)
		return
	}
	jm.answer(p.request.Asked, id)
}

// stopWith ends the job with a savepoint: durably first, so that whoever recovers
// does not go on from an older checkpoint; then the sinks commit, and once they have
// the attempt is over.
func (jm *jobManager) stopWith(p *pendingCheckpoint, location string) {
	w, id, e := jm.w, int64(p.id), jm.exec
	jm.t.enter(history.Storing, id)
	by := checkpoint.Stop{Number: p.request.Asked, Entry: checkpoint.Entry{ID: p.id, Location: location}}
	if err := jm.store.End(jm.ctx, by); err != nil {
		jm.stepDown(err)
		w.unexpected(jm.p.m.id, e.number, fmt.Sprintf("stop with savepoint %d", id), err)
		jm.refuseUser(p.request.Asked, err.Error())
		jm.failover(fmt.Sprintf("stop with savepoint %d: %v", id, err))
		return
	}
	jm.state, jm.finished = jobStopping, 0
	jm.refuseAll(false, "the job stops")
	jm.abortAll("the job stops")
	jm.t.enter(history.Notifying, id)
	jm.notifyComplete(id)
	w.loop.After(w.cfg.Checkpointing.Timeout, func() {
		jm.t.post(func() {
			if e == jm.exec {
				jm.endStop()
			}
		})
	})
}

// chainFinished counts the chains that have committed what the job ends with.
func (jm *jobManager) chainFinished(e *execution) {
	if e != jm.exec {
		return
	}
	if jm.finished++; jm.finished == e.parallelism {
		jm.endStop()
	}
}

// endStop ends the attempt of a job that stops. What was not committed by now is,
// once the job begins anew from its savepoint.
func (jm *jobManager) endStop() {
	if jm.state != jobStopping {
		return
	}
	jm.w.tell(jm.p.m.id, 0, "the job has stopped")
	jm.w.endAttempt(jm.exec)
	jm.cancelSubtasks()
}

// suspend waits for the user, who has stopped the job.
func (jm *jobManager) suspend(stop checkpoint.Stop) {
	jm.state = jobSuspended
	jm.answer(stop.Number, int64(stop.ID))
}

// stopping tells whether the job is to end with a savepoint that is under way.
func (jm *jobManager) stopping() bool {
	for _, p := range jm.pending {
		if p.kind.stops {
			return true
		}
	}
	return false
}

// checkpointFailed is the end of one that did not complete. Savepoints do not count
// among the failures that are tolerated; but sources that have sent the barrier to
// stop with send nothing more.
func (jm *jobManager) checkpointFailed(kind snapshotKind, id backends.CheckpointID, reason string) {
	switch {
	case !kind.IsSavepoint():
		jm.countFailure(id, reason)
	case kind.stops && jm.state == jobRunning:
		jm.failover("the savepoint to stop with failed: " + reason)
	}
}

// dispose deletes a savepoint, all of which is in its folder.
func (jm *jobManager) dispose(r request) {
	if jm.serving[r.number] {
		return
	}
	jm.serving[r.number] = true
	jm.cleanups++
	id := r.source.id
	jm.p.spawn(fmt.Sprintf("disposal of savepoint %d", id), actor(actorCleanup, int(id), 1, 0), rankCleanup, func(t *task) {
		t.enter(history.Deleting, id)
		jm.w.tell(jm.p.m.id, id, "deletes savepoint %d, as the user asks", id)
		jm.storage.Savepoint(backends.CheckpointID(id))
		err := jm.storage.DiscardCheckpoint(jm.ctx, backends.CheckpointID(id))
		jm.w.files.swept(id, err)
		jm.cleaned(id, err)
		jm.cleanups--
		if err != nil {
			jm.refuseUser(r.number, err.Error())
			return
		}
		jm.answer(r.number, 0)
	})
}

// placed tells the storage which of the retained checkpoints are savepoints that the
// job has adopted: they are elsewhere.
func (jm *jobManager) placed() {
	for _, c := range jm.store.Retained() {
		if strings.Contains(c.Location, "/savepoint-") {
			jm.storage.Savepoint(c.ID)
		}
	}
}
