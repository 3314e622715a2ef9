package sim

import (
	"time"

	"flinch/backends"
	"flinch/checks"
	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model"
	"flinch/model/history"
	"flinch/sim/rng"
	"flinch/sim/trace"

	"github.com/spf13/afero"
)

// Config is a whole run. All of it but Backend and Files is plain data: it
// marshals, prints, compares and shrinks. Run checks it once.
type Config struct {
	// Seed drives what the running simulation draws: delays, ties, torn lengths.
	Seed          rng.Seed      `json:"seed"`
	Job           Job           `json:"job"`
	Cluster       Cluster       `json:"cluster"`
	Checkpointing Checkpointing `json:"checkpointing"`
	Storage       Storage       `json:"storage"`
	Records       []Record      `json:"records"` // by record id
	Faults        faults.Plan   `json:"faults"`
	// Actions are what the user of the job asks for, in his order.
	Actions []Action `json:"actions,omitempty"`
	// Tuning is handed to the backend: see backends.KeyedParams.
	Tuning map[string]int64 `json:"tuning,omitempty"`

	Backend backends.Backend `json:"-"`
	// Files gives each machine a real folder to keep its files in; nil keeps
	// them in memory. Traces are the same.
	Files func(m history.Machine) (afero.Fs, error) `json:"-"`
}

// Job is the job under test: replayable sources, a keyed exchange, a chain of
// two keyed operators, and a two-phase-commit sink at the end of the chain.
type Job struct {
	Keys           []string `json:"keys"`
	Partitions     int      `json:"partitions"` // of the source
	MaxParallelism int      `json:"max_parallelism"`
	// Parallelism of the chain and Sources of the source, by attempt: attempt a
	// (from 1) takes element (a-1) mod length.
	Parallelism []int `json:"parallelism"`
	Sources     []int `json:"sources"`
	// Operators are the states of the chain's two keyed operators, without the
	// ledger, which is added in front of them as state 0.
	Operators [OperatorCount][]model.StateSpec `json:"operators"`
	// Pace is the virtual time between two records of one source subtask, at most.
	Pace time.Duration `json:"pace"`
	// Work is the virtual time that the chain takes for one record, at most.
	Work time.Duration `json:"work"`
	// WatermarkLag is how far, in units of Record.Time, a source's watermark stays
	// behind the highest time that it has sent.
	WatermarkLag int64 `json:"watermark_lag,omitempty"`
	// Pointwise has each source feed the chain of its own number alone, so that the
	// job falls into regions that fail alone. There is one parallelism then, equal for
	// both, and the keys of a partition belong to the chain of the source that reads it:
	// the one whose number is the partition's, modulo the parallelism.
	Pointwise bool `json:"pointwise,omitempty"`
	// Buffer is how many records a channel holds on either side of the network: a
	// source waits while one is full. 0: any number.
	Buffer int `json:"buffer,omitempty"`
	// Pure promises that each key is fed by one partition only.
	Pure bool `json:"pure"`
}

// OperatorCount is the number of keyed operators in the chain.
const OperatorCount = 2

// Record is one record of a source. Its id is its place in Config.Records, its
// offset its place among the records of its partition.
type Record struct {
	Partition int `json:"partition"`
	Key       int `json:"key"` // index into Job.Keys
	// Time is the event's. Records of a partition need not come in its order.
	Time int64 `json:"time,omitempty"`
	// Ops are what the keyed operators do with it. Op.State counts the ledger:
	// the first state of Job.Operators is 1.
	Ops [OperatorCount][]model.Op `json:"ops"`
}

// Cluster is the machines and how long things take on them, in virtual time.
type Cluster struct {
	TaskManagers int           `json:"task_managers"`
	NetworkDelay time.Duration `json:"network_delay"` // of a message or record, at most
	IODelay      time.Duration `json:"io_delay"`      // of an operation on a disk of the checkpoints' path, at most
	// LocalIODelay is the same for the task managers' own disks.
	LocalIODelay time.Duration `json:"local_io_delay,omitempty"`
	// BackgroundDelay is how long a background job of an engine waits before each
	// step, at most.
	BackgroundDelay time.Duration `json:"background_delay,omitempty"`
	// HeartbeatInterval is how often the job manager asks its task managers for a
	// sign of life; 0: never, and only deaths are noticed. One that gives none for
	// HeartbeatTimeout is lost to the job manager; one that nobody asks for
	// OrphanTimeout cancels its tasks.
	HeartbeatInterval time.Duration `json:"heartbeat_interval,omitempty"`
	HeartbeatTimeout  time.Duration `json:"heartbeat_timeout,omitempty"`
	OrphanTimeout     time.Duration `json:"orphan_timeout,omitempty"`
	DetectDelay       time.Duration `json:"detect_delay"`    // until the death of a machine is noticed
	ProcessRestart    time.Duration `json:"process_restart"` // from death to the next process
	Outage            time.Duration `json:"outage"`          // of the checkpoint storage after a power loss
	RestartDelay      time.Duration `json:"restart_delay"`   // of the job after a failure
	WriteBack         time.Duration `json:"write_back"`      // age at which pending disk operations become durable
	Profile           disk.Profile  `json:"profile"`         // what a power loss leaves
	// LocalRecovery keeps a copy of keyed snapshots on the disk of the task manager
	// that took them, and restores from it where it is exact and whole.
	LocalRecovery bool `json:"local_recovery,omitempty"`
}

// Checkpointing is the coordinator's settings.
type Checkpointing struct {
	Interval time.Duration `json:"interval"`
	Timeout  time.Duration `json:"timeout"`
	Retained int           `json:"retained"` // completed checkpoints kept, 1 or more
	// ConcurrentMax is how many checkpoints may be under way at a time; 0 counts as
	// 1, and a checkpoint that is due while another is under way is left out.
	// From 1 on it waits for its turn.
	ConcurrentMax int `json:"concurrent_max,omitempty"`
	// MinPause is the least time from the completion of a checkpoint to the next
	// trigger. With a pause one checkpoint is under way at a time.
	MinPause time.Duration `json:"min_pause,omitempty"`
	// Mode is what a checkpoint promises of each record.
	Mode CheckpointMode `json:"mode,omitempty"`
	// Unaligned has barriers overtake records in flight, which become a part of the
	// checkpoint; with an AlignedTimeout only once that has passed since the trigger.
	Unaligned      bool          `json:"unaligned,omitempty"`
	AlignedTimeout time.Duration `json:"aligned_timeout,omitempty"`
	// Tolerated is how many checkpoints may fail in a row before the job fails
	// over; Unlimited tolerates any number.
	Tolerated int `json:"tolerated"`
	// Restarts is how often the job may fail over; Unlimited does not end.
	Restarts int `json:"restarts"`
}

// CheckpointMode is what a checkpoint promises of each record.
type CheckpointMode string

// The modes. At least once, no input waits for another one's barrier.
const (
	ExactlyOnce CheckpointMode = ""
	AtLeastOnce CheckpointMode = "at-least-once"
)

// Unlimited lifts a limit of Checkpointing.
const Unlimited = -1

// StorageKind is where checkpoints go.
type StorageKind string

// The storage kinds.
const (
	Filesystem       StorageKind = "filesystem"
	JobManagerMemory StorageKind = "job-manager-memory"
	ObjectStore      StorageKind = "object-store"
)

// PointerKind is where the completed-checkpoint store keeps its root.
type PointerKind string

// The pointer kinds. A file is on the job manager's disk and allows one leader.
const (
	PointerFile         PointerKind = "file"
	PointerCoordination PointerKind = "coordination"
)

// Storage is the checkpoint storage's settings.
type Storage struct {
	Kind                 StorageKind `json:"kind"`
	Pointer              PointerKind `json:"pointer"`
	InlineThresholdBytes int64       `json:"inline_threshold_bytes"`
	// WriteBufferBytes is what a stream gathers before it writes; on an ObjectStore the
	// size of the parts in which it is uploaded. 0: the default.
	WriteBufferBytes int   `json:"write_buffer_bytes"`
	MaxStateBytes    int64 `json:"max_state_bytes,omitempty"` // of one stream in the job manager's memory; 0: the default
	// Parallel is how many streams, or parts of one, a snapshot transfers at a time;
	// 0: 1.
	Parallel int `json:"parallel,omitempty"`
	// CapacityBytes is how much the files on the storage machine's disk may hold,
	// all the run; 0: any number.
	CapacityBytes int64 `json:"capacity_bytes,omitempty"`
	// Durable keeps the metadata of JobManagerMemory in a checkpoint directory;
	// without it the checkpoints die with the job manager, by design.
	Durable bool `json:"durable,omitempty"`
}

// Options says what to record beside the result. The zero value records the least.
type Options struct {
	Narrate bool          // fill the narrative of the history
	Keep    bool          // keep every trace record
	Observe func(p Point) // called on entry of every disk operation
	Limit   int64         // events after which the run counts as stuck; 0: a default

	from history.Step // at which the run goes on from another one
}

// Result is what a run left.
type Result struct {
	Evidence  *checks.Evidence
	Sum       uint64 // checksum of the trace
	Steps     int64
	Simulated time.Duration
	// Operations counts the state operations that were checked: their answer was
	// compared, or their effect was in a dump that was audited later.
	Operations int64
	Records    []trace.Record // the trace, if it was kept
}
