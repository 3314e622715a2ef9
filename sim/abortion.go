package sim

import (
	"fmt"
	"math"
	"slices"

	"flinch/backends"
)

// overtake aborts the checkpoints that are older than one that has completed.
// Savepoints are the user's: nothing subsumes them.
func (jm *jobManager) overtake(id backends.CheckpointID) {
	for _, p := range slices.Clone(jm.pending) {
		if p.id < id && !p.kind.IsSavepoint() {
			jm.w.count("checkpoints_subsumed", 1)
			jm.abort(p, "subsumed")
		}
	}
}

// abortAll aborts every checkpoint that is under way.
func (jm *jobManager) abortAll(reason string) {
	for _, p := range slices.Clone(jm.pending) {
		jm.abort(p, reason)
	}
}

// abort gives a pending checkpoint up: everybody is told, and what was
// acknowledged is deleted.
func (jm *jobManager) abort(p *pendingCheckpoint, reason string) {
	w, id := jm.w, int64(p.id)
	jm.over(p)
	row := w.row(id)
	row.Aborted, row.Reason = w.step(), reason
	w.run.Counters["checkpoints_aborted"]++
	w.tell(jm.p.m.id, id, "aborts checkpoint %d: %s", id, reason)
	w.files.pendingOver(id)
	jm.notifyAborted(id)
	jm.refuseUser(p.request.Asked, reason)
	w.drainAgain(jm)
	var streams []backends.StreamHandle
	for _, s := range slices.Concat(p.sources, p.chains) {
		if s != nil {
			streams = append(streams, exclusive(s.Streams())...)
		}
	}
	jm.discard(fmt.Sprintf("checkpoint %d was aborted", id), id, streams, true)
}

func (jm *jobManager) expire(p *pendingCheckpoint) {
	if !slices.Contains(jm.pending, p) {
		return
	}
	jm.w.run.Counters["checkpoints_expired"]++
	jm.abort(p, "expired")
	jm.checkpointFailed(p.kind, p.id, "checkpoint expired")
}

// countFailure fails the job over once more checkpoints in a row have failed than
// are tolerated. An id of 0 is a checkpoint that got none.
func (jm *jobManager) countFailure(id backends.CheckpointID, reason string) {
	limit := jm.w.cfg.Checkpointing.Tolerated
	if limit == Unlimited {
		limit = math.MaxInt
	}
	if jm.failures.Failed(id, limit) && jm.state == jobRunning {
		jm.failover("more checkpoints failed than are tolerated: " + reason)
	}
}
