package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(LeaderChange{}, "another job manager is elected at a moment of virtual time, and the old one lives on without knowing")

// LeaderChange has another job manager elected at a moment. The old one goes on
// until the coordination service refuses what it asks, or the time is over for
// which it is unaware; if it is cut off, it does not reach the service until then. If
// there is no job manager at that moment, nothing happens.
type LeaderChange struct {
	At      Duration `json:"at"` // since the run began
	Unaware Duration `json:"unaware"`
	Cut     bool     `json:"cut,omitempty"`
}

// Kind returns "leader-change".
func (LeaderChange) Kind() string { return "leader-change" }

// String describes the fault.
func (f LeaderChange) String() string {
	return fmt.Sprintf("another job manager is elected at %v, and the old one%s", f.At, unaware(f.Unaware, f.Cut))
}

// Arm makes the election happen at its time.
func (f LeaderChange) Arm(c Controls) {
	c.At(time.Duration(f.At), func() { changeLeader(c, f, f.Unaware, f.Cut, "at "+f.At.String()) })
}

func (f LeaderChange) validate() error {
	if err := checkSpan("at", f.At); err != nil {
		return err
	}
	return checkSpan("unaware", f.Unaware)
}

// changeLeader has another job manager elected, if there is one to replace.
func changeLeader(c Controls, f Fault, span Duration, cut bool, when string) {
	if !c.Alive(history.JobManager) {
		return
	}
	c.Fired(f, history.JobManager, when+": the old leader"+unaware(span, cut))
	c.ChangeLeader(time.Duration(span), cut)
}

// unaware says how the old leader goes on.
func unaware(span Duration, cut bool) string {
	text := " is not told for " + span.String()
	if cut {
		text += " and is cut off from the service"
	}
	return text
}
