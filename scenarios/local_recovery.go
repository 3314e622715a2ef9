package scenarios

import (
	"flinch/sim"
	"flinch/sim/rng"
)

var _ = register(Scenario{
	Name: "local-recovery",
	Doc:  "keyed state is restored from copies on the task managers' own disks, which crashes, power losses and disk errors leave whole, torn or stale; what is not exact and whole comes from checkpoint storage",
	Generate: generate(traits{
		name: "local-recovery", rescales: 1, local: true,
		faults: []maker{{6, crash}, {2, crashInPhase}, {2, loseTaskManager}, {2, failLocalIO}, {1, crashAtLocalIO}, {1, crashJobManager}, {1, failIO}},
	}),
})

// recoverLocally has checkpoints go to files: state that travels in its handle
// needs no copy.
func (g *generator) recoverLocally() {
	g.c.Cluster.LocalRecovery = true
	s := &g.c.Storage
	s.Kind, s.Durable = sim.Filesystem, false
	s.InlineThresholdBytes = rng.Pick[int64](g, "local inline threshold", 0, 0, 64, 1024)
}
