// Package faults is what can go wrong: one kind of fault a file, each a small
// value whose exported fields are its parameters, its JSON and its line in a
// report. A Plan is the list of faults of one case. A fault is armed once, with
// the Controls of a running simulation, and fires by itself.
//
// Start at Fault and Controls. The package also defines what a disk's hook sees
// and decides: Op and Outcome.
package faults

import (
	"time"

	"flinch/model/history"
)

// Fault is one thing that goes wrong.
type Fault interface {
	// Kind is the registered name, as "crash-at-io".
	Kind() string
	// String describes the fault in a few words for a report.
	String() string
	// Arm makes the fault fire when its moment comes.
	Arm(c Controls)
}

// Plan is the faults of one case. It marshals as a list of objects, each with
// its "kind" beside its fields.
type Plan []Fault

// Site is where an operation on a disk happens.
type Site struct {
	Disk       history.Machine // whose disk
	Process    history.Machine // who issued it
	Phase      history.Phase   // what the issuing task was doing
	Checkpoint int64           // for which checkpoint; 0: none
}

// Controls is what a fault may do to a running simulation.
type Controls interface {
	// At calls fn at a moment of virtual time, unless faults are off by then.
	At(t time.Duration, fn func())
	// OnIO has fn decide on every disk operation until it returns done. It is
	// asked on entry and again with op.Done set.
	OnIO(fn func(site Site, op Op) (out Outcome, done bool))
	// OnPhase calls fn each time a process enters the phase, until it returns
	// done.
	OnPhase(phase history.Phase, fn func(process history.Machine, checkpoint int64) (done bool))
	// Crash kills the process of a machine. Its disk keeps everything that was
	// written. The process starts again after a while.
	Crash(m history.Machine)
	// PowerLoss takes the power of a machine: its process dies, and its disk
	// keeps what a crash image of the case's profile holds.
	PowerLoss(m history.Machine)
	// Fired records that the fault took effect.
	Fired(f Fault, m history.Machine, detail string)
	// TaskManagers is how many there are.
	TaskManagers() int
}
