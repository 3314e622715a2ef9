package scenarios

import (
	"time"

	"flinch/faults"
	"flinch/sim"
	"flinch/sim/rng"
)

var _ = register(Scenario{
	Name: "local-recovery",
	Doc:  "keyed state is restored from copies on the task managers' own disks, which crashes, power losses and disk errors leave whole, torn, damaged or stale; what is not exact and whole comes from checkpoint storage",
	Generate: generate(traits{
		name: "local-recovery", rescales: 1, local: true,
		faults: []maker{{6, crash}, {2, crashInPhase}, {2, loseTaskManager}, {2, failLocalIO}, {1, crashAtLocalIO}, {3, damageLocalCopy}, {1, crashJobManager}, {1, failIO}},
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

// damageLocalCopy damages a local copy. Most cases make a task manager's process
// die soon after: who does not restore does not read.
func damageLocalCopy(g *generator) []faults.Fault {
	f := faults.DamagedLocalCopy{Machine: g.taskManager(), At: g.moment(), Cut: g.chance("cut", 1, 3)}
	f.File, f.Byte = g.between("file", 0, 15), g.between("byte", 0, 4095)
	list := []faults.Fault{f}
	if g.chance("restore", 3, 4) {
		soon := time.Duration(f.At) + g.span("soon", 0, 20*time.Millisecond)
		list = append(list, faults.CrashAt{Machine: g.taskManager(), At: faults.Duration(soon)})
	}
	return list
}
