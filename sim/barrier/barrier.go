// Package barrier decides what a subtask does about the barriers of checkpoints
// that come in its inputs: which input waits, when its snapshot is taken, and what
// belongs to it of the records in flight. It is plain data: events go in, actions
// come out, and the caller carries those out in their order.
//
// Start at Handler. It follows Flink's SingleCheckpointBarrierHandler (aligned,
// unaligned, aligned until a time) and its CheckpointBarrierTracker (at least
// once).
package barrier

import (
	"fmt"
	"time"
)

// Mode is what a snapshot promises of the records before its barrier.
type Mode uint8

// The modes.
const (
	ExactlyOnce Mode = iota
	AtLeastOnce
)

// Barrier is what an input brings of a checkpoint.
type Barrier struct {
	ID int64
	// Unaligned barriers overtake the records in front of them: at once, or from
	// Deadline on, if there is one.
	Unaligned bool
	Deadline  time.Duration
}

// Overtakes tells whether the barrier waits for no record at a time.
func (b Barrier) Overtakes(now time.Duration) bool { return b.Unaligned && now >= b.Deadline }

// Kind is what is to be done.
type Kind uint8

// The actions.
const (
	Align    Kind = iota // the checkpoint's first barrier has come
	Block                // Input delivers nothing until it is resumed
	Resume               // Input delivers again
	Snapshot             // take the snapshot now
	Overtake             // take it now; what the inputs still bring before their barriers belongs to it
	Switch               // an alignment took too long: Overtake follows
	Capture              // records of Input belong to the snapshot until Release
	Release              // the barrier of Input is here
	Complete             // the channel state of the snapshot is whole
	Decline              // the checkpoint cannot be taken: Reason
	Forward              // send a cancel marker of the checkpoint downstream
)

var kindNames = [...]string{"align", "block", "resume", "snapshot", "overtake", "switch", "capture", "release", "complete", "decline", "forward"}

// String returns the action's name.
func (k Kind) String() string { return kindNames[k] }

// Action is one thing to do.
type Action struct {
	Kind   Kind
	ID     int64 // the checkpoint
	Input  int   // of Block, Resume, Capture and Release
	Reason string
}

// String describes the action in a line.
func (a Action) String() string {
	switch a.Kind {
	case Block, Resume, Capture, Release:
		return fmt.Sprintf("%v input %d (checkpoint %d)", a.Kind, a.Input, a.ID)
	case Decline:
		return fmt.Sprintf("%v checkpoint %d: %s", a.Kind, a.ID, a.Reason)
	}
	return fmt.Sprintf("%v checkpoint %d", a.Kind, a.ID)
}
