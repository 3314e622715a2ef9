package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(LeaderChange{}, "another job manager is elected at a moment of virtual time, and the old one lives on without knowing")

// LeaderChange has another job manager elected at a moment. The old one goes on
// until the coordination service refuses what it asks, or the time is over for
// which it is unaware; for as long as it is cut off, it does not reach the service
// at all. If there is no job manager at that moment, nothing happens.
type LeaderChange struct {
	At      Duration `json:"at"` // since the run began
	Unaware Duration `json:"unaware"`
	Cut     Duration `json:"cut,omitempty"`
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
	return checkUnaware(f.Unaware, f.Cut)
}

// changeLeader has another job manager elected, if there is one to replace.
func changeLeader(c Controls, f Fault, span, cut Duration, when string) {
	if !c.Alive(history.JobManager) {
		return
	}
	c.Fired(f, history.JobManager, when+": the old leader"+unaware(span, cut))
	c.ChangeLeader(time.Duration(span), time.Duration(cut))
}

// unaware says how the old leader goes on.
func unaware(span, cut Duration) string {
	text := " is not told for " + span.String()
	if cut > 0 {
		text += " and is cut off from the service for " + cut.String()
	}
	return text
}

// checkUnaware checks how long the old leader does not know.
func checkUnaware(span, cut Duration) error {
	if err := checkSpan("unaware", span); err != nil {
		return err
	}
	return checkSpan("cut", cut)
}
