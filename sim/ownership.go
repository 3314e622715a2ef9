package sim

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// Whose a snapshot is: the store's, which the job deletes when it likes; the user's,
// if it is a savepoint; or nobody's but his who kept it, if a job was begun from it
// without claiming it.

const (
	savepointPrefix = "savepoint "
	notOwnedPrefix  = "not-owned checkpoint "
)

func savepointOwner(id int64) string { return savepointPrefix + strconv.FormatInt(id, 10) }
func notOwnedOwner(id int64) string  { return notOwnedPrefix + strconv.FormatInt(id, 10) }

// outlived tells whether somebody needs a file who does not die with a coordinator.
func (l *fileLog) outlived(name string) bool {
	return slices.ContainsFunc(l.needed[name], func(owner string) bool { return !strings.HasPrefix(owner, pendingPrefix) })
}

// savepointDone hands the files of a savepoint that is complete to the user.
func (l *fileLog) savepointDone(id int64) {
	row := l.w.row(id)
	row.PublishIssued, row.Published = l.w.step(), l.w.step()
	l.need(savepointOwner(id), l.handedOver(id))
	l.release(pendingOwner(id))
}

// begun notes who owns what a submission begins with, from now on.
func (l *fileLog) begun(s *history.Submission) {
	switch {
	case s.Claim:
		l.release(savepointOwner(s.Source))
		l.release(notOwnedOwner(s.Source))
	case l.owners[savepointOwner(s.Source)] == nil && l.owners[notOwnedOwner(s.Source)] == nil:
		l.need(notOwnedOwner(s.Source), l.handedOver(s.Source)) // one that the job had owned, too
	}
}

// borrowed looks for files of others' snapshots in a checkpoint that has completed.
func (l *fileLog) borrowed(id int64) {
	if l.w.user == nil {
		return
	}
	for _, m := range l.owners[storedOwner(id)] {
		for _, owner := range l.needed[m.path] {
			others := strings.HasPrefix(owner, savepointPrefix) || strings.HasPrefix(owner, notOwnedPrefix)
			if !others {
				continue
			}
			l.w.run.Borrowed = append(l.w.run.Borrowed, history.Borrowed{Step: l.w.step(), Checkpoint: id, Path: m.path, From: owner})
			l.w.tell(history.JobManager, id, "BORROWED: checkpoint %d names %s of %s", id, m.path, owner)
		}
	}
}

// auditKept looks at what the job has left to the user: his savepoints, and what it
// began with and does not own.
func (w *world) auditKept() {
	if w.user == nil {
		return
	}
	for _, s := range w.user.savepoints {
		if !s.disposed && !s.claimed {
			w.files.verify("quiesce", savepointOwner(s.id))
			w.auditRetained(checkpoint.Completed{ID: s.metadata.ID, Location: s.location, Metadata: s.metadata})
		}
	}
	for _, owner := range slices.Sorted(maps.Keys(w.files.owners)) {
		if strings.HasPrefix(owner, notOwnedPrefix) {
			w.files.verify("quiesce", owner)
		}
	}
}
