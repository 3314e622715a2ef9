package sim

import (
	"errors"
	"fmt"

	"flinch/model/history"
	"flinch/sim/checkpoint"
)

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
		w.refusedByLimit(id, err)
		jm.abort(p, "publish: "+err.Error())
		jm.checkpointFailed(p.kind, p.id, err.Error())
		return
	}
	if p.kind.IsSavepoint() {
		jm.savepointComplete(p, metadata, location)
		return
	}
	jm.t.enter(history.Storing, id)
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
	unknown := errors.Is(err, checkpoint.ErrOutcomeUnknown)
	if unknown {
		w.run.Counters["publish_outcomes_unknown"]++
		w.row(id).Unknown = w.step()
		w.files.unknown(id)
	}
	jm.stepDown(err)
	w.unexpected(jm.p.m.id, jm.exec.number, fmt.Sprintf("complete checkpoint %d", id), err)
	if !unknown {
		jm.abort(p, "store: "+err.Error())
		jm.checkpointFailed(p.kind, p.id, err.Error())
		return
	}
	w.tell(jm.p.m.id, id, "does not know whether checkpoint %d is complete: %v", id, err)
	jm.over(p)
	jm.notifyAborted(id)
	jm.checkpointFailed(p.kind, p.id, err.Error())
}

func (jm *jobManager) completed(p *pendingCheckpoint, m checkpoint.Metadata, released []checkpoint.Completed) {
	w, id := jm.w, int64(p.id)
	w.run.Counters["checkpoints_completed"]++
	w.hopeless = 0
	jm.over(p)
	jm.failures.Succeeded(p.id)
	jm.completedAt, jm.anyCompleted = w.loop.Now(), true
	jm.t.enter(history.Completing, id)
	w.tell(jm.p.m.id, id, "checkpoint %d is complete", id)
	w.files.verify("published", storedOwner(id))
	w.files.borrowed(id)
	w.auditCompleted(m)
	jm.overtake(p.id)
	jm.t.enter(history.Notifying, id)
	jm.notifyComplete(id)
	w.completedOne(jm, p)
	for _, old := range released {
		jm.t.enter(history.Subsuming, int64(old.ID))
		jm.subsume(old)
	}
	jm.discardUnused(p.id)
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
			o.Subtasks = append(o.Subtasks, checkpoint.Subtask{Keyed: s.Keyed[i : i+1], Channels: channelsAt(i, s)})
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

// channelsAt is the channel state of a chain, which its first operator keeps.
func channelsAt(operator int, s *checkpoint.Subtask) []checkpoint.ChannelHandle {
	if operator > 0 {
		return nil
	}
	return s.Channels
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
		jm.order(what, p, func() {
			tm.copies.heard(what.kind, id)
			tm.notify(e, id, deliver)
		})
	}
}
