package history

import "time"

// Event is one line of the narrative.
type Event struct {
	Step       Step
	At         time.Duration
	Machine    Machine
	Fault      bool
	Checkpoint int64
	Text       string
}

// Kinds of messages.
const (
	Register  = "register"  // a job manager makes itself known to a task manager
	Ready     = "ready"     // the task manager offers its slots
	Deploy    = "deploy"    // a subtask is sent to where it runs
	Started   = "started"   // the subtask has restored its state, and runs
	Trigger   = "trigger"   // a source is to begin a checkpoint
	Barrier   = "barrier"   // a checkpoint's barrier in a channel
	Ack       = "ack"       // a subtask's part of a checkpoint is written
	Decline   = "decline"   // a subtask cannot take part
	Notify    = "notify"    // a checkpoint has completed
	Abort     = "abort"     // a checkpoint was given up
	Subsume   = "subsume"   // a checkpoint is not retained any more
	Finished  = "finished"  // a subtask has committed what the job ends with
	Failed    = "failed"    // a subtask has failed
	Cancel    = "cancel"    // an attempt is over
	Cancelled = "cancelled" // nothing of it runs any more on a task manager
	Heartbeat = "heartbeat" // a sign of life that is asked for, or given
)

// Message is one message between machines, or a barrier in a channel. Records
// are none: there are too many.
type Message struct {
	Kind       string
	From, To   Machine
	Sender     string // subtask that it comes from, "chain 0"; "": the process itself
	Receiver   string // subtask that it is for
	Attempt    int    // of a barrier; else 0
	Checkpoint int64  // it is about; 0: none
	Copy       bool   // the network has doubled it
	Sent       Step
	Arrived    Step // 0: it never did, or not yet
	Lost       Step // on its way, or nobody was there to receive it; 0: not lost
	SentAt     time.Duration
	EndAt      time.Duration // when it arrived, or was lost
}

// Span is a task's stay in one phase. Running is none.
type Span struct {
	Machine    Machine
	Task       string // "chain 0", "source 0", "job-manager", "clean-up"
	Phase      Phase
	Checkpoint int64
	Begin, End Step // an End of 0: until the end of the run
	Killed     bool // the death of its process ended it
	BeginAt    time.Duration
	EndAt      time.Duration
}

// Life is one process of a machine, from its start to its death. Checkpoint
// storage, which has no process of ours, lives while it can be reached.
type Life struct {
	Machine    Machine
	Number     int // of this machine's lives, from 1
	Begin, End Step
	BeginAt    time.Duration
	EndAt      time.Duration
}
