package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(CrashInPhase{}, "the process that enters a phase of a checkpoint for the n-th time dies there")

// CrashInPhase kills the process that is the nth to enter a phase, at once or a
// little later. If it is dead by then, nothing happens.
type CrashInPhase struct {
	Phase history.Phase `json:"phase"`
	Nth   int           `json:"nth"`             // from 1, over all processes of the run
	Delay Duration      `json:"delay,omitempty"` // after it entered
}

// Kind returns "crash-in-phase".
func (CrashInPhase) Kind() string { return "crash-in-phase" }

// String describes the fault.
func (f CrashInPhase) String() string {
	return "the process crashes " + entering(f.Phase, f.Nth, f.Delay)
}

// Arm makes the crash happen when the phase is entered.
func (f CrashInPhase) Arm(c Controls) {
	phaseWatch{phase: f.Phase, nth: f.Nth, delay: time.Duration(f.Delay), act: func(process history.Machine) {
		crash(c, f, process, entering(f.Phase, f.Nth, f.Delay))
	}}.arm(c)
}

func (f CrashInPhase) validate() error {
	if err := checkPhase("phase", &f.Phase); err != nil {
		return err
	}
	if err := checkNth("nth", f.Nth); err != nil {
		return err
	}
	return checkSpan("delay", f.Delay)
}

// entering says when a fault that waits for a phase comes.
func entering(phase history.Phase, nth int, delay Duration) string {
	text := fmt.Sprintf("on entering %v for the %s time", phase, ordinal(nth))
	if delay > 0 {
		text = delay.String() + " after" + text[len("on"):]
	}
	return text
}
