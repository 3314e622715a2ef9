package sim

import (
	"fmt"
	"slices"
	"time"
)

// ActionKind is what the user of a job asks for.
type ActionKind string

// The kinds of actions.
const (
	TakeSavepoint    ActionKind = "savepoint"
	StopJob          ActionKind = "stop"     // with a savepoint
	ResubmitJob      ActionKind = "resubmit" // the running job is cancelled first
	DisposeSavepoint ActionKind = "dispose"
)

// Action is something that the user of the job asks the job manager for. He does one
// thing after the other, and asks again where he gets no answer. One that makes no
// sense when its turn comes, since there is no such savepoint say, is left out.
type Action struct {
	Kind ActionKind `json:"kind"`
	// After is how long the user waits after the end of the action before it, or
	// from the beginning of the run.
	After time.Duration `json:"after"`
	// Canonical asks for a savepoint that any backend is restored from; else it has
	// the backend's own format.
	Canonical bool `json:"canonical,omitempty"`
	// Savepoint names one of the savepoints that the user has got, from 1. 0 is, for
	// ResubmitJob, the savepoint that the job was stopped with, or else the newest
	// retained checkpoint.
	Savepoint int `json:"savepoint,omitempty"`
	// Claim hands what the job is begun with to it; without it that stays the user's.
	Claim bool `json:"claim,omitempty"`
}

// ActionsMax bounds the actions of a case.
const ActionsMax = 100

func (c *Config) validateActions(p *problems) {
	p.between("actions: their number", int64(len(c.Actions)), 0, ActionsMax)
	p.check(len(c.Actions) == 0 || c.durable(), "actions",
		"a savepoint outlives the job manager: want storage.kind %s, or storage.durable", Filesystem)
	p.check(len(c.Actions) == 0 || !c.Job.Pointwise, "actions", "of a job of several regions: leave them out, or job.pointwise")
	p.check(len(c.Actions) == 0 || !slices.ContainsFunc(c.Faults, changesLeader), "actions",
		"a user asks one job manager, not several that contend: leave them out, or the changes of the leader")
	for i, a := range c.Actions {
		field := fmt.Sprintf("actions[%d]", i)
		known := a.Kind == TakeSavepoint || a.Kind == StopJob || a.Kind == ResubmitJob || a.Kind == DisposeSavepoint
		p.check(known, field+".kind", "%q: want %s, %s, %s or %s", a.Kind, TakeSavepoint, StopJob, ResubmitJob, DisposeSavepoint)
		if !known {
			continue
		}
		takes, least := a.Kind == TakeSavepoint || a.Kind == StopJob, int64(0)
		if a.Kind == DisposeSavepoint {
			least = 1
		}
		p.span(field+".after", a.After, 0)
		p.check(takes || !a.Canonical, field+".canonical", "a %s takes no savepoint: leave it out", a.Kind)
		p.check(!takes || a.Savepoint == 0, field+".savepoint", "a %s names none: leave it out", a.Kind)
		if !takes {
			p.between(field+".savepoint", int64(a.Savepoint), least, ActionsMax)
		}
		p.check(a.Kind == ResubmitJob || !a.Claim, field+".claim", "a %s claims nothing: leave it out", a.Kind)
	}
}
