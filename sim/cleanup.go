package sim

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"syscall"

	"flinch/backends"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// subsume lets go of a checkpoint that no root names any more.
func (jm *jobManager) subsume(old checkpoint.Completed) {
	w, id := jm.w, int64(old.ID)
	if row := w.row(id); row != nil {
		row.Subsumed = w.step()
	}
	if old.Unclaimed {
		w.tell(jm.p.m.id, id, "leaves checkpoint %d to the user", id)
		return
	}
	w.run.Counters["checkpoints_subsumed"]++
	jm.notifySubsumed(id)
	jm.discard(fmt.Sprintf("checkpoint %d is subsumed", id), id, exclusive(old.Metadata.Streams()), true)
}

// discardUnused deletes the shared files that no checkpoint names which is
// retained, or may be.
func (jm *jobManager) discardUnused(latest backends.CheckpointID) {
	lowest := latest
	for _, c := range slices.Concat(jm.store.Retained(), jm.store.Unsettled()) {
		lowest = min(lowest, c.ID)
	}
	if unused := jm.shared.Unused(lowest); len(unused) > 0 {
		jm.discard(fmt.Sprintf("shared files that nothing names since checkpoint %d", lowest), int64(latest), unused, false)
	}
}

// exclusive lists the streams that belong to one checkpoint alone.
func exclusive(streams iter.Seq[backends.StreamHandle]) []backends.StreamHandle {
	var list []backends.StreamHandle
	for h := range streams {
		if !h.IsShared() {
			list = append(list, h)
		}
	}
	return list
}

// discard deletes streams, and with place the whole place of their checkpoint, in
// a task of its own. What cannot be deleted stays behind and is counted.
func (jm *jobManager) discard(why string, id int64, streams []backends.StreamHandle, place bool) {
	jm.cleanups++
	name := fmt.Sprintf("cleanup of checkpoint %d", id)
	jm.p.spawn(name, actor(actorCleanup, int(id), 0, 0), rankCleanup, func(t *task) {
		t.enter(history.Deleting, id)
		jm.w.tell(jm.p.m.id, id, "deletes: %s", why)
		for _, h := range streams {
			err := jm.storage.Discard(jm.ctx, h)
			jm.cleaned(id, err)
			if err == nil && h.IsShared() && !h.Placeholder {
				jm.w.count("shared_files_deleted", 1)
			}
		}
		if place {
			err := jm.storage.DiscardCheckpoint(jm.ctx, backends.CheckpointID(id))
			jm.w.files.swept(id, err)
			jm.cleaned(id, err)
		}
		jm.cleanups--
		jm.askAgain()
	})
}

func (jm *jobManager) cleaned(id int64, err error) {
	if err == nil {
		return
	}
	if row := jm.w.row(id); errors.Is(err, syscall.ENOTEMPTY) && row != nil && row.Aborted != 0 {
		// Subtasks that have not heard of the abortion yet make files in its folder,
		// and remove them when they do.
		jm.w.run.Counters["aborted_folders_left"]++
		return
	}
	jm.w.run.Counters["deletes_failed"]++
	jm.w.unexpected(jm.p.m.id, 0, fmt.Sprintf("delete checkpoint %d", id), err)
	jm.w.tell(jm.p.m.id, id, "cannot delete all of checkpoint %d: %v", id, err)
}
