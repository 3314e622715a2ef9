// Package faults is what can go wrong: one kind of fault a file, each a small
// value whose exported fields are its parameters, its JSON and its line in a
// report. A Plan is the list of faults of one case. A fault is armed once, with
// the Controls of a running simulation, and fires by itself.
//
// Start at Fault, Plan and Controls. The package also defines what a disk's hook
// sees and decides: Op and Outcome. A new kind is one file: a struct with a
// registered zero value, validate, String and Arm.
package faults

import (
	"time"

	"flinch/model/history"
)

// Fault is one thing that goes wrong. Faults are immutable values: what an armed
// one counts lives with its Controls, so a plan can be armed again for a replay.
type Fault interface {
	// Kind is the registered name, as "crash-at-io".
	Kind() string
	// String describes the fault in a few words for a report.
	String() string
	// Arm makes the fault fire when its moment comes.
	Arm(c Controls)
}

// Site is where an operation on a disk happens.
type Site struct {
	Disk       history.Machine // whose disk
	Process    history.Machine // who issued it
	Phase      history.Phase   // what the issuing task was doing
	Checkpoint int64           // for which checkpoint; 0: none
}

// Controls is what a fault may do to a running simulation. Once faults are off,
// the functions handed to it are not called any more.
type Controls interface {
	// Now is the virtual time.
	Now() time.Duration
	// At calls fn at a moment of virtual time, unless faults are off by then. A
	// moment that is not in the future means now: fn runs before anything that
	// is due later, as soon as the running coroutine yields.
	At(t time.Duration, fn func())
	// OnIO has fn decide on every disk operation until it returns done. It is
	// asked on entry and again with op.Done set. Faults are asked in the order
	// in which they were armed; the first to answer with an error decides, the
	// rest are not asked, and an operation that failed on entry is not asked
	// about again.
	OnIO(fn func(site Site, op Op) (out Outcome, done bool))
	// OnPhase calls fn each time a process enters the phase, until it returns
	// done.
	OnPhase(phase history.Phase, fn func(process history.Machine, checkpoint int64) (done bool))
	// OnMessage has fn decide on every message between processes that sets out,
	// until it returns done. All faults are asked: a message may be both lost and
	// doubled, and the longest delay counts.
	OnMessage(fn func(m Message) (d Delivery, done bool))
	// OnCommit has fn decide on every commit of a transaction of the sink until it
	// returns done.
	OnCommit(fn func(t Commit) (a Answer, done bool))
	// Alive tells whether the machine exists, has power and, storage apart, its
	// process runs.
	Alive(m history.Machine) bool
	// Crash kills the process of a machine. Its disk keeps everything that was
	// written. The process starts again after a while. It may be called from
	// inside the I/O or the phase change of the very process that dies, and may
	// then panic instead of returning.
	Crash(m history.Machine)
	// PowerLoss takes the power of a machine: its process dies, and its disk
	// keeps what a crash image of the case's profile holds. What holds for a
	// caller of Crash holds here, too.
	PowerLoss(m history.Machine)
	// ChangeLeader has the coordination service elect another job manager beside
	// the live one, which learns of it when it is refused, or after a span. For as
	// long as it is cut off it does not reach the service.
	ChangeLeader(unaware, cut time.Duration)
	// Fired records that the fault took effect. It is called just before the
	// effect, once for each.
	Fired(f Fault, m history.Machine, detail string)
	// Used is how many bytes the files on a machine's disk hold. There is such a
	// machine.
	Used(m history.Machine) int64
	// LocalCopies lists the files that local recovery keeps on a machine's disk,
	// sorted by path; none if there is no such machine.
	LocalCopies(m history.Machine) []LocalCopy
	// DamageLocalCopy flips a bit of one byte of such a file, or cuts the file off
	// there. There is such a byte.
	DamageLocalCopy(m history.Machine, path string, at int64, cut bool)
	// TaskManagers is how many there are.
	TaskManagers() int
}
