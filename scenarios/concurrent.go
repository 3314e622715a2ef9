package scenarios

import "flinch/sim/rng"

var _ = register(Scenario{
	Name: "concurrent",
	Doc:  "several checkpoints are under way at a time, or a pause is kept between them: slow uploads overlap, expire and are overtaken, and processes die, the job manager in the gaps between its steps, too",
	Generate: generate(traits{
		name: "concurrent", rescales: 1, busy: true, overlapping: 4,
		faults: []maker{{4, stallIO}, {3, crashInGap}, {2, failIO}, {2, crash}, {1, crashJobManager}, {1, crashInPhase}, {1, crashAtPointer}},
	}),
})

// overlap turns what was drawn into checkpoints that take as long as several
// intervals, and draws how many of them may be under way.
func (g *generator) overlap() {
	if g.overlapping == 0 || !g.chance("overlapping", g.overlapping, 4) {
		return
	}
	c, cluster := &g.c.Checkpointing, &g.c.Cluster
	c.ConcurrentMax = rng.Pick(g, "concurrent", 2, 3, 4, 1, 8)
	cluster.IODelay = g.span("slow upload", c.Interval/8, c.Interval/2)
	if g.chance("pause kept", 1, 4) {
		c.MinPause = g.span("pause kept", c.Interval/4, 2*c.Interval)
	}
	g.timeout()
}
