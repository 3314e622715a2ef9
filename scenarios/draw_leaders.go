package scenarios

import (
	"time"

	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"
	"flinch/sim/rng"
)

// contend keeps the root of the store where job managers may contend.
func (g *generator) contend() {
	if !g.contends {
		return
	}
	g.c.Storage.Pointer = sim.PointerCoordination
	if g.c.Storage.Kind == sim.JobManagerMemory {
		g.c.Storage.Durable = true
	}
}

// changeLeader has another job manager elected at a moment.
func changeLeader(g *generator) []faults.Fault {
	f := faults.LeaderChange{At: g.moment()}
	f.Unaware, f.Cut = g.unaware()
	return []faults.Fault{f}
}

// changeLeaderInPhase has another one elected when a phase is entered.
func changeLeaderInPhase(g *generator) []faults.Fault {
	phase := g.phase()
	if g.chance("storing", 1, 4) {
		phase = history.Storing
	}
	f := faults.LeaderChangeInPhase{Phase: phase, Nth: g.entry(phase), Delay: g.pause()}
	if phase == history.Storing {
		f.Delay = faults.Duration(g.span("on the way", 0, 2*g.c.Cluster.NetworkDelay))
	}
	f.Unaware, f.Cut = g.unaware()
	return append(g.cause(phase), f)
}

// unaware draws for how long the old leader does not know, and for how long it is
// cut off: not at all, so that it is refused at its next checkpoint; just long enough
// to lose an answer; or as long as it does not know.
func (g *generator) unaware() (span, cut faults.Duration) {
	intervals := 2
	if g.splits {
		intervals = 10
	}
	span = faults.Duration(g.span("unaware", 0, time.Duration(intervals)*(g.c.Checkpointing.Interval+g.checkpoint())))
	switch {
	case g.chance("answer lost", 1, 4):
		cut = faults.Duration(g.span("cut off", 0, time.Millisecond+g.c.Cluster.NetworkDelay))
	case g.chance("cut off", 1, 3), g.splits && g.chance("cut off", 1, 2):
		cut = span
	}
	return span, cut
}

// failRecovery makes what a new job manager reads fail, so that it has to try again:
// the root of its store or the metadata of a checkpoint.
func failRecovery(g *generator) []faults.Fault {
	if g.volatile() {
		return crash(g)
	}
	phase := history.Restoring
	f := faults.FailedIO{Disk: g.disk(), Phase: &phase, Nth: g.between("nth", 1, 4), Count: g.between("count", 1, 3)}
	f.Op = rng.Pick(g, "op", faults.OpRead, faults.OpOpen)
	return append(crashJobManager(g), f)
}

// crashTogether kills several processes at one moment: task managers, or the job
// manager with some of them. Some lose power.
func crashTogether(g *generator) []faults.Fault {
	at := g.moment()
	var list []faults.Fault
	if !g.spared() && g.chance("job manager", 1, 2) {
		list = append(list, g.death(history.JobManager, at))
	}
	most := g.c.Cluster.TaskManagers
	first, count := g.between("task manager", 0, most-1), g.between("victims", 1, most)
	for i := range count {
		list = append(list, g.death(history.TaskManager((first+i)%most), at))
	}
	return list
}

// death kills a process at a moment, or takes its machine's power.
func (g *generator) death(m history.Machine, at faults.Duration) faults.Fault {
	if g.chance("power", 1, 4) {
		return faults.PowerLoss{Machine: m, At: at}
	}
	return faults.CrashAt{Machine: m, At: at}
}

// crashInRestore kills task managers while the job restores after another failure:
// whoever enters the phase, and now and then the job manager beside it.
func crashInRestore(g *generator) []faults.Fault {
	list := g.cause(history.Restoring)
	f := faults.CrashInPhase{Phase: history.Restoring, Nth: g.entry(history.Restoring), Delay: g.pause()}
	list = append(list, f)
	for range g.between("more", 0, 2) {
		f.Nth += g.between("later", 1, 3)
		list = append(list, f)
	}
	if !g.spared() && g.chance("job manager", 1, 3) {
		f.Nth, f.Delay = f.Nth+1, 0
		loss := faults.PowerLossInPhase{Phase: f.Phase, Nth: f.Nth, Machine: new(history.JobManager)}
		list = append(list, loss)
	}
	return list
}
