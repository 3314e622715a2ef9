package sim

import (
	"context"
	"maps"
	"path"
	"slices"
	"strconv"

	"flinch/faults"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// The harness reads the root of the completed-checkpoint store by itself, off
// the disk or the coordination service: which checkpoints it names decides which
// files are needed, what was published, and what a restore may bring back. The
// job manager is not asked.

// pointerPath is where a pointer in a file stands, on the job manager's disk.
const pointerPath = "/job-manager/checkpoints"

// rootOn tells whether the root is a file on this machine's disk.
func (w *world) rootOn(m history.Machine) bool {
	return m == history.JobManager && w.cfg.durable() && w.cfg.Storage.Pointer == PointerFile
}

// recordOf reads an encoded record; one that is damaged names nothing.
func recordOf(encoded []byte) checkpoint.Record {
	record, err := checkpoint.ReadRecord(encoded)
	if err != nil {
		return checkpoint.Record{}
	}
	return record
}

func (w *world) rootFile(name string) checkpoint.Record {
	encoded, err := w.machines[history.JobManager].disk.ReadRaw(name)
	if err != nil {
		return checkpoint.Record{}
	}
	return recordOf(encoded)
}

// beforeRoot sees the root's file about to be replaced: from here on a crash may
// find either record.
func (w *world) beforeRoot(op faults.Op) {
	if op.Kind == faults.OpRename && op.To == pointerPath {
		w.files.rooted(w.rootFile(op.Path), false)
	}
}

// afterRoot sees that the root's file has changed, or that its name is durable.
func (w *world) afterRoot(op faults.Op) {
	switch {
	case op.Kind == faults.OpSyncDir && op.Path == path.Dir(pointerPath):
		w.files.rooted(w.rootFile(pointerPath), true)
	case op.Path == pointerPath && op.Kind.Mutates():
		w.files.rooted(w.rootFile(pointerPath), false)
	}
}

// rooted takes over what the root says now: who owns what, and what is needed.
func (l *fileLog) rooted(record checkpoint.Record, durable bool) {
	if durable && l.w.user != nil {
		l.w.user.rooted(record)
	}
	ids := make([]int64, len(record.Retained))
	for i, e := range record.Retained {
		ids[i] = int64(e.ID)
	}
	l.names(ids, durable)
}

// names takes over which checkpoints the root names now. Until that is durable, a
// crash may bring back what it named before, so that is needed, too.
func (l *fileLog) names(ids []int64, durable bool) {
	for _, id := range ids {
		l.publish(id, durable)
	}
	if !durable {
		l.issuer = l.w.incarnations
		for _, id := range ids {
			if !slices.Contains(l.root, id) {
				l.root = append(l.root, id)
			}
		}
		return
	}
	for _, id := range l.root {
		if !slices.Contains(ids, id) {
			l.letGo(id)
		}
	}
	l.root = slices.Clone(ids)
	// What the root does not name now was not published, if that was in doubt.
	for _, id := range slices.Sorted(maps.Keys(l.doubt)) {
		if !slices.Contains(ids, id) {
			l.release(pendingOwner(id))
		}
	}
}

func (l *fileLog) publish(id int64, durable bool) {
	if row := l.w.row(id); row != nil {
		if row.PublishIssued == 0 {
			row.PublishIssued = l.w.step()
		}
		if durable && row.Published == 0 {
			row.Published = l.w.step()
		}
	}
	if l.owners[storedOwner(id)] == nil {
		l.need(storedOwner(id), l.handedOver(id))
		l.sharedBy(id)
	}
	l.release(pendingOwner(id))
}

// handedOver lists the files that the acknowledgements of a checkpoint named,
// and its metadata.
func (l *fileLog) handedOver(id int64) []member {
	members := slices.Clone(l.handed[id])
	if l.w.cfg.durable() {
		members = append(members, member{path: path.Join(l.w.placeOf(id), "_metadata")})
	}
	return members
}

// letGo ends the needs of a checkpoint that the root names no more. If another
// job manager had issued that, it died before it could clean up.
func (l *fileLog) letGo(id int64) {
	owner := storedOwner(id)
	orphaned := l.w.leader == nil || l.issuer != l.w.leader.incarnation
	members := l.owners[owner]
	l.release(owner)
	l.sharedNoMore(members)
	for _, m := range members {
		f := l.known[m.path]
		if f == nil {
			continue
		}
		f.answers = l.issuer
		if orphaned && f.OwnerDied == 0 && len(l.needed[m.path]) == 0 {
			f.OwnerDied = l.w.step()
		}
	}
}

// volatileRoot is the root in the memory of a job manager.
type volatileRoot struct {
	checkpoint.MemoryPointer
	w *world
}

// Store implements checkpoint.Pointer.
func (r *volatileRoot) Store(ctx context.Context, old, next checkpoint.Record) error {
	err := r.MemoryPointer.Store(ctx, old, next)
	if err == nil {
		r.w.files.rooted(next, false)
		r.w.files.rooted(next, true)
	}
	return err
}

// placeOf is the folder of a checkpoint or savepoint on storage.
func (w *world) placeOf(id int64) string {
	if row := w.row(id); row != nil && row.Savepoint {
		return path.Join(storageRoot, "savepoints", "savepoint-"+strconv.FormatInt(id, 10))
	}
	return path.Join(storageRoot, storageJob, "chk-"+strconv.FormatInt(id, 10))
}
