package scenarios

import (
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"
	"flinch/sim/rng"
)

var _ = register(Scenario{
	Name: "coordinator-gaps",
	Doc:  "the job manager dies or loses power between two of its steps on a checkpoint: when it has registered shared state, and while it publishes, replaces the root of its store, notifies, subsumes and deletes",
	Generate: generate(traits{
		name: "coordinator-gaps", rescales: 1, busy: true, overlapping: 2, lasting: true,
		faults: []maker{{5, crashInGap}, {3, loseInGap}, {3, crashAtIOInGap}, {1, failPointer}, {1, crash}},
	}),
})

// last turns what was drawn into checkpoints that outlive the job manager.
func (g *generator) last() {
	if g.lasting && g.c.Storage.Kind == sim.JobManagerMemory {
		g.c.Storage.Durable = true
	}
}

// gaps are the phases in which the job manager is between two steps.
var gaps = []history.Phase{
	history.Storing, history.Publishing, history.Registering, history.Completing, history.Notifying,
	history.Subsuming, history.Deleting,
}

// gap draws one of them, which entry into it is meant, and how long after it
// something happens.
func (g *generator) gap() faults.CrashInPhase {
	f := faults.CrashInPhase{Phase: rng.Pick(g, "gap", gaps...)}
	most := max(2, g.checkpoints()*2/3)
	if f.Phase == history.Registering {
		most *= g.c.Job.Parallelism[0] + g.c.Job.Sources[0]
	}
	f.Nth = g.between("entry", 1, most)
	f.Delay = g.pause()
	if f.Phase == history.Storing && g.c.Storage.Pointer == sim.PointerCoordination && f.Delay > 0 {
		// The request is under way, or its answer is.
		f.Delay = faults.Duration(g.span("travel", 0, 2*g.c.Cluster.NetworkDelay))
	}
	return f
}

// crashInGap kills the job manager between two steps.
func crashInGap(g *generator) []faults.Fault {
	if g.spared() {
		return crash(g)
	}
	return []faults.Fault{g.gap()}
}

// loseInGap takes the power of a machine between two steps: the job manager's, or
// the storage's.
func loseInGap(g *generator) []faults.Fault {
	at := g.gap()
	f := faults.PowerLossInPhase{Phase: at.Phase, Nth: at.Nth, Delay: at.Delay}
	if g.spared() || g.chance("storage", 1, 3) {
		storage := history.Storage
		f.Machine = &storage
	}
	return []faults.Fault{f}
}

// crashAtIOInGap kills the job manager at a disk operation of a step.
func crashAtIOInGap(g *generator) []faults.Fault {
	if g.spared() {
		return crashAtIO(g)
	}
	phases := []history.Phase{history.Publishing, history.Deleting}
	if g.c.Storage.Pointer == sim.PointerFile {
		phases = append(phases, history.Storing, history.Storing)
	}
	phase := rng.Pick(g, "io phase", phases...)
	f := faults.CrashAtIO{Machine: history.JobManager, Phase: &phase, Nth: g.between("nth", 1, 4*g.checkpoints())}
	f.After = g.chance("after", 1, 2)
	return []faults.Fault{f}
}
