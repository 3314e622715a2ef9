// Package backends is the contract between flinch and a state backend: what a
// backend keeps for one operator subtask, how it is snapshotted in two phases,
// and what it hands out to be restored from. Whoever brings a backend reads
// this package alone.
//
// Start at Backend and Keyed. Keys, namespaces and map user keys cross the
// contract encoded (they must be comparable everywhere); values cross it live,
// with a Codec beside them: a heap backend keeps the objects, a key/value
// backend encodes them on every access. That difference is half of what flinch
// tests. ValueState, ListState and MapState put types on top.
//
// Terms and behaviour are Apache Flink's (release line 2.x) unless a comment
// says otherwise. One instance belongs to one task: no method may be called
// concurrently, but for Queryable's, and Pending.Write runs interleaved with, never
// in parallel to, the task.
package backends

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/afero"
)

// CheckpointID numbers checkpoints. It rises strictly over the life of a job.
type CheckpointID int64

// Backend makes keyed state instances.
type Backend interface {
	// Name is a short lower-case word: "heap", "rocksdb".
	Name() string
	// OpenKeyed returns the state of one operator subtask: empty, or what
	// p.Restore holds of p.KeyGroups. It must not change p.Restore. Every I/O
	// may be a scheduling point.
	OpenKeyed(ctx context.Context, p KeyedParams) (Keyed, error)
}

// ErrBroken is wrapped by errors after which an instance is of no further use:
// its engine has lost work or its local files are damaged. The task fails and is
// restored elsewhere; a checkpoint that meets such an error is not merely
// declined.
var ErrBroken = errors.New("the state instance is broken")

// Opaque is implemented by backends that have threads or files of their own, so
// that equal seeds give equal results but not equal traces. Optional.
type Opaque interface {
	// Opaque says why, in a few words that reports print.
	Opaque() string
}

// Unavailable is implemented by backends that a program knows of and may be
// unable to run: a build without the engine's library, say. Optional.
type Unavailable interface {
	// Unavailable says why the backend cannot run here and what to do about it, or
	// "" if it can.
	Unavailable() string
}

// Versioned is implemented by backends whose engine is another program's, or comes
// in versions. Optional.
type Versioned interface {
	// Version names the engine and its version in a few words that reports print:
	// "RocksDB 7.8.3". Traces are compared only where it is equal.
	Version() string
}

// Counting is implemented by backends that use KeyedParams.Count. Optional.
type Counting interface {
	// Counters lists the names that the backend counts, and what the simulation
	// counts of it alone ("shared_files_reused"), so that reports show those that
	// stayed at 0.
	Counters() []string
}

// KeyedParams is what a backend needs to open one keyed instance.
type KeyedParams struct {
	Operator       string
	Subtask        int // from 0
	Parallelism    int
	MaxParallelism int // number of key groups of the operator, 1..32768
	Attempt        int // which execution of the job, from 1
	KeyGroups      KeyGroupRange
	// KeyBytes is the length of every encoded key; 0: lengths vary, and keys end
	// as Key.Encoded says. Snapshots tell it; how keys are encoded beyond that is the
	// job's to keep.
	KeyBytes int
	Local    FS // the task manager's disk; the backend owns Dir on it
	Dir      string
	// Engine is Local for calls from inside a foreign engine. They are no
	// scheduling points: nothing yields or panics there, and their virtual time
	// passes when the engine's call has returned.
	Engine  FS
	Storage CheckpointStreams
	// Transfers runs transfers of several streams of one snapshot at a time; nil: the
	// backend makes them one by one.
	Transfers Runner
	Now       func() time.Duration // virtual time since the run began
	Rand      Chooser
	Restore   []KeyedHandle // empty: start empty
	// Key turns an encoded key back into the key, with its hash. Canonical savepoints
	// are restored with it, since they keep no hashes; nil: they are refused.
	Key func(encoded string) (Key, error)
	// Count adds to a counter of the run: how often the backend did something that
	// a campaign should have covered ("compactions"). May be nil.
	Count func(counter string, n int64)
	// Tuning holds constants that hide a boundary (initial table capacity and
	// the like), by name; a backend ignores names it does not know.
	Tuning map[string]int64
}

// Chooser draws a number in [0, n). Smaller is simpler. The label names what
// the draw is for.
type Chooser interface {
	Uint64N(label string, n uint64) uint64
}

// FS is the file system that a backend and a checkpoint storage see.
type FS interface {
	afero.Fs
	// Link makes newname a hard link of oldname.
	Link(oldname, newname string) error
	// SyncDir makes the names in the directory durable. Syncing a file makes its
	// data durable, not its name.
	SyncDir(name string) error
}

// Keyed is the keyed state of one operator subtask.
//
// State handles that Value and its siblings return stay valid until Close and
// always act on the current key.
type Keyed interface {
	// SetCurrentKey refuses a key whose group is outside the instance's range.
	SetCurrentKey(k Key) error

	// Value and its siblings return the state that d describes, registering it on
	// first use. The same name gives the same state; another kind or codec under
	// a known name is an error. The first registration says what is not part of a
	// snapshot: default and functions.
	Value(d Descriptor) (RawValue, error)
	List(d Descriptor) (RawList, error)
	Map(d Descriptor) (RawMap, error)
	Reducing(d Descriptor) (RawMerging, error)
	Aggregating(d Descriptor) (RawMerging, error)
	// Timers returns the queue of that name, which shares its name space with the
	// states.
	Timers(name string) (RawTimers, error)

	// Keys calls yield for each key, encoded, that has an entry of a state in a
	// namespace, until it returns false. KeysAndNamespaces does so for each pair
	// under which the state has an entry. No key or pair comes twice; they come in
	// the order of Entries. A state that is not known has none, neither has a queue
	// of timers. The namespace must not be empty. Nothing may be changed meanwhile:
	// see ApplyToAllKeys. The current key stays.
	Keys(state, namespace string, yield func(key string) bool) error
	KeysAndNamespaces(state string, yield func(key, namespace string) bool) error

	// Snapshot is the synchronous phase: it runs on the task and must be short.
	// Several Pendings may be open at once; each is released by Write or Discard.
	Snapshot(id CheckpointID, opts SnapshotOptions) (Pending, error)
	// NotifyComplete confirms every checkpoint up to id that the instance knows.
	// Notifications may be late, repeated or missing.
	NotifyComplete(id CheckpointID) error
	NotifyAborted(id CheckpointID) error
	NotifySubsumed(id CheckpointID) error

	// Entries calls yield for each entry of the groups in r that the instance
	// holds, in canonical order: group, state name, key, namespace, user key or
	// element index, each compared as bytes. It has no side effect, runs without
	// interruption, and stops at the first error. Every registered or restored
	// state is included. The entry's byte slices are lent during the call.
	Entries(r KeyGroupRange, yield func(Entry) error) error

	// Close releases everything, and is idempotent. It never deletes checkpoint
	// data. Open Pendings fail afterwards.
	Close() error
}

// Maintainer is implemented by Keyed instances whose engine has background work
// that waits to be told when to run. Optional.
type Maintainer interface {
	// Backlog is the number of background jobs that wait or are under way. It
	// costs next to nothing.
	Backlog() int
	// Maintain advances background work by one step: a whole job, or a part of
	// one. It may be called between any two other calls, asynchronous phases
	// included. An error wraps ErrBroken.
	Maintain(ctx context.Context) error
}

// SnapshotOptions is the kind of a snapshot; the zero value is a checkpoint that
// may share files with earlier ones.
type SnapshotOptions struct {
	Full bool // every byte anew: a savepoint or the first checkpoint after a restore without ownership
	// Canonical asks for a savepoint in SavepointFormat, which any backend is
	// restored from. It is full.
	Canonical bool
}

// Pending is a snapshot whose synchronous phase is over.
type Pending interface {
	// Write is the asynchronous phase. Every I/O is a scheduling point: the task
	// goes on changing state meanwhile, and none of that may show. A handle is
	// returned only when its bytes are durable. On error everything written is
	// discarded, best effort. Write releases the Pending; it is called at most once.
	Write(ctx context.Context) (KeyedHandle, error)
	// Discard releases a Pending that will not be written, or whose Write was
	// interrupted. It is idempotent, also after Write.
	Discard() error
}

// Entry is one entry of keyed state as Entries reports it, encoded.
type Entry struct {
	State     string
	Group     int
	Key       string
	Namespace string
	UserKey   string // map state; of a timer its time (TimeKey)
	Index     int    // list state: the element's position, from 0
	Value     []byte // encoded by the state's codec; of a timer empty
}

// Scope says who may use a stream's file.
type Scope uint8

// The scopes of checkpoint streams.
const (
	Exclusive Scope = iota // belongs to one checkpoint and dies with it
	Shared                 // may be named by several checkpoints
)

// CheckpointStreams is the side of a checkpoint storage that state backends use.
type CheckpointStreams interface {
	// Create opens a stream of checkpoint id. Nothing is visible to others until
	// it is closed for its handle.
	Create(ctx context.Context, id CheckpointID, scope Scope) (StreamWriter, error)
	// Open reads a whole stream back. Length and checksum are verified before a
	// byte is returned: a damaged stream is an error that names it.
	Open(ctx context.Context, h StreamHandle) (StreamReader, error)
	// Discard deletes what h names. A missing file is no error.
	Discard(ctx context.Context, h StreamHandle) error
}

// StreamWriter writes one checkpoint stream.
type StreamWriter interface {
	io.Writer
	// Offset is the number of bytes written so far.
	Offset() int64
	// CloseForHandle makes the bytes and their name durable, then returns their
	// handle. A stream that was never written gives the empty handle.
	CloseForHandle() (StreamHandle, error)
	// Abort drops the stream and deletes what was written, best effort. It does
	// nothing after CloseForHandle succeeded, and is idempotent.
	Abort() error
}

// StreamReader reads one checkpoint stream.
type StreamReader interface {
	io.Reader
	io.ReaderAt
	io.Closer
	// Size is the stream's length in bytes.
	Size() int64
}

// StreamHandle names bytes that a checkpoint storage keeps. The zero value is
// the empty stream. Handles are values: nobody changes one that was handed out.
type StreamHandle struct {
	Path      string // file on the storage; empty if inlined
	Inline    []byte // the bytes themselves, if they were few
	SizeBytes int64
	Sum       uint64 // xxhash64 of the bytes
	Scope     Scope
	// Placeholder: the bytes were uploaded for an earlier checkpoint, and the
	// coordinator knows them by Path. What the handle says beside it is what the
	// task remembers.
	Placeholder bool
}

// IsEmpty tells whether the handle names no bytes at all.
func (h StreamHandle) IsEmpty() bool { return h.SizeBytes == 0 && h.Path == "" && !h.Placeholder }

// KeyedHandle is what a snapshot of one keyed instance left behind. A full
// snapshot is one Stream with an offset per key group; an incremental one is
// Files, with a Stream that describes them.
type KeyedHandle struct {
	Backend    string // Name of the backend that wrote it
	Format     string // name and version of the layout, as "heap/1"
	Checkpoint CheckpointID
	KeyGroups  KeyGroupRange
	Stream     StreamHandle
	Offsets    []int64 // one per group of KeyGroups, into Stream; -1: the group is empty
	Files      []FileHandle
}

// FileHandle is one file of an incremental snapshot.
type FileHandle struct {
	Name   string // as the engine calls it
	Stream StreamHandle
}

// OperatorHandle is what a snapshot of one subtask's operator state left behind.
type OperatorHandle struct {
	Format string
	Stream StreamHandle
	States []OperatorStateHandle // in the order of their names
}

// OperatorStateHandle locates the elements of one operator state in its stream.
type OperatorStateHandle struct {
	Name    string
	Mode    DistributionMode
	Codec   CodecID
	Offsets []int64 // one per list element
}

// DistributionMode says how operator state is dealt to subtasks when the
// parallelism changes.
type DistributionMode uint8

// The modes. The order is Flink's wire order.
const (
	Split DistributionMode = iota
	Union
	Broadcast
)
