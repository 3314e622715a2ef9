package scenarios

import (
	"flinch/sim"
	"flinch/sim/rng"
)

var _ = register(Scenario{
	Name: "parallel-transfers",
	Doc:  "snapshots upload several streams at a time, and engines download theirs so: one of them fails, a disk fills up, processes die, and all that the others wrote has to go",
	Generate: generate(traits{
		name: "parallel-transfers", rescales: 1, busy: true, parallel: true,
		faults: []maker{{4, failUpload}, {2, failRequest}, {1, fillDisk}, {3, crash}, {2, crashAtIO}, {1, stallIO}},
	}),
})

// transferInParallel draws a storage to which much goes at a time.
func (g *generator) transferInParallel() {
	s := &g.c.Storage
	s.Kind, s.Durable = sim.Filesystem, false
	if g.chance("to objects", 1, 2) {
		g.storeObjects()
	}
	s.InlineThresholdBytes = rng.Pick[int64](g, "inlined", 0, 64, 512)
	s.Parallel = g.between("parallel", 2, 8)
}
