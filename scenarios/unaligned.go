package scenarios

import (
	"time"

	"flinch/sim/rng"
)

var _ = register(Scenario{
	Name: "unaligned",
	Doc:  "channels are small and full, and barriers overtake the records in them, at once or when alignment takes too long; processes die in every phase, and the job comes back with another parallelism",
	Generate: generate(traits{
		name: "unaligned", rescales: 2, backlogged: true, unaligned: true,
		faults: []maker{{4, crash}, {3, crashInPhase}, {2, stallIO}, {1, failIO}, {1, crashJobManager}, {1, crashAtIO}},
	}),
})

// backlog makes the chain slower than its sources, with small channels between, so
// that records queue up in front of barriers.
func (g *generator) backlog() {
	if !g.backlogged {
		return
	}
	j, c := &g.c.Job, &g.c.Checkpointing
	j.Buffer = rng.Pick(g, "buffer", 2, 1, 4, 8, 32)
	j.Work = g.span("slow work", j.Pace/2, 4*j.Pace)
	c.Interval = max(c.Interval, j.Work*4)
	g.timeout()
	// All records of the job may wait in front of an aligned barrier.
	c.Timeout += time.Duration(g.recordCount) * j.Work
}

// overtaken has barriers overtake records.
func (g *generator) overtaken() {
	if !g.unaligned {
		return
	}
	c := &g.c.Checkpointing
	c.Unaligned, c.ConcurrentMax = true, 0
	if g.chance("aligned first", 1, 3) {
		c.AlignedTimeout = g.span("aligned timeout", g.c.Job.Work/2+1, c.Interval)
	}
}
