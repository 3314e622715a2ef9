package scenarios

import (
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim/rng"
)

var _ = register(Scenario{
	Name: "partitions",
	Doc:  "task managers are cut off from the job manager or the storage, one way or both: the job goes on without them, and what they still run are zombies, whose writes, acks, deletes and commits change nothing",
	Generate: generate(traits{
		name: "partitions", rescales: 2, busy: true, heartbeats: true,
		faults: []maker{
			{6, partition},
			{4, partitionInPhase},
			{2, partitionFromStorage},
			{2, stallIO},
			{1, loseMessages},
			{1, delayMessage},
			{1, leaveUnanswered},
			{1, crash},
			{1, crashJobManager},
		},
	}),
})

// heartbeat draws signs of life. A task manager that is cut off mostly goes on for
// longer than the job manager waits for it.
func (g *generator) heartbeat() {
	if !g.heartbeats {
		return
	}
	c := &g.c.Cluster
	pace := g.c.Job.Pace
	c.HeartbeatInterval = g.span("heartbeat", pace/2, 4*pace)
	c.HeartbeatTimeout = 2*c.HeartbeatInterval + 4*c.NetworkDelay + g.span("heartbeat timeout", 0, 4*c.HeartbeatInterval)
	c.OrphanTimeout = c.HeartbeatTimeout
	if g.chance("zombies", 3, 4) {
		c.OrphanTimeout += g.span("orphan timeout", c.HeartbeatTimeout, 10*c.HeartbeatTimeout)
	}
	if g.chance("slow storage", 1, 2) {
		// What a zombie had begun to write when it was given up it is still writing when
		// the next attempt runs.
		c.IODelay = g.span("slow io", c.HeartbeatTimeout/8, 2*c.HeartbeatTimeout)
		c.RestartDelay = min(c.RestartDelay, c.HeartbeatTimeout)
	}
}

// partition cuts a task manager off from the job manager, for less time or more than
// either goes on without the other.
func partition(g *generator) []faults.Fault {
	f := faults.Partition{From: history.JobManager, To: g.taskManager(), At: g.moment(), Lasts: g.cutFor()}
	switch rng.Pick(g, "direction", 0, 1, 2) {
	case 0:
		f.Both = true
	case 1:
		f.From, f.To = f.To, f.From
	}
	return []faults.Fault{f}
}

// partitionFromStorage keeps requests from the storage, or answers of it from who
// asked.
func partitionFromStorage(g *generator) []faults.Fault {
	f := faults.Partition{From: g.taskManager(), To: history.Storage, At: g.moment(), Lasts: g.cutFor()}
	if g.chance("job manager", 1, 4) && !g.volatile() {
		f.From = history.JobManager
	}
	switch rng.Pick(g, "direction", 0, 1, 2) {
	case 0:
		f.Both = true
	case 1:
		f.From, f.To = f.To, f.From
	}
	return []faults.Fault{f}
}

// partitionInPhase cuts a task manager off in the middle of a checkpoint, mostly for
// as long as what it is doing then takes, and longer.
func partitionInPhase(g *generator) []faults.Fault {
	f := faults.PartitionInPhase{Lasts: g.cutFor()}
	f.Phase = rng.Pick(g, "cut phase", history.Asynchronous, history.Asynchronous, history.Synchronous, history.Acknowledging, history.Aligning)
	f.Nth = g.entry(f.Phase)
	return []faults.Fault{f}
}

func (g *generator) cutFor() faults.Duration {
	c := &g.c.Cluster
	return faults.Duration(g.span("cut for", c.HeartbeatTimeout/4, c.HeartbeatTimeout+2*c.OrphanTimeout))
}
