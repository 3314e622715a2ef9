package scenarios

import "flinch/sim"

var _ = register(Scenario{
	Name: "at-least-once",
	Doc:  "no input waits for another one's barrier, so that records behind it may be in a checkpoint and come again: none is lost; task managers and the job manager crash, and the job is rescaled",
	Generate: generate(traits{
		name: "at-least-once", rescales: 2, atLeastOnce: true, overlapping: 1,
		faults: []maker{{4, crash}, {2, crashInPhase}, {1, stallIO}, {1, failIO}, {1, crashJobManager}},
	}),
})

// repeat has checkpoints promise each record at least once.
func (g *generator) repeat() {
	if g.atLeastOnce {
		g.c.Checkpointing.Mode = sim.AtLeastOnce
	}
}
