package faults

import (
	"time"

	"flinch/model/history"
)

var _ = register(LeaderChangeInPhase{}, "another job manager is elected when a process enters a phase of a checkpoint for the n-th time, and the old one lives on without knowing")

// LeaderChangeInPhase has another job manager elected when some process is the nth
// to enter a phase, at once or a little later: see LeaderChange.
type LeaderChangeInPhase struct {
	Phase   history.Phase `json:"phase"`
	Nth     int           `json:"nth"`             // from 1, over all processes of the run
	Delay   Duration      `json:"delay,omitempty"` // after it entered
	Unaware Duration      `json:"unaware"`
	Cut     Duration      `json:"cut,omitempty"`
}

// Kind returns "leader-change-in-phase".
func (LeaderChangeInPhase) Kind() string { return "leader-change-in-phase" }

// String describes the fault.
func (f LeaderChangeInPhase) String() string {
	return "another job manager is elected " + entering(f.Phase, f.Nth, f.Delay) + ", and the old one" + unaware(f.Unaware, f.Cut)
}

// Arm makes the election happen when the phase is entered.
func (f LeaderChangeInPhase) Arm(c Controls) {
	phaseWatch{phase: f.Phase, nth: f.Nth, delay: time.Duration(f.Delay), act: func(history.Machine) {
		changeLeader(c, f, f.Unaware, f.Cut, entering(f.Phase, f.Nth, f.Delay))
	}}.arm(c)
}

func (f LeaderChangeInPhase) validate() error {
	if err := (CrashInPhase{Phase: f.Phase, Nth: f.Nth, Delay: f.Delay}).validate(); err != nil {
		return err
	}
	return checkUnaware(f.Unaware, f.Cut)
}
