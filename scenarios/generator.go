package scenarios

import (
	"time"

	"flinch/sim"
	"flinch/sim/rng"
)

// traits are what a scenario says of its cases; all else is drawn.
type traits struct {
	name string
	// rescales of 4 cases change the parallelism between attempts.
	rescales uint64
	// busy makes checkpoints long and frequent, so that much of a run lies
	// between a barrier and its publishing.
	busy bool
	// incremental has many checkpoints, which leave their state in files.
	incremental bool
	// overlapping of 4 cases have several checkpoints under way at a time.
	overlapping uint64
	// lasting checkpoints outlive the job manager.
	lasting bool
	// pointwise jobs fall into regions.
	pointwise bool
	// instant disks take no time.
	instant bool
	// pure jobs alone are drawn, and engines may compress: it is content that is
	// compared.
	pure bool
	// parallel: snapshots transfer several streams at a time.
	parallel bool
	// objects: checkpoints go to an object store.
	objects bool
	// limits of checkpoint storage are drawn.
	limits bool
	// local cases have local recovery on.
	local bool
	// contends: the root of the store is where job managers may contend; splits: a
	// stale one goes on for long.
	contends, splits bool
	// actions draws what the user asks for; nil: nothing.
	actions func(g *generator) []sim.Action
	// backlogged cases have small channels, which are full.
	backlogged bool
	// unaligned checkpoints' barriers overtake records.
	unaligned bool
	// atLeastOnce: records may come twice.
	atLeastOnce bool
	// heartbeats tell who cannot be reached.
	heartbeats bool
	// faults are the kinds of faults, and how likely each is; none: no faults.
	faults []maker
}

// generate returns a generator of cases. The choice 0 is the plain one in every
// draw, so that shrinking a case's choices makes the case simpler.
func generate(t traits) func(rng.Source) Case {
	return func(src rng.Source) Case {
		g := &generator{Source: src, traits: t}
		g.c.Schema, g.c.Scenario = CaseSchema, t.name
		g.c.Seed = rng.Seed(src.Uint64N("seed", 1<<62))
		g.job()
		g.pointwiseJob()
		g.storage()
		if t.objects {
			g.storeObjects()
		}
		g.contend()
		if t.parallel {
			g.transferInParallel()
		}
		g.keeps()
		g.chained()
		g.last()
		g.cluster()
		g.heartbeat()
		g.checkpointing()
		if t.limits {
			g.limitStorage()
		}
		g.overlap()
		g.backlog()
		g.overtaken()
		g.repeat()
		if t.local {
			g.recoverLocally()
		}
		g.records()
		g.plan()
		g.user()
		g.engines()
		return g.c
	}
}

// At returns the scenario's case of a seed. The case carries the same seed.
func (s Scenario) At(seed rng.Seed) Case {
	c := s.Generate(seed.Derive("case").Derive(s.Name).Stream())
	c.Seed, c.Against = seed, s.Against
	return c
}

// generator draws one case. Later parts look at what earlier ones drew.
type generator struct {
	rng.Source
	traits
	c           Case
	recordCount int
	feeds       []int // by key: the partition that feeds it in a pure case
}

// chance returns true in num of den cases; false is the simpler answer.
func (g *generator) chance(label string, num, den uint64) bool {
	return rng.Bool(g, label, num, den)
}

// between returns a number in [low, high]; low is the simplest.
func (g *generator) between(label string, low, high int) int {
	return rng.IntRange(g, label, low, high)
}

// span returns a duration in [low, high].
func (g *generator) span(label string, low, high time.Duration) time.Duration {
	return rng.Duration(g, label, low, max(low, high))
}

// perRecord is the mean time that the job takes for one record, if nothing goes
// wrong: the slower of sources and chain.
func (g *generator) perRecord() time.Duration {
	j := &g.c.Job
	source := j.Pace / 2 / time.Duration(min(j.Sources[0], j.Partitions))
	chain := j.Work / 2 / time.Duration(j.Parallelism[0])
	return max(source, chain, time.Microsecond)
}

// length is about how long the run takes if nothing goes wrong.
func (g *generator) length() time.Duration {
	return time.Duration(g.recordCount) * g.perRecord()
}

// storage draws the checkpoint storage. Checkpoints that die with the job
// manager are rare, and do not meet its death: see maker.
func (g *generator) storage() {
	s := &g.c.Storage
	s.Kind = rng.Pick(g, "storage kind", sim.Filesystem, sim.Filesystem, sim.Filesystem, sim.JobManagerMemory)
	s.Pointer = rng.Pick(g, "pointer", sim.PointerFile, sim.PointerCoordination)
	s.InlineThresholdBytes = rng.Pick[int64](g, "inline threshold", 0, 64, 1024, 20480)
	s.WriteBufferBytes = rng.Pick(g, "write buffer", 4096, 64, 512, 1500, 16384)
	if s.Kind == sim.JobManagerMemory {
		s.Durable = !g.chance("volatile", 1, 4)
	}
	g.c.Tuning = map[string]int64{
		"heap.table_capacity": rng.Pick[int64](g, "table capacity", 4, 8, 16, 64, 128),
		"heap.chunk_bytes":    rng.Pick[int64](g, "chunk", 1024, 16, 64, 256),
	}
}
