package scenarios

import (
	"time"

	"flinch/sim"
	"flinch/sim/rng"
)

// user draws what the user of the job asks for, in the course of the run.
func (g *generator) user() {
	if g.actions == nil {
		return
	}
	g.c.Actions = g.actions(g)
	if len(g.c.Actions) == 0 {
		return
	}
	// What is asked for is spread over the run. The first needs a job that runs.
	gap := g.length() / time.Duration(len(g.c.Actions)+1)
	for i := range g.c.Actions {
		a := &g.c.Actions[i]
		a.After = g.span("after", 0, 2*gap)
		if i == 0 {
			a.After += g.c.Checkpointing.Interval / 2
		}
		if a.Kind == sim.ResubmitJob && i > 0 && g.c.Actions[i-1].Kind == sim.StopJob && g.chance("at once", 1, 2) {
			a.After = 0
		}
	}
}

// keeps gives the job a storage that outlives its job manager: savepoints do.
func (g *generator) keeps() {
	if g.actions != nil && g.c.Storage.Kind == sim.JobManagerMemory {
		g.c.Storage.Durable = true
	}
}

func (g *generator) savepoint() sim.Action {
	return sim.Action{Kind: sim.TakeSavepoint, Canonical: g.chance("canonical", 1, 2)}
}

func (g *generator) stop() sim.Action {
	return sim.Action{Kind: sim.StopJob, Canonical: g.chance("canonical", 1, 2)}
}

// resubmit begins the job anew, from one of so many savepoints or from what it had
// reached.
func (g *generator) resubmit(savepoints int) sim.Action {
	return sim.Action{Kind: sim.ResubmitJob, Savepoint: g.between("savepoint", 0, savepoints), Claim: g.chance("claim", 1, 2)}
}

// dispose deletes one of so many savepoints.
func (g *generator) dispose(savepoints int) sim.Action {
	return sim.Action{Kind: sim.DisposeSavepoint, Savepoint: g.between("savepoint", 1, savepoints)}
}

// onlySavepoints takes savepoints of a job that goes on.
func onlySavepoints(g *generator) []sim.Action {
	var list []sim.Action
	for range g.between("savepoints", 1, 4) {
		list = append(list, g.savepoint())
		if g.chance("dispose", 1, 4) {
			list = append(list, g.dispose(len(list)))
		}
	}
	return list
}

// stopsAndGoesOn stops the job with a savepoint, and begins it anew from that.
func stopsAndGoesOn(g *generator) []sim.Action {
	var list []sim.Action
	for range g.between("stops", 1, 2) {
		if g.chance("savepoint", 1, 3) {
			list = append(list, g.savepoint())
		}
		list = append(list, g.stop(), g.resubmit(0))
	}
	return list
}

// resubmits begins the job anew over and over: from what it had reached, from
// savepoints, and more than once from the same one.
func resubmits(g *generator) []sim.Action {
	list := []sim.Action{g.savepoint()}
	savepoints := 1
	for range g.between("actions", 1, 5) {
		switch rng.Weighted(g, "action", 4, 2, 1, 1) {
		case 0:
			list = append(list, g.resubmit(savepoints))
		case 1:
			list = append(list, g.savepoint())
			savepoints++
		case 2:
			list = append(list, g.stop(), g.resubmit(savepoints))
			savepoints++
		default:
			list = append(list, g.dispose(savepoints))
		}
	}
	return list
}
