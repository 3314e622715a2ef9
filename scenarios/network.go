package scenarios

import (
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim/rng"
)

var _ = register(Scenario{
	Name: "network",
	Doc:  "triggers, acks, declines and notifications get lost, are doubled and overtake each other, answers of commits get lost, and task managers and the job manager crash",
	Generate: generate(traits{
		name: "network", rescales: 2, busy: true,
		faults: []maker{
			{4, loseMessages},
			{3, doubleMessage},
			{4, delayMessage},
			{2, loseAndDouble},
			{2, leaveUnanswered},
			{1, crash},
			{1, crashJobManager},
			{1, crashInPhase},
		},
	}),
})

// messageKind draws a kind of message that concerns checkpoints. Every checkpoint has
// several of some kinds, and of others there are few.
func (g *generator) messageKind() string {
	return rng.Pick(g, "message", history.Ack, history.Notify, history.Trigger, history.Abort, history.Subsume, history.Ack, history.Notify, history.Decline)
}

// nthMessage draws which message of a kind is meant: there is one for each subtask or
// machine that takes part in a checkpoint.
func (g *generator) nthMessage(kind string) int {
	each := g.c.Cluster.TaskManagers
	switch kind {
	case history.Ack:
		each = g.c.Job.Parallelism[0] + g.c.Job.Sources[0]
	case history.Trigger:
		each = g.c.Job.Sources[0]
	case history.Decline:
		return 1
	}
	return g.between("nth", 1, max(1, each*g.checkpoints()*2/3))
}

// loseMessages loses some messages of a kind in a row: all of a checkpoint, maybe.
func loseMessages(g *generator) []faults.Fault {
	f := faults.MessageLost{Message: g.messageKind(), Count: 1}
	f.Nth = g.nthMessage(f.Message)
	if g.chance("more", 1, 2) {
		f.Count = g.between("count", 2, 8)
	}
	return []faults.Fault{f}
}

// doubleMessage has copies of a message arrive, up to some checkpoints later.
func doubleMessage(g *generator) []faults.Fault {
	f := faults.MessageDuplicated{Message: g.messageKind(), Copies: 1, Within: g.behind()}
	f.Nth = g.nthMessage(f.Message)
	if g.chance("more", 1, 4) {
		f.Copies = g.between("copies", 2, 4)
	}
	return []faults.Fault{f}
}

// delayMessage has later messages overtake one.
func delayMessage(g *generator) []faults.Fault {
	f := faults.MessageDelayed{Message: g.messageKind(), Delay: g.behind()}
	f.Nth = g.nthMessage(f.Message)
	return []faults.Fault{f}
}

// loseAndDouble loses a message of which copies arrive.
func loseAndDouble(g *generator) []faults.Fault {
	lost := faults.MessageLost{Message: g.messageKind(), Count: 1}
	lost.Nth = g.nthMessage(lost.Message)
	return []faults.Fault{lost, faults.MessageDuplicated{Message: lost.Message, Nth: lost.Nth, Copies: 1, Within: g.behind()}}
}

// behind draws by how much a message is late: so that the next one overtakes it, or
// it comes when its checkpoint is long over.
func (g *generator) behind() faults.Duration {
	most := 2 * g.checkpoint()
	if g.chance("far behind", 1, 2) {
		most = g.c.Checkpointing.Timeout + 3*g.c.Checkpointing.Interval
	}
	return faults.Duration(g.span("behind", g.c.Cluster.NetworkDelay/2, most))
}

// leaveUnanswered keeps the sink from learning what became of commits.
func leaveUnanswered(g *generator) []faults.Fault {
	f := faults.CommitUnanswered{Count: 1, Before: g.chance("before", 1, 2)}
	f.Nth = g.between("nth", 1, max(1, g.c.Job.Parallelism[0]*g.checkpoints()*2/3))
	if g.chance("more", 1, 2) {
		f.Count = g.between("count", 2, 6)
	}
	return []faults.Fault{f}
}
