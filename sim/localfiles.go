package sim

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"flinch/faults"
	"flinch/model/history"
)

// Local files are what keyed instances keep on their task manager's disk: a
// folder for each, below localRoot. A process that dies leaves its folders
// behind; the next one on that disk removes them before it takes orders.

const localRoot = "/state"

// localDir is the folder of one keyed instance.
func (w *world) localDir(attempt, operator, subtask int) string {
	return path.Join(localRoot, fmt.Sprintf("%d-%s-%d", attempt, w.operators[operator], subtask))
}

// hasLocalFiles tells whether an earlier process left local files behind.
func (m *machine) hasLocalFiles() bool {
	for f := range m.disk.Files() {
		if strings.HasPrefix(f.Path, localRoot+"/") {
			return true
		}
	}
	return false
}

// sweepLocal removes what earlier processes left behind.
func (tm *taskManager) sweepLocal() {
	err := tm.p.local.RemoveAll(localRoot)
	if err == nil {
		tm.p.m.undeleted = nil
		return
	}
	if explained(err) {
		// It ended there: what is left of any instance is left for this reason.
		for f := range tm.p.m.disk.Files() {
			tm.p.m.notDeleted(tm.w.step(), f.Path)
		}
	}
	tm.w.unexpected(tm.p.m.id, 0, "remove local files of earlier processes", err)
	tm.w.tell(tm.p.m.id, 0, "cannot remove local files of earlier processes: %v", err)
}

// localDeleteFailed notes that a fault kept a local file from being deleted: who
// deletes its instance's folder ends there.
func (w *world) localDeleteFailed(m history.Machine, op faults.Op, out faults.Outcome) {
	if op.Kind == faults.OpUnlink && errors.Is(out.Err, faults.ErrInjected) {
		w.machines[m].notDeleted(w.step(), op.Path)
	}
}

// notDeleted notes why the files of an instance may be left over.
func (m *machine) notDeleted(at history.Step, name string) {
	if m.undeleted == nil {
		m.undeleted = map[string]history.Step{}
	}
	m.undeleted[instanceOf(name)] = at
}

// instanceOf is the folder below localRoot that a path is in, or is; "": none.
func instanceOf(name string) string {
	rest, _ := strings.CutPrefix(name, localRoot+"/")
	instance, _, _ := strings.Cut(rest, "/")
	return instance
}

// localLeftovers lists the local files that belong to no live instance.
func (w *world) localLeftovers() []history.Leftover {
	live := map[string]bool{}
	for _, c := range w.exec.chains {
		for i := range c.ops {
			live[fmt.Sprint(c.p.m.id, w.localDir(c.launch.number, i, c.index))] = true
		}
	}
	var left []history.Leftover
	for _, m := range w.machines[history.FirstTaskManager:] {
		for f := range m.disk.Files() {
			if isCopy(f.Path) && !w.keepsCopy(m, f.Path) {
				left = append(left, history.Leftover{Path: f.Path, Local: true, Writer: m.id, Checkpoint: checkpointOf(f.Path)})
			}
			instance := instanceOf(f.Path)
			if strings.HasPrefix(f.Path, localRoot+"/") && !live[fmt.Sprint(m.id, path.Join(localRoot, instance))] {
				left = append(left, history.Leftover{Path: f.Path, Local: true, Writer: m.id, DeleteFailed: m.undeleted[instance]})
			}
		}
	}
	return left
}
