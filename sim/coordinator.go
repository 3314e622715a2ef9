package sim

import (
	"errors"
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
	kind    snapshotKind
	exec    *execution
	sources []*checkpoint.Subtask // by subtask; nil: not acknowledged
	chains  []*checkpoint.Subtask
	missing int
	timeout sched.Event
	final   bool // triggered after healing, with all records processed
}

// schedule books the next trigger.
func (jm *jobManager) schedule() {
	jm.ticks++
	tick, e := jm.ticks, jm.exec
	jm.w.loop.After(jm.w.cfg.Checkpointing.Interval, func() {
		jm.t.post(func() {
			if tick != jm.ticks || e != jm.exec || jm.state != jobRunning || jm.draining {
				return
			}
			if len(jm.pending) < jm.concurrentMax() {
				jm.trigger(snapshotKind{})
			}
			if e == jm.exec && jm.state == jobRunning {
				jm.schedule()
			}
		})
	})
}

// concurrentMax is how many checkpoints may be under way. Where a pause is kept
// between them there is one, as in Flink; and the drain at the end of a run takes
// one after the other, so that none is overtaken and left behind.
func (jm *jobManager) concurrentMax() int {
	c := &jm.w.cfg.Checkpointing
	if c.MinPause > 0 || jm.w.healed && jm.exec.remaining == 0 {
		return 1
	}
	return max(1, c.ConcurrentMax)
}

// trigger begins a checkpoint: a number that was never used, a place on storage,
// then the barriers.
func (jm *jobManager) trigger(kind snapshotKind) {
	jm.t.enter(history.Triggered, 0)
	defer jm.t.enter(history.Running, 0)
	id, err := jm.store.NextID(jm.ctx)
	if err != nil {
		jm.triggerFailed("reserve an id", err)
		return
	}
	w, e := jm.w, jm.exec
	w.lastID = int64(id)
	w.cuts[w.lastID] = newCut(w.lastID, e, w.cfg.Job.Partitions)
	w.run.Checkpoints = append(w.run.Checkpoints, history.Checkpoint{
		ID: w.lastID, Attempt: e.number, Incarnation: jm.incarnation, Parallelism: e.parallelism,
		Triggered: w.step(), TriggeredAt: w.loop.Now(), Offsets: make([]int64, w.cfg.Job.Partitions),
	})
	w.run.Counters["checkpoints_triggered"]++
	w.tell(jm.p.m.id, w.lastID, "triggers checkpoint %d", id)
	jm.t.tellCheckpoint(w.lastID)
	if len(jm.pending) > 0 {
		w.count("checkpoints_concurrent", 1)
	}
	p := &pendingCheckpoint{
		id: id, kind: kind, exec: e, missing: e.parallelism + e.sources,
		sources: make([]*checkpoint.Subtask, e.sources), chains: make([]*checkpoint.Subtask, e.parallelism),
		final: w.healed && e.remaining == 0,
	}
	jm.pending = append(jm.pending, p)
	if err := jm.storage.Initialize(jm.ctx, id); err != nil {
		jm.abort(p, "storage: "+err.Error())
		jm.triggerFailed(fmt.Sprintf("initialize checkpoint %d", id), err)
		return
	}
	p.timeout = w.loop.After(w.cfg.Checkpointing.Timeout, func() {
		jm.t.post(func() { jm.expire(p) })
	})
	for _, s := range e.readers {
		w.send(message{
			about: about{kind: history.Trigger, checkpoint: int64(id), to: &s.subtask}, from: jm.p, to: s.tm.p,
			deliver: func() { s.t.post(func() { s.trigger(int64(id), kind) }) },
		})
	}
}

// awaited returns the pending checkpoint that a subtask of an attempt speaks of;
// nil if there is none.
func (jm *jobManager) awaited(attempt int, id int64) *pendingCheckpoint {
	for _, p := range jm.pending {
		if int64(p.id) == id && p.exec.number == attempt {
			return p
		}
	}
	return nil
}

// over strikes a checkpoint out that is pending no more.
func (jm *jobManager) over(p *pendingCheckpoint) {
	jm.w.loop.Cancel(p.timeout)
	jm.pending = slices.DeleteFunc(jm.pending, func(o *pendingCheckpoint) bool { return o == p })
}

func (jm *jobManager) triggerFailed(during string, err error) {
	jm.w.unexpected(jm.p.m.id, jm.exec.number, during, err)
	jm.countFailure(fmt.Sprintf("%s: %v", during, err))
}

// acknowledge takes a subtask's part in. Its shared files are the coordinator's
// from here on. An acknowledgement of a checkpoint that is not pending comes too
// late: what belongs to that checkpoint alone is deleted.
func (jm *jobManager) acknowledge(attempt int, vertex string, index int, id int64, named checkpoint.Subtask) {
	ack := ackName{attempt: attempt, vertex: vertex, index: index, id: id}
	if jm.heard[ack] {
		jm.w.count("acks_duplicate", 1)
		return
	}
	jm.heard[ack] = true
	p := jm.awaited(attempt, id)
	state, unknown := jm.shared.Register(backends.CheckpointID(id), named)
	if unknown == nil {
		jm.w.files.registered(state)
	}
	if p == nil {
		jm.w.run.Counters["acks_late"]++
		jm.discardAck(fmt.Sprintf("late ack of checkpoint %d", id), id, named, unknown)
		jm.w.drainAgain()
		return
	}
	if unknown != nil {
		if jm.w.files.strangers(named) {
			jm.w.unexpected(jm.p.m.id, attempt, fmt.Sprintf("acknowledgement of checkpoint %d by %s %d", id, vertex, index), unknown)
		}
		jm.discardAck(fmt.Sprintf("ack of checkpoint %d with unknown shared state", id), id, named, unknown)
		jm.declined(attempt, id, unknown)
		return
	}
	slots := p.sources
	if vertex == chainVertex {
		slots = p.chains
	}
	slots[index] = &state
	p.missing--
	jm.w.files.acknowledged(id, state)
	if p.missing == 0 {
		jm.complete(p)
	}
}

// ackName tells acknowledgements apart: one that comes again is ignored, since
// what it names has been taken over or discarded.
type ackName struct {
	attempt int
	vertex  string
	index   int
	id      int64
}

// discardAck deletes what an acknowledgement named that is of no use: all of it if
// it was not registered.
func (jm *jobManager) discardAck(why string, id int64, state checkpoint.Subtask, unknown error) {
	streams := exclusive(state.Streams())
	if unknown != nil {
		streams = slices.Collect(state.Streams())
	}
	jm.discard(why, id, streams, false)
}

// complete publishes a checkpoint that every subtask has acknowledged, tells
// everybody, and lets go of the ones that it pushes out.
func (jm *jobManager) complete(p *pendingCheckpoint) {
	w, id := jm.w, int64(p.id)
	w.loop.Cancel(p.timeout)
	jm.t.enter(history.Publishing, id)
	defer jm.t.enter(history.Running, 0)
	metadata := p.metadata(w)
	location, err := jm.storage.Publish(jm.ctx, p.id, checkpoint.Encode(metadata))
	if err != nil {
		w.unexpected(jm.p.m.id, p.exec.number, fmt.Sprintf("publish checkpoint %d", id), err)
		jm.abort(p, "publish: "+err.Error())
		jm.countFailure(err.Error())
		return
	}
	released, err := jm.store.Add(jm.ctx, metadata, location)
	if err != nil {
		jm.addFailed(p, err)
		return
	}
	jm.completed(p, metadata, released)
}

// addFailed handles a store that could not be changed. If the outcome is unknown
// the checkpoint may be complete: nothing of it may be deleted.
func (jm *jobManager) addFailed(p *pendingCheckpoint, err error) {
	w, id := jm.w, int64(p.id)
	w.unexpected(jm.p.m.id, jm.exec.number, fmt.Sprintf("complete checkpoint %d", id), err)
	if !errors.Is(err, checkpoint.ErrOutcomeUnknown) {
		jm.abort(p, "store: "+err.Error())
		jm.countFailure(err.Error())
		return
	}
	w.run.Counters["publish_outcomes_unknown"]++
	w.row(id).Unknown = w.step()
	w.files.unknown(id)
	w.tell(jm.p.m.id, id, "does not know whether checkpoint %d is complete: %v", id, err)
	jm.over(p)
	jm.notifyAborted(id)
	jm.countFailure(err.Error())
}

func (jm *jobManager) completed(p *pendingCheckpoint, m checkpoint.Metadata, released []checkpoint.Completed) {
	w, id := jm.w, int64(p.id)
	w.run.Counters["checkpoints_completed"]++
	jm.over(p)
	jm.failures = 0
	jm.t.enter(history.Completing, id)
	w.tell(jm.p.m.id, id, "checkpoint %d is complete", id)
	w.files.verify("published", id)
	w.auditCompleted(m)
	jm.overtake(p.id)
	jm.t.enter(history.Notifying, id)
	jm.notifyComplete(id)
	w.completedOne(p)
	for _, old := range released {
		jm.t.enter(history.Subsuming, int64(old.ID))
		jm.subsume(old)
	}
	jm.discardUnused(p.id)
}

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
	w.drainAgain()
	var streams []backends.StreamHandle
	for _, s := range slices.Concat(p.sources, p.chains) {
		if s != nil {
			streams = append(streams, exclusive(s.Streams())...)
		}
	}
	jm.discard(fmt.Sprintf("checkpoint %d was aborted", id), id, streams, true)
}

func (jm *jobManager) declined(attempt int, id int64, err error) {
	p := jm.awaited(attempt, id)
	if p == nil {
		return
	}
	jm.w.run.Counters["checkpoints_declined"]++
	jm.abort(p, "declined: "+err.Error())
	jm.countFailure(err.Error())
}

func (jm *jobManager) expire(p *pendingCheckpoint) {
	if !slices.Contains(jm.pending, p) {
		return
	}
	jm.w.run.Counters["checkpoints_expired"]++
	jm.abort(p, "expired")
	jm.countFailure("checkpoint expired")
}

// countFailure fails the job over once more checkpoints in a row have failed than
// are tolerated.
func (jm *jobManager) countFailure(reason string) {
	jm.failures++
	limit := jm.w.cfg.Checkpointing.Tolerated
	if limit != Unlimited && jm.failures > limit && jm.state == jobRunning {
		jm.failover("more checkpoints failed than are tolerated: " + reason)
	}
}

// notifyComplete tells every task manager that a checkpoint has completed: from
// now on others know.
func (jm *jobManager) notifyComplete(id int64) {
	jm.w.observed(id, "notify")
	jm.notify(about{kind: history.Notify, checkpoint: id}, body.complete)
}

func (jm *jobManager) notifyAborted(id int64) {
	jm.notify(about{kind: history.Abort, checkpoint: id}, body.abort)
}

func (jm *jobManager) notifySubsumed(id int64) {
	jm.notify(about{kind: history.Subsume, checkpoint: id}, body.subsumed)
}

// notify tells every task manager about a checkpoint.
func (jm *jobManager) notify(what about, deliver func(body, int64) error) {
	e, id := jm.exec, what.checkpoint
	for _, p := range jm.managers {
		if p == nil {
			continue
		}
		tm := p.manager
		jm.w.send(message{about: what, from: jm.p, to: p, deliver: func() { tm.notify(e, id, deliver) }})
	}
}

// metadata says where all state of the checkpoint is.
func (p *pendingCheckpoint) metadata(w *world) checkpoint.Metadata {
	m := checkpoint.Metadata{
		ID: p.id, Parallelism: p.exec.parallelism, MaxParallelism: w.cfg.Job.MaxParallelism, Attempt: p.exec.number,
	}
	source := checkpoint.Operator{Name: sourceName, Parallelism: len(p.sources)}
	for _, s := range p.sources {
		source.Subtasks = append(source.Subtasks, *s)
	}
	m.Operators = append(m.Operators, source)
	for i, name := range w.operators {
		o := checkpoint.Operator{Name: name, Parallelism: len(p.chains)}
		for _, s := range p.chains {
			o.Subtasks = append(o.Subtasks, checkpoint.Subtask{Keyed: s.Keyed[i : i+1]})
		}
		m.Operators = append(m.Operators, o)
	}
	sink := checkpoint.Operator{Name: sinkName, Parallelism: len(p.chains)}
	for _, s := range p.chains {
		sink.Subtasks = append(sink.Subtasks, checkpoint.Subtask{Operator: s.Operator})
	}
	m.Operators = append(m.Operators, sink)
	return m
}
