package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"flinch/faults/disk"
	"flinch/model"
	"flinch/sim"
	"flinch/sim/rng"
)

// Bounds of what is drawn. Small jobs find most.
const (
	recordsLeast, recordsMost = 60, 400
	keysLeast, keysMost       = 5, 60
	operationsMost            = 4000 // of one case, about
	partitionsMost            = 6
	parallelismMost           = 4
	sourcesMost               = 3
	taskManagersMost          = 4
	statesLeast, statesMost   = 2, 5
)

// job draws the job: keys, sizes, states, speed.
func (g *generator) job() {
	j := &g.c.Job
	g.recordCount = g.between("records", recordsLeast, recordsMost)
	j.Keys = g.keys()
	j.Partitions = g.between("partitions", 1, partitionsMost)
	j.MaxParallelism = rng.Pick(g, "max parallelism", 8, 128, 16, 13, 32, 64, 97, 300)
	if g.chance("many key groups", 1, 32) {
		j.MaxParallelism = rng.Pick(g, "max parallelism", 129, 1000, sim.KeyGroupsMax)
	}
	attempts := 1
	if g.chance("rescale", g.rescales, 4) {
		attempts = g.between("sizes", 2, 4)
	}
	for range attempts {
		j.Parallelism = append(j.Parallelism, g.between("parallelism", 1, parallelismMost))
		j.Sources = append(j.Sources, g.between("sources", 1, min(j.Partitions, sourcesMost)))
	}
	for o := range j.Operators {
		j.Operators[o] = g.states(o)
	}
	j.Pace = g.span("pace", 200*time.Microsecond, 10*time.Millisecond)
	g.lifetimes()
	j.Work = g.span("work", 0, j.Pace)
	j.Pure = !g.chance("mixed feeds", 1, 3) || g.pure
	if j.Pure {
		g.feeds = make([]int, len(j.Keys))
		for k := range g.feeds {
			g.feeds[k] = g.between("feed", 0, j.Partitions-1)
		}
	}
}

// oddKeys are keys that some encodings get wrong: no bytes, separators, bytes
// beyond ASCII, equal Java hashes ("Aa" and "BB"), more than one short length.
var oddKeys = []string{
	"", "Aa", "BB", "\x00", "a,b", ",", "a\x00,b", "AaAa", "BBBB", "AaBB", "ключ", "😀", "\x7f", " ", "a\x00",
	strings.Repeat("long-", 30), strings.Repeat("x", 300),
}

// keys draws distinct keys: plain ones, and with them some odd ones.
func (g *generator) keys() []string {
	n := g.between("keys", keysLeast, keysMost)
	keys := make([]string, 0, n)
	if g.chance("odd keys", 2, 3) {
		first := g.between("odd key", 0, len(oddKeys)-1)
		count := g.between("odd keys", 1, min(n, len(oddKeys)))
		for i := range count {
			keys = append(keys, oddKeys[(first+i)%len(oddKeys)])
		}
	}
	for i := len(keys); i < n; i++ {
		keys = append(keys, fmt.Sprintf("key-%d", i))
	}
	return keys
}

// states draws the states of an operator. Most cases have a register in the
// first operator, for the check of linearizability.
func (g *generator) states(operator int) []model.StateSpec {
	n := g.between("states", statesLeast, statesMost)
	states := make([]model.StateSpec, 0, n)
	if operator == 0 && !g.chance("no register", 1, 5) {
		states = append(states, model.StateSpec{Name: "register", Kind: model.Value, Shape: model.Int, Register: true})
	}
	for i := len(states); i < n; i++ {
		s := model.StateSpec{
			Kind:  rng.Pick(g, "state kind", model.Value, model.Map, model.List, model.Reducing, model.Aggregating),
			Shape: rng.Pick(g, "shape", model.Int, model.Ints, model.Cell, model.Text),
		}
		// Names differ in length and in order from their declaration.
		s.Name = fmt.Sprintf("%s%c-%s", s.Kind, 'z'-rune(i), s.Shape)
		if g.chance("namespaces", 2, 5) {
			s.Namespaces = g.between("namespaces", 2, model.NamespacesMax)
		}
		if s.Kind == model.Value && g.chance("default", 1, 3) {
			s.Default = g.value(s.Shape)
		}
		if g.chance("time to live", 1, 4) {
			s.TTL = g.ttl()
		}
		states = append(states, s)
	}
	return append(states, g.queues()...)
}

// lifetimes turns what was drawn in records into milliseconds.
func (g *generator) lifetimes() {
	for _, states := range g.c.Job.Operators {
		for _, s := range states {
			if s.TTL != nil {
				s.TTL.Lifetime = max(1, s.TTL.Lifetime*g.c.Job.Pace.Microseconds()/1000)
			}
		}
	}
}

// ttl draws how long the values of a state live, counted in records.
func (g *generator) ttl() *model.TTL {
	t := &model.TTL{
		Lifetime: int64(g.between("lifetime", 1, 100)),
		OnRead:   g.chance("stamped on read", 1, 2),
		Shows:    g.chance("expired shown", 1, 4),
	}
	if !t.Shows {
		t.Snapshots = g.chance("clean snapshots", 1, 3)
		t.PerAccess = g.between("clean per access", 0, 3)
		t.Compactions = g.chance("clean compactions", 1, 2)
	}
	return t
}

// queues draws an operator's queues of timers.
func (g *generator) queues() []model.StateSpec {
	var queues []model.StateSpec
	for _, s := range []model.StateSpec{
		{Name: "_timer_state/event_timers", Kind: model.Timers},
		{Name: "_timer_state/processing_timers", Kind: model.Timers, Processing: true},
	} {
		if !g.chance("timers", 2, 5) {
			continue
		}
		if g.chance("namespaces", 1, 2) {
			s.Namespaces = g.between("namespaces", 2, model.NamespacesMax)
		}
		queues = append(queues, s)
	}
	if len(queues) > 0 {
		g.c.Job.WatermarkLag = int64(g.between("watermark lag", 0, 200))
	}
	return queues
}

// cluster draws machines and delays, in proportion to the job's speed.
func (g *generator) cluster() {
	c, pace := &g.c.Cluster, g.c.Job.Pace
	subtasks := slices.Max(g.c.Job.Parallelism) + slices.Max(g.c.Job.Sources)
	c.TaskManagers = g.between("task managers", 1, min(subtasks, taskManagersMost))
	c.NetworkDelay = g.span("network delay", 0, pace)
	slow := pace / 2
	if g.busy {
		slow = pace
	}
	c.IODelay = g.span("io delay", slow/50, slow)
	if g.chance("fast storage", 1, 4) {
		c.IODelay = slow / 200 // a whole checkpoint passes between two records
	}
	if g.instant {
		c.IODelay = 0
	}
	c.DetectDelay = g.span("detect delay", 0, 10*pace)
	c.ProcessRestart = g.span("process restart", pace, 20*pace)
	c.Outage = g.span("outage", pace, 20*pace)
	c.RestartDelay = g.span("restart delay", 0, 10*pace)
	c.WriteBack = rng.Pick(g, "write back", 5*time.Second, 30*time.Second, 20*pace, 100*pace)
	c.Profile = rng.Pick(g, "profile", profiles...)
}

// checkpointing draws the coordinator's settings. Intervals are counted in
// records.
func (g *generator) checkpointing() {
	c, cluster := &g.c.Checkpointing, &g.c.Cluster
	most := 50
	switch {
	case g.busy:
		most = 20
	case g.incremental:
		most = 10
	}
	c.Interval = time.Duration(g.between("interval", 5, min(most, g.recordCount/6))) * g.perRecord()
	g.timeout()
	if g.chance("slow detection", 1, 6) {
		// A checkpoint expires before anybody knows that a task manager is dead.
		cluster.DetectDelay, cluster.ProcessRestart = 2*c.Timeout, 2*c.Timeout
	}
	c.Retained = g.between("retained", 1, 3)
	c.Tolerated = rng.Pick(g, "tolerated", 0, 1, 3, sim.Unlimited)
	c.Restarts = sim.Unlimited
	if g.chance("bounded restarts", 1, 8) {
		c.Restarts = g.between("restarts", 20, 40)
	}
}

// timeout leaves room for a slow disk.
func (g *generator) timeout() {
	c, cluster := &g.c.Checkpointing, &g.c.Cluster
	c.Timeout = 20*c.Interval + 400*cluster.IODelay + 50*cluster.NetworkDelay + cluster.Outage
}

// profiles are what power losses leave, the weakest first.
var profiles = []disk.Profile{disk.PosixWeak, disk.PosixWeak, disk.Ext4Ordered, disk.Prefix}
