package sim

import (
	"fmt"
	"slices"

	"flinch/backends"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

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
		jm.t.enter(history.Registering, id)
		jm.t.enter(history.Running, 0)
	}
	if p == nil {
		jm.w.run.Counters["acks_late"]++
		jm.discardAck(fmt.Sprintf("late ack of checkpoint %d", id), id, named, unknown)
		jm.w.drainAgain(jm)
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

func (jm *jobManager) declined(attempt int, id int64, err error) {
	p := jm.awaited(attempt, id)
	if p == nil {
		return
	}
	jm.w.run.Counters["checkpoints_declined"]++
	jm.w.refusedByLimit(id, err)
	jm.abort(p, "declined: "+err.Error())
	jm.checkpointFailed(p.kind, p.id, err.Error())
}
