package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(PartitionInPhase{}, "the task manager that enters a phase of a checkpoint for the n-th time is cut off from the job manager for a while")

// PartitionInPhase cuts the task manager off, in both directions, whose process enters
// a phase for the nth time: what it does in that phase it does alone.
type PartitionInPhase struct {
	Phase history.Phase `json:"phase"`
	Nth   int           `json:"nth"`   // from 1, over all processes of the run
	Lasts Duration      `json:"lasts"` // until they reach each other again
}

// Kind returns "partition-in-phase".
func (PartitionInPhase) Kind() string { return "partition-in-phase" }

// String describes the fault.
func (f PartitionInPhase) String() string {
	return fmt.Sprintf("the process and the job manager do not reach each other for %v from %s", f.Lasts, entering(f.Phase, f.Nth, 0))
}

// Arm begins the partition when the phase is entered.
func (f PartitionInPhase) Arm(c Controls) {
	phaseWatch{phase: f.Phase, nth: f.Nth, act: func(process history.Machine) {
		if process == history.JobManager {
			return
		}
		cut := Partition{From: history.JobManager, To: process, Both: true, Lasts: f.Lasts}
		c.Fired(f, process, fmt.Sprintf("%s for %v", cut.what(), f.Lasts))
		cut.begin(c, c.Now()+time.Duration(f.Lasts))
	}}.arm(c)
}

func (f PartitionInPhase) validate() error {
	if err := checkPhase("phase", &f.Phase); err != nil {
		return err
	}
	if err := checkNth("nth", f.Nth); err != nil {
		return err
	}
	return checkSpan("lasts", f.Lasts)
}
