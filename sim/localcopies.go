package sim

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"flinch/backends"
	"flinch/faults"
	"flinch/model/history"

	"github.com/spf13/afero"
)

// Local copies are what local recovery keeps of keyed snapshots on the disk of the
// task manager that took them, beside the ones on checkpoint storage:
//
//	<copiesRoot>/chk-<n>/<operator>-<subtask>/<number>   bytes of one stream
//	<copiesRoot>/chk-<n>/<operator>-<subtask>/index      which stream is where
//
// They are never synced: a process that dies leaves them whole, a power loss tears
// them. A restore takes one only if it is exactly the stream that it asks for.

const (
	copiesRoot = "/local-recovery"
	indexName  = "index"
)

// Counters of local recovery. A copy is that of one keyed snapshot of one subtask.
const (
	copiesUsedCounter    = "local_recoveries_used"    // instances that read at least one stream from their disk
	copiesRefusedCounter = "local_recoveries_refused" // copies that were there, and not exact or not whole
	copiesWrittenCounter = "local_copies_written"
	copiesFailedCounter  = "local_copies_failed"
)

// localCopies decides which copies a task manager's process keeps.
type localCopies struct {
	tm      *taskManager
	fs      backends.FS
	floor   int64 // older checkpoints are not restored any more
	aborted abortedSet
	pruning bool // a task does it
	again   bool // there is something to do that it may not have seen
}

// copyDir is where the copy of one operator's subtask is.
func copyDir(id int64, operator string, subtask int) string {
	return path.Join(copiesRoot, copyFolder(id), fmt.Sprintf("%s-%d", operator, subtask))
}

func copyFolder(id int64) string { return "chk-" + strconv.FormatInt(id, 10) }

// unwanted tells whether copies of a checkpoint are not kept, or not any more.
func (l *localCopies) unwanted(id int64) bool { return id < l.floor || l.aborted.has(id) }

// heard takes notice of what the job manager says of a checkpoint: once one is
// complete, nobody restores an older one.
func (l *localCopies) heard(kind string, id int64) {
	switch {
	case kind == history.Notify && id > l.floor:
		l.floor = id
	case kind == history.Abort && !l.aborted.has(id):
		l.aborted.add(id)
	default:
		return
	}
	l.prune()
}

// prune has a task of its own remove what is not kept.
func (l *localCopies) prune() {
	tm := l.tm
	if !tm.w.cfg.Cluster.LocalRecovery {
		return
	}
	l.again = true
	if l.pruning {
		return
	}
	l.pruning = true
	name := "local copies of " + tm.p.m.id.String()
	tm.p.spawn(name, actor(actorCleanup, int(tm.p.m.id), tm.p.number, 1), rankCleanup, func(*task) {
		for l.again {
			l.again = false
			if err := l.sweep(); err != nil {
				tm.w.unexpected(tm.p.m.id, 0, "remove local copies", err)
				tm.w.tell(tm.p.m.id, 0, "cannot remove local copies: %v", err)
			}
		}
		l.pruning = false
	})
}

// sweep removes what is not kept, of earlier processes as well: what it cannot
// remove is met again when the next checkpoint completes.
func (l *localCopies) sweep() error {
	folders, err := afero.ReadDir(l.fs, copiesRoot)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	all := err
	for _, f := range folders {
		if id := checkpointOf(f.Name()); id == 0 || l.unwanted(id) {
			all = errors.Join(all, l.fs.RemoveAll(path.Join(copiesRoot, f.Name())))
		}
	}
	return all
}

// pruningCopies tells whether some task manager is not done with removing copies.
func (w *world) pruningCopies() bool {
	for _, m := range w.machines[history.FirstTaskManager:] {
		if m.proc != nil && m.proc.manager.copies.pruning {
			return true
		}
	}
	return false
}

// isCopy tells whether a path is that of a local copy.
func isCopy(name string) bool { return strings.HasPrefix(name, copiesRoot+"/") }

// keepsCopy tells whether a file at the end of a run is of the confirmed copy of a
// subtask that runs on the machine.
func (w *world) keepsCopy(m *machine, name string) bool {
	if checkpointOf(name) != w.run.Quiesce.Final {
		return false
	}
	for _, c := range w.exec.chains {
		for i := range c.ops {
			if c.p.m == m && path.Dir(name) == copyDir(w.run.Quiesce.Final, w.operators[i], c.index) {
				return true
			}
		}
	}
	return false
}

// scathe notes that an operation on a task manager's disk did not do what it
// should.
func (w *world) scathe(m history.Machine, out faults.Outcome) {
	if errors.Is(out.Err, faults.ErrInjected) {
		w.machines[m].scathed = true
	}
}
