package faults

import (
	"time"

	"flinch/model/history"
)

var _ = register(PowerLossInPhase{}, "a machine loses power when a process enters a phase of a checkpoint for the n-th time")

// PowerLossInPhase takes the power of a machine when some process is the nth to
// enter a phase, at once or a little later. If the machine has no power then,
// nothing happens.
type PowerLossInPhase struct {
	Phase   history.Phase    `json:"phase"`
	Nth     int              `json:"nth"`               // from 1, over all processes of the run
	Delay   Duration         `json:"delay,omitempty"`   // after it entered
	Machine *history.Machine `json:"machine,omitempty"` // nil: that of the process which entered
}

// Kind returns "power-loss-in-phase".
func (PowerLossInPhase) Kind() string { return "power-loss-in-phase" }

// String describes the fault.
func (f PowerLossInPhase) String() string {
	victim := "the machine"
	if f.Machine != nil {
		victim = f.Machine.String()
	}
	return victim + " loses power " + entering(f.Phase, f.Nth, f.Delay)
}

// Arm makes the power go when the phase is entered.
func (f PowerLossInPhase) Arm(c Controls) {
	phaseWatch{phase: f.Phase, nth: f.Nth, delay: time.Duration(f.Delay), act: func(process history.Machine) {
		victim := process
		if f.Machine != nil {
			victim = *f.Machine
		}
		losePower(c, f, victim, entering(f.Phase, f.Nth, f.Delay))
	}}.arm(c)
}

func (f PowerLossInPhase) validate() error {
	return CrashInPhase{Phase: f.Phase, Nth: f.Nth, Delay: f.Delay}.validate()
}
