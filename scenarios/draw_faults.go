package scenarios

import (
	"time"

	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"
	"flinch/sim/rng"
)

// maker draws faults of one sort. Some come with another fault without which
// they could not fire.
type maker struct {
	weight uint64
	draw   func(g *generator) []faults.Fault
}

// faultCounts are how often a case gets 0, 1, 2 ... faults, cases that are to
// have some.
var faultCounts = []uint64{1, 1, 2, 3, 4, 4, 4, 3, 3}

// plan draws the faults: each case switches a random part of the scenario's
// kinds off, and draws from the rest. Some cases have no fault at all: only
// where no writer died can a left-over file be called a leak.
func (g *generator) plan() {
	g.c.Faults = faults.Plan{}
	if len(g.faults) == 0 {
		return
	}
	var weights []uint64
	var on []maker
	for i, m := range g.faults {
		last := i == len(g.faults)-1 && len(on) == 0
		if last || !g.chance("kind off", 1, 3) {
			on, weights = append(on, m), append(weights, m.weight)
		}
	}
	for range rng.Weighted(g, "faults", faultCounts...) {
		g.c.Faults = append(g.c.Faults, on[rng.Weighted(g, "fault", weights...)].draw(g)...)
	}
}

// crash kills a task manager at a moment.
func crash(g *generator) []faults.Fault {
	return []faults.Fault{faults.CrashAt{Machine: g.taskManager(), At: g.moment()}}
}

// crashJobManager kills the job manager at a moment.
func crashJobManager(g *generator) []faults.Fault {
	if g.spared() {
		return crash(g)
	}
	return []faults.Fault{faults.JobManagerCrash{At: g.moment()}}
}

// loseTaskManager takes the power of a task manager.
func loseTaskManager(g *generator) []faults.Fault {
	return []faults.Fault{faults.PowerLoss{Machine: g.taskManager(), At: g.moment()}}
}

// loseJobManager takes the power of the job manager.
func loseJobManager(g *generator) []faults.Fault {
	if g.spared() {
		return loseTaskManager(g)
	}
	return []faults.Fault{faults.PowerLoss{Machine: history.JobManager, At: g.moment()}}
}

// loseStorage takes the power of the checkpoint storage.
func loseStorage(g *generator) []faults.Fault {
	return []faults.Fault{faults.PowerLoss{Machine: history.Storage, At: g.moment()}}
}

// crashAtIO kills a process that has files open at one of its disk operations.
func crashAtIO(g *generator) []faults.Fault {
	f := faults.CrashAtIO{Machine: history.JobManager}
	switch {
	case g.tasksWrite() && g.chance("task manager", 2, 3), g.spared():
		f.Machine = g.taskManager()
	}
	kinds := 4 // of operations that a stream takes: create, write, sync, sync of the folder
	if g.chance("phase", 1, 2) {
		f.Phase = g.ioPhase(f.Machine)
		kinds = 2
	}
	f.Nth = g.operation(kinds)
	f.After = g.chance("after", 1, 2)
	return []faults.Fault{f}
}

// crashInPhase kills the process that enters a phase.
func crashInPhase(g *generator) []faults.Fault {
	phase := g.phase()
	f := faults.CrashInPhase{Phase: phase, Nth: g.entry(phase), Delay: g.pause()}
	return append(g.cause(phase), f)
}

// loseInPhase takes the power of a machine when a phase is entered: of the one
// whose process enters, or of the storage.
func loseInPhase(g *generator) []faults.Fault {
	phase := g.phase()
	f := faults.PowerLossInPhase{Phase: phase, Nth: g.entry(phase), Delay: g.pause()}
	if g.chance("storage", 1, 3) {
		storage := history.Storage
		f.Machine = &storage
	}
	return append(g.cause(phase), f)
}

// failIO makes a disk of the checkpoints' path fail.
func failIO(g *generator) []faults.Fault {
	f := faults.FailedIO{Disk: g.disk()}
	f.Op = rng.Pick(g, "op", faults.OpWrite, faults.OpSync, faults.OpCreate, faults.OpRename, faults.OpSyncDir,
		faults.OpMkdir, faults.OpOpen, faults.OpRead, faults.OpUnlink, faults.OpList, faults.OpStat)
	switch f.Op {
	case faults.OpOpen, faults.OpRead, faults.OpList, faults.OpStat:
		f.Nth = g.between("nth", 1, 6)
	default:
		f.Nth = g.operation(1)
		if g.chance("phase", 1, 4) {
			f.Phase = g.ioPhase(rng.Pick(g, "writer", history.JobManager, history.FirstTaskManager))
		}
	}
	f.Count = 1
	if g.chance("more", 1, 3) {
		f.Count = g.between("count", 2, 4)
	}
	f.After = g.chance("after", 1, 2)
	return []faults.Fault{f}
}

// tearWrite ends a write at a sector boundary, and its writer's life with it.
func tearWrite(g *generator) []faults.Fault {
	f := faults.TornWrite{Disk: g.disk()}
	f.SectorBytes = rng.Pick[int64](g, "sector", faults.SectorSmallBytes, faults.SectorSmallBytes, faults.SectorLargeBytes)
	f.Nth = g.operation(1)
	if f.SectorBytes == faults.SectorLargeBytes {
		f.Nth = 1 + f.Nth/4
	}
	f.Boundary = g.between("boundary", 1, 4)
	f.Power = g.chance("power", 1, 2)
	return []faults.Fault{f}
}

// taskManager draws a task manager.
func (g *generator) taskManager() history.Machine {
	return history.TaskManager(g.between("task manager", 0, g.c.Cluster.TaskManagers-1))
}

// moment draws a time at which a run is most likely still reading its sources,
// and most often has a checkpoint to come back to.
func (g *generator) moment() faults.Duration {
	least := g.c.Checkpointing.Interval + g.checkpoint()
	if g.chance("early", 1, 8) {
		least = 0
	}
	return faults.Duration(g.span("moment", min(least, g.length()/2), g.length()))
}

// pause draws how long after a phase was entered something happens: at once, or
// within some disk operations.
func (g *generator) pause() faults.Duration {
	if g.chance("pause", 1, 2) {
		return faults.Duration(g.span("pause", 0, 4*g.c.Cluster.IODelay))
	}
	return 0
}

// spared tells whether the job manager must live: its death would take the
// checkpoints with it, so that the rest of the run promises little. A few runs
// see that, too.
func (g *generator) spared() bool {
	return g.volatile() && !g.chance("not spared", 1, 4)
}

func (g *generator) volatile() bool {
	return g.c.Storage.Kind == sim.JobManagerMemory && !g.c.Storage.Durable
}

// tasksWrite tells whether task managers write files of checkpoints.
func (g *generator) tasksWrite() bool {
	return g.c.Storage.Kind != sim.JobManagerMemory && g.c.Storage.InlineThresholdBytes <= 1024
}

// disk draws a disk that checkpoints pass: the storage, or the job manager's if
// it keeps the pointer.
func (g *generator) disk() history.Machine {
	if g.c.Storage.Pointer == sim.PointerFile && (g.volatile() || g.chance("job manager's disk", 1, 4)) {
		return history.JobManager
	}
	return history.Storage
}

// checkpoints is about how many checkpoints the run takes if nothing goes wrong.
func (g *generator) checkpoints() int {
	return int(min(max(1, g.length()/(g.c.Checkpointing.Interval+g.checkpoint())), 40))
}

// operation draws which disk operation is meant, of so many kinds on the way of
// checkpoints. How many a checkpoint has depends on the backend: one for each
// stream, or one for each file of an engine. So every order of magnitude is as
// likely, from the first checkpoint's to more than there are.
func (g *generator) operation(kinds int) int {
	streams := 1
	if g.tasksWrite() {
		streams = g.c.Job.Sources[0] + (len(g.c.Job.Operators)+1)*g.c.Job.Parallelism[0]
	}
	most := 2 * kinds * streams * g.checkpoints()
	return g.between("nth", 1, max(2, most>>g.between("magnitude", 0, 4)))
}

// checkpoint is about how long a checkpoint takes: its disk operations, one
// after the other, and messages there and back.
func (g *generator) checkpoint() time.Duration {
	return 12*g.c.Cluster.IODelay + 2*g.c.Cluster.NetworkDelay
}

// snapshotPhases are aimed at by their weights: those between a barrier and the
// publishing more than the rest.
var snapshotPhases = []struct {
	phase  history.Phase
	weight uint64
}{
	{history.Asynchronous, 4},
	{history.Triggered, 1},
	{history.Aligning, 2},
	{history.Synchronous, 3},
	{history.Acknowledging, 3},
	{history.Publishing, 4},
	{history.Completing, 1},
	{history.Notifying, 1},
	{history.Subsuming, 1},
	{history.Deleting, 1},
	{history.Restoring, 2},
}

// phase draws a phase to aim at. Where the job manager is spared, its phases are
// left out.
func (g *generator) phase() history.Phase {
	spared := g.spared()
	var weights []uint64
	for _, p := range snapshotPhases {
		if spared && (onJobManager(p.phase) || p.phase == history.Restoring) {
			p.weight = 0
		}
		weights = append(weights, p.weight)
	}
	return snapshotPhases[rng.Weighted(g, "phase", weights...)].phase
}

// ioPhase draws a phase in which a process does disk operations: a phase of
// others would never be met.
func (g *generator) ioPhase(process history.Machine) *history.Phase {
	phases := []history.Phase{history.Asynchronous, history.Restoring}
	if process == history.JobManager {
		phases = []history.Phase{history.Publishing, history.Triggered, history.Deleting, history.Restoring}
	}
	phase := rng.Pick(g, "io phase", phases...)
	return &phase
}

// onJobManager tells whether it is the job manager alone that enters a phase.
func onJobManager(p history.Phase) bool {
	switch p {
	case history.Aligning, history.Synchronous, history.Asynchronous, history.Acknowledging, history.Restoring:
		return false
	}
	return true
}

// entry draws which entry into a phase is meant. Tasks enter theirs once for
// each checkpoint and subtask. Restoring is entered by the job manager, too, and
// by everybody once for the first attempt, which has nothing to restore.
func (g *generator) entry(p history.Phase) int {
	most := max(1, g.checkpoints()*2/3)
	subtasks := g.c.Job.Parallelism[0] + g.c.Job.Sources[0]
	switch {
	case p == history.Restoring:
		return g.between("entry", 3+subtasks, 4+3*subtasks)
	case !onJobManager(p):
		most *= subtasks
	}
	return g.between("entry", 1, most)
}

// cause returns a fault that makes the job restore, if the phase needs one.
func (g *generator) cause(p history.Phase) []faults.Fault {
	if p != history.Restoring {
		return nil
	}
	return crash(g)
}

// failPointer makes the job manager's disk fail while the pointer is replaced, so
// that nobody knows the outcome; half of the time the process dies before it can
// find out.
func failPointer(g *generator) []faults.Fault {
	if g.c.Storage.Pointer != sim.PointerFile {
		return failIO(g)
	}
	phase := history.Publishing
	f := faults.FailedIO{Disk: history.JobManager, Phase: &phase, Count: 1}
	f.Op = rng.Pick(g, "op", faults.OpSyncDir, faults.OpRename)
	f.Nth = g.between("nth", 1, g.checkpoints())
	if f.Op == faults.OpSyncDir {
		f.Count = g.between("count", 1, 3)
	}
	f.After = g.chance("after", 1, 2)
	list := []faults.Fault{f}
	if !g.spared() && g.chance("dies", 1, 2) {
		list = append(list, faults.CrashInPhase{Phase: history.Triggered, Nth: f.Nth + 1})
	}
	return list
}

// stallIO makes one operation of an asynchronous phase take as long as several
// checkpoints: it expires, its snapshot overlaps the next, its acks come late.
func stallIO(g *generator) []faults.Fault {
	phase := history.Asynchronous
	f := faults.SlowIO{Disk: history.Storage, Phase: &phase}
	f.Op = rng.Pick(g, "op", faults.OpWrite, faults.OpSync, faults.OpCreate, faults.OpSyncDir)
	f.Nth = g.operation(1)
	f.Delay = faults.Duration(g.span("stall", g.c.Checkpointing.Timeout, g.c.Checkpointing.Timeout+2*g.c.Checkpointing.Interval))
	return []faults.Fault{f}
}

// crashAtPointer kills the job manager at one of the disk operations that replace
// the root of its store.
func crashAtPointer(g *generator) []faults.Fault {
	if g.spared() || g.c.Storage.Pointer != sim.PointerFile {
		return crashAtIO(g)
	}
	phase := rng.Pick(g, "io phase", history.Triggered, history.Triggered, history.Publishing)
	f := faults.CrashAtIO{Machine: history.JobManager, Phase: &phase, Nth: g.between("nth", 1, 6*g.checkpoints())}
	f.After = g.chance("after", 1, 2)
	return []faults.Fault{f}
}
