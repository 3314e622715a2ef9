package scenarios

var _ = register(Scenario{
	Name: "regions",
	Doc:  "each source feeds one chain alone, so that the job falls into pipelined regions; one that fails is restored by itself while the others go on",
	Generate: generate(traits{
		name: "regions", pointwise: true,
		faults: []maker{{4, crash}, {2, loseTaskManager}, {2, crashInPhase}, {1, crashJobManager}, {1, failIO}, {1, crashAtIO}},
	}),
})

// pointwiseJob turns what was drawn into a job of regions: one source for each chain,
// and each key fed by the source of the chain that owns it.
func (g *generator) pointwiseJob() {
	if !g.pointwise {
		return
	}
	j := &g.c.Job
	n := g.between("regions", 1, parallelismMost)
	j.Pointwise, j.Pure = true, true
	j.Parallelism, j.Sources = []int{n}, []int{n}
	j.Partitions = max(j.Partitions, n)
	g.feeds = make([]int, len(j.Keys))
	for k := range g.feeds {
		chain := j.ChainOf(k)
		rounds := (j.Partitions - chain + n - 1) / n // partitions that its source reads
		g.feeds[k] = chain + n*g.between("feed", 0, rounds-1)
	}
}
