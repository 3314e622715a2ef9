package sim

import (
	"fmt"
	"slices"

	"flinch/backends"
	"flinch/model/history"
	"flinch/sim/checkpoint"
	"flinch/sim/sched"
)

// The checkpoint coordinator: the job manager's work on checkpoints. Several may
// be under way at a time; one is triggered, and one is completed, at a time.

// pendingCheckpoint is a checkpoint that is waiting for acknowledgements.
type pendingCheckpoint struct {
	id      backends.CheckpointID
	request checkpoint.Request
	kind    snapshotKind
	exec    *execution
	sources []*checkpoint.Subtask // by subtask; nil: not acknowledged
	chains  []*checkpoint.Subtask
	missing int
	timeout sched.Event
	final   bool // triggered after healing, with all records processed
}

// trigger begins a checkpoint: a number that was never used, a place on storage,
// then the barriers.
func (jm *jobManager) trigger(r checkpoint.Request) {
	kind := jm.overtaking(jm.kindOf(r))
	jm.t.enter(history.Triggered, 0)
	defer jm.t.enter(history.Running, 0)
	id, err := jm.store.NextID(jm.ctx)
	if err != nil {
		jm.stepDown(err)
		jm.refuseUser(r.Asked, err.Error())
		jm.triggerFailed(kind, 0, "reserve an id", err)
		return
	}
	w, e := jm.w, jm.exec
	w.lastID = max(w.lastID, int64(id))
	w.cuts[int64(id)] = newCut(int64(id), e, w.cfg.Job.Partitions)
	w.run.Checkpoints = append(w.run.Checkpoints, history.Checkpoint{
		ID: int64(id), Attempt: e.number, Incarnation: jm.incarnation, Parallelism: e.parallelism,
		Savepoint: kind.IsSavepoint(), Stops: kind.stops, Triggered: w.step(), TriggeredAt: w.loop.Now(), Offsets: make([]int64, w.cfg.Job.Partitions),
	})
	w.run.Counters["checkpoints_triggered"]++
	w.tell(jm.p.m.id, int64(id), "triggers checkpoint %d", id)
	jm.t.tellCheckpoint(int64(id))
	if len(jm.pending) > 0 {
		w.count("checkpoints_concurrent", 1)
	}
	p := &pendingCheckpoint{
		id: id, request: r, kind: kind, exec: e, missing: e.parallelism + e.sources,
		sources: make([]*checkpoint.Subtask, e.sources), chains: make([]*checkpoint.Subtask, e.parallelism),
		final: jm.leads() && w.healed && e.remaining == 0,
	}
	jm.pending = append(jm.pending, p)
	kind.place(jm.storage, id)
	if err := jm.storage.Initialize(jm.ctx, id); err != nil {
		jm.abort(p, "storage: "+err.Error())
		jm.triggerFailed(kind, id, fmt.Sprintf("initialize checkpoint %d", id), err)
		return
	}
	p.timeout = w.loop.After(w.cfg.Checkpointing.Timeout, func() {
		jm.t.post(func() { jm.expire(p) })
	})
	for _, s := range e.readers {
		jm.order(about{kind: history.Trigger, checkpoint: int64(id), to: &s.subtask}, s.tm.p, func() {
			s.t.post(func() { s.trigger(int64(id), kind) })
		})
	}
}

// awaited returns the pending checkpoint that a subtask of an attempt speaks of;
// nil if there is none.
func (jm *jobManager) awaited(attempt int, id int64) *pendingCheckpoint {
	for _, p := range jm.pending {
		if int64(p.id) == id && p.exec.has(attempt) {
			return p
		}
	}
	return nil
}

// over strikes a checkpoint out that is pending no more.
func (jm *jobManager) over(p *pendingCheckpoint) {
	jm.w.loop.Cancel(p.timeout)
	jm.pending = slices.DeleteFunc(jm.pending, func(o *pendingCheckpoint) bool { return o == p })
	jm.askAgain()
}

func (jm *jobManager) triggerFailed(kind snapshotKind, id backends.CheckpointID, during string, err error) {
	jm.w.unexpected(jm.p.m.id, jm.exec.number, during, err)
	jm.checkpointFailed(kind, id, fmt.Sprintf("%s: %v", during, err))
}
