package history

import (
	"time"

	"flinch/model"
)

// Run is everything that one run did. Tables are in the order in which their
// rows came into being.
type Run struct {
	Attempts     []Attempt
	RegionEnds   []RegionEnd
	Checkpoints  []Checkpoint // by rising ID
	Submissions  []Submission // that the user asked for, by rising Number
	Borrowed     []Borrowed
	Snapshots    []Snapshot
	Transactions []Transaction
	Registers    []RegisterOp
	Mismatches   []Mismatch
	Mistimed     []Mistimed
	Foreign      []Foreign
	Unexpected   []Unexpected
	Damages      []Damage
	FileChecks   []FileCheck
	Leftovers    []Leftover
	SharedFiles  []SharedFile // that completed checkpoints named, by path
	Recount      *Recount     // nil: the run was not drained, or keeps no metadata
	Crashes      []Crash
	Fired        []FiredFault
	Quiesce      Quiesce
	Counters     map[string]int64

	// The narrative: only if the run was asked for it.
	Events   []Event
	Messages []Message
	Spans    []Span
	Lives    []Life
}

// Attempt is one execution of the job, from one restore to its end.
type Attempt struct {
	Number      int // from 1
	Incarnation int // of the job manager that deployed it, from 1
	Parallelism int // of the keyed operators and the sink
	Sources     int // parallelism of the source
	// Region is the region that started alone, from 1; 0: the whole job did.
	Region   int
	Restored int64 // checkpoint it was restored from; 0: it started empty
	// Empty says why it started empty although a checkpoint had completed, where
	// that is right by design; else "".
	Empty string
	// Submission is the newest that had begun by then; 0: the job's first one.
	Submission int64
	// Fork is how often the user had gone back, to what the job had left behind: work
	// of one fork is no work of another.
	Fork int
	// Superseded is when the job manager that deployed it was superseded by another
	// one without knowing; 0: it led. Nothing of such an attempt outlives it.
	Superseded Step
	Begin      Step          // the restore was decided
	Ready      Step          // the first operation was accepted; 0: never got there
	End        Step          // the attempt was over; 0: it ran to the end of the run
	BeginAt    time.Duration // virtual time since the run began
	EndAt      time.Duration
}

// RegionEnd is the end of one region's part of an attempt: it was cancelled, while
// others went on.
type RegionEnd struct {
	Attempt int
	Region  int // from 1
	End     Step
	EndAt   time.Duration
}

// Checkpoint is the life of one checkpoint.
type Checkpoint struct {
	ID            int64
	Attempt       int
	Incarnation   int
	Parallelism   int
	Savepoint     bool // the user asked for it, and it is his
	Stops         bool // the job is to end with it
	Triggered     Step
	FullyAcked    Step // the coordinator had accepted an ack from every subtask
	PublishIssued Step // the write that publishes it was issued
	Published     Step // that write returned without an error
	Unknown       Step // that write returned an error: its outcome is unknown
	// Observed is when anybody outside the coordinator could first see that it
	// had completed; ObservedBy says how: notify, subsume, restore.
	Observed   Step
	ObservedBy string
	Aborted    Step
	Reason     string // why it was aborted
	Subsumed   Step
	// Offsets is, for each source partition, how many of its records lie before
	// the barrier: frozen by the harness in the source's synchronous phase.
	Offsets []int64
	// Sent is, for each source partition, how many of its records had been sent
	// when the last keyed subtask was snapshotted: what at-least-once may hold
	// beyond the barrier. nil: not recorded.
	Sent []int64
	// InFlight is what was in flight between sources and chains of an unaligned
	// checkpoint: counted by the harness, channel by channel.
	InFlight    []InFlight
	TriggeredAt time.Duration
	ObservedAt  time.Duration
}

// InFlight is records in flight in one channel, in order.
type InFlight struct {
	From, To int  // source and chain; From -1: records that were restored, and not processed yet
	Output   bool // they had not left the source
	Records  []int32
}

// Snapshot is the synchronous phase of one subtask of a keyed operator. First
// and Last bound its key groups.
type Snapshot struct {
	Checkpoint  int64
	Attempt     int
	Operator    int
	Subtask     int
	First, Last int
	Begin, End  Step
}

// Transaction is one transaction of the sink, as the outside world sees it.
type Transaction struct {
	ID           string
	Subtask      int
	Attempt      int
	Epoch        int64 // checkpoint whose barrier closed it; 0: still open
	Records      []int64
	Opened       Step
	Prepared     Step
	Committed    Step  // first commit that took effect
	CommittedFor int64 // checkpoint whose completion or restore made the sink commit
	Commits      int   // how often it was committed
	Aborted      Step
}

// RegisterKind is what an operation on a register does.
type RegisterKind uint8

// Operations on registers.
const (
	RegisterWrite RegisterKind = iota
	RegisterRead
)

// RegisterOp is one operation on a keyed register: a state whose spec says
// Register. An absent value reads as Absent.
type RegisterOp struct {
	Kind         RegisterKind
	Operator     int
	State        int
	Key          int // index into the case's keys
	Group        int
	Attempt      int
	Value        int64
	Call, Return Step
}

// Absent is what a register that was never written reads as.
const Absent = int64(-1) << 63

// Mismatch is an answer of a backend that differs from the model's.
type Mismatch struct {
	Step       Step
	At         time.Duration
	Machine    Machine
	Attempt    int
	Operator   string
	Subtask    int
	Record     int
	Key        string
	Op         string
	Want, Got  string // answers in words
	Lifetime   int64  // of the state's values, in milliseconds; 0: they do not expire
	Checkpoint int64  // that the attempt was restored from
}

// Mistimed is a timer that did not fire as the model's does.
type Mistimed struct {
	Step       Step
	Machine    Machine
	Attempt    int
	Operator   string
	Subtask    int
	Queue      string
	Clock      int64  // of the queue when it was looked at
	Want, Got  string // the timers that were first: "40 of key \"a\""
	Checkpoint int64  // that the attempt was restored from
}

// Foreign is a key group that the store of an instance held right after a restore,
// although it is another subtask's.
type Foreign struct {
	Step        Step
	Machine     Machine
	Attempt     int
	Operator    string
	Subtask     int
	First, Last int // its own key groups
	State       string
	Group       int
	Checkpoint  int64 // that the attempt was restored from
}

// Unexpected is an error or panic that no injected fault explains.
type Unexpected struct {
	Step    Step
	At      time.Duration
	Machine Machine
	Attempt int
	During  string
	Text    string
	Panic   bool
	Frames  []string // of a panic: "function file:line", where it came up first
}

// Damage is an operation that harmed a file that somebody still needed.
type Damage struct {
	Step     Step
	At       time.Duration
	Machine  Machine // that issued it
	Path     string
	Op       string
	NeededBy string // "checkpoint 3", "pending checkpoint 4"
}

// FileCheck is one comparison of a needed file with its handle.
type FileCheck struct {
	Step      Step
	When      string // "published", "quiesce"
	Path      string
	NeededBy  string
	Missing   bool
	WantBytes int64
	GotBytes  int64
	WantSum   uint64
	GotSum    uint64
}

// Leftover is a file on checkpoint storage at quiesce that nobody needs, with
// what the harness' own log knows of it. Steps of 0 mean that it never happened.
type Leftover struct {
	Path           string
	Local          bool // on the disk of Writer, where an instance that is gone has kept it; else on checkpoint storage
	Checkpoint     int64
	Writer         Machine
	Attempt        int
	Created        Step
	WriterDied     Step // before its ack was handed to a live coordinator
	AckAccepted    Step // the ack that names the file
	MessageLost    Step // that ack or the message that should have triggered its clean-up was lost
	OwnerDied      Step // the coordinator died before the new owner was durable
	DeleteIssued   Step
	DeleteFailed   Step // a delete of it or its directory got an injected error or an unknown outcome
	Undone         Step // a power loss undid its delete
	PublishUnknown Step // the publishing outcome of its checkpoint was unknown
	Retained       bool // retention asks for it
}

// Crash is the death of a machine's process.
type Crash struct {
	Step       Step
	At         time.Duration
	Machine    Machine
	PowerLoss  bool
	Phase      Phase
	Checkpoint int64
}

// FiredFault is one fault that took effect.
type FiredFault struct {
	Kind       string
	Step       Step
	At         time.Duration
	Machine    Machine
	Phase      Phase
	Checkpoint int64
	Detail     string
}

// Quiesce is the end of a run: faults off, everything drained.
type Quiesce struct {
	Healed   Step
	HealedAt time.Duration
	Deadline time.Duration // by which everything had to be done
	// FirstDeadline is by when a checkpoint that was triggered after healing had to
	// be complete.
	FirstDeadline time.Duration
	Done          bool
	DoneAt        time.Duration
	Pending       []string // what was still missing at the deadline, one line each
	// Overdue are timers whose time had passed at the end of a run that got quiet,
	// and that had not fired, one line each.
	Overdue []string
	// GivenUp says why the run was ended before its time, since it is broken
	// anyway; else "".
	GivenUp string
	// LegalStop says why the job rightly stopped early; else "".
	LegalStop string
	// First is the checkpoint that was triggered after healing and completed.
	First   int64
	FirstAt time.Duration
	Final   int64 // newest completed checkpoint at the end
	// Retained are the checkpoints that the store's root names at the end.
	Retained []int64
}

// Dump is what one auditor found in one subtask of a keyed operator.
type Dump struct {
	Subtask     int
	First, Last int // its key groups
	Entries     []model.Entry
	AbsentRead  int      // keys that were read because they should be absent
	Ghosts      []string // of those, the ones that were there
	Foreign     []string // key groups of others in the store, "group 3 of map"
	Error       string   // the auditor could not read the state
}
