package scenarios

import (
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"
	"flinch/sim/rng"
)

// What a checkpoint shares with others are files of an engine: they go to a file
// system, and none is so small that it travels in its handle. A backend that takes
// full snapshots shares none.
var _ = register(Scenario{
	Name: "incremental",
	Doc:  "long chains of frequent checkpoints that share files; the coordinator dies while it publishes, subsumes and deletes, and the storage folder is counted anew from the retained metadata",
	Generate: generate(traits{
		name: "incremental", rescales: 1, incremental: true,
		faults: []maker{{3, crashLettingGo}, {2, crash}, {1, crashJobManager}, {1, stallIO}, {1, loseTaskManager}},
	}),
})

// chained turns what was drawn into long chains of small increments.
func (g *generator) chained() {
	if !g.incremental {
		return
	}
	s := &g.c.Storage
	s.Kind, s.Durable = sim.Filesystem, false
	s.InlineThresholdBytes = rng.Pick[int64](g, "small inline threshold", 0, 64)
}

// crashLettingGo kills the job manager while it completes a checkpoint or lets go of
// an older one and of shared files.
func crashLettingGo(g *generator) []faults.Fault {
	phase := rng.Pick(g, "letting go", history.Subsuming, history.Deleting, history.Publishing, history.Completing)
	return []faults.Fault{faults.CrashInPhase{Phase: phase, Nth: g.between("entry", 1, max(2, g.checkpoints()*2/3)), Delay: g.pause()}}
}
