package scenarios

import (
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim/rng"
)

// Engines keep their files on the task managers' own disks. A backend without
// local files meets the other faults alone.
var _ = register(Scenario{
	Name: "local-disk",
	Doc:  "the task managers' own disks fail, and processes die at their operations: inside an engine's flush, compaction, checkpoint and restore",
	Generate: generate(traits{
		name: "local-disk", rescales: 1, busy: true,
		faults: []maker{{8, failLocalIO}, {4, crashAtLocalIO}, {2, crash}, {1, loseTaskManager}, {1, stallIO}},
	}),
})

// localFailures are the operations of an engine that may fail, by the phase in
// which it does them: a fault that waits for another one never comes.
var localFailures = []struct {
	phase  history.Phase
	weight uint64
	ops    []faults.OpKind
}{
	{history.Running, 4, []faults.OpKind{
		faults.OpRead, faults.OpRead, faults.OpRead, faults.OpWrite, faults.OpSync, faults.OpCreate, faults.OpOpen, faults.OpUnlink, faults.OpSyncDir,
	}},
	{history.Restoring, 3, []faults.OpKind{
		faults.OpRead, faults.OpRead, faults.OpRead, faults.OpWrite, faults.OpSync, faults.OpCreate, faults.OpOpen, faults.OpUnlink, faults.OpSyncDir,
		faults.OpLink, faults.OpRename, faults.OpMkdir, faults.OpList, faults.OpStat,
	}},
	{history.Synchronous, 4, []faults.OpKind{
		faults.OpWrite, faults.OpWrite, faults.OpWrite, faults.OpRead, faults.OpSync, faults.OpCreate, faults.OpSyncDir, faults.OpLink,
		faults.OpRename, faults.OpMkdir, faults.OpList, faults.OpStat,
	}},
	{history.Asynchronous, 1, []faults.OpKind{faults.OpRead, faults.OpOpen, faults.OpUnlink}},
}

// failLocalIO makes the local disk of a task manager fail.
func failLocalIO(g *generator) []faults.Fault {
	f := faults.FailedIO{Disk: g.taskManager(), Count: 1}
	var weights []uint64
	for _, l := range localFailures {
		weights = append(weights, l.weight)
	}
	l := localFailures[rng.Weighted(g, "io phase", weights...)]
	f.Op = rng.Pick(g, "op", l.ops...)
	f.Nth = g.localOperation(4)
	if g.chance("more", 1, 3) {
		f.Count = g.between("count", 2, 4)
	}
	f.After = g.chance("after", 1, 2)
	if g.chance("phase", 3, 4) {
		f.Phase = &l.phase
	}
	return []faults.Fault{f}
}

// crashAtLocalIO kills a task manager at one of its own disk operations, most of
// them those of an engine.
func crashAtLocalIO(g *generator) []faults.Fault {
	f := faults.CrashAtIO{Machine: g.taskManager(), Nth: g.localOperation(40), After: g.chance("after", 1, 2)}
	f.Phase = g.localPhase()
	return []faults.Fault{f}
}

// localPhase aims half of the faults at one phase: most operations of an engine
// are reads of an asynchronous phase, and few are those of records.
func (g *generator) localPhase() *history.Phase {
	if !g.chance("phase", 1, 2) {
		return nil
	}
	phase := rng.Pick(g, "io phase", history.Synchronous, history.Asynchronous, history.Restoring, history.Running)
	return &phase
}

// localOperation draws the number of a disk operation: how many there are nobody
// knows before, so every order of magnitude is as likely.
func (g *generator) localOperation(most int) int {
	return g.between("nth", 1, most<<g.between("magnitude", 0, 5))
}
