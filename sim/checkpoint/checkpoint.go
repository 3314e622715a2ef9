// Package checkpoint is what the coordinator remembers of completed
// checkpoints: their metadata, the store that says which are retained, and the
// root from which that store is recovered.
//
// Start at Store. It stands on a Pointer, the one small thing that is replaced
// atomically: a file (FilePointer), an entry of a coordination service
// (CoordinationPointer), or the job manager's memory (MemoryPointer). A
// checkpoint is complete when Store.Add has returned without an error, and not
// before. Checkpoints that Add hands back are no longer reachable from any root:
// the caller deletes their files afterwards, when it likes.
//
// The package follows Flink 2.x: savepoints are not in the store, and shared
// state is registered on each acknowledgement, by a registry of its own, so the
// store neither counts nor deletes files.
package checkpoint

import (
	"iter"

	"flinch/backends"
)

// Metadata says where all state of one checkpoint is.
type Metadata struct {
	ID             backends.CheckpointID
	Parallelism    int // of the job
	MaxParallelism int // number of key groups
	Attempt        int // which execution of the job took it, from 1
	Operators      []Operator
}

// Operator is one operator's part of a checkpoint.
type Operator struct {
	Name        string
	Parallelism int
	Subtasks    []Subtask // by subtask index
}

// Subtask is one subtask's part of a checkpoint.
type Subtask struct {
	Keyed    []backends.KeyedHandle
	Operator []backends.OperatorHandle
	Channels []ChannelHandle // records in flight, of an unaligned checkpoint
}

// ChannelHandle is a stream with the records that were in flight in the channels of
// a subtask, on their sender's side or on their receiver's.
type ChannelHandle struct {
	Output bool // the sender's
	Stream backends.StreamHandle
	Parts  []ChannelPart
}

// ChannelPart is one channel's part of the stream.
type ChannelPart struct {
	Peer    int   // subtask at the other end; -1: records that were restored, and not processed yet
	Offset  int64 // where it begins
	Records int
}

// Completed is a checkpoint of the store. Its metadata is lent: nobody changes
// it.
type Completed struct {
	ID       backends.CheckpointID
	Location string // where the storage published the metadata
	Metadata Metadata
	// Unclaimed says that the job does not own it: see Submission.
	Unclaimed bool
}

// Streams yields every stream handle of the checkpoint, in order, empty and
// inlined ones included.
func (m Metadata) Streams() iter.Seq[backends.StreamHandle] {
	return func(yield func(backends.StreamHandle) bool) {
		for _, o := range m.Operators {
			for _, s := range o.Subtasks {
				if !s.streams(yield) {
					return
				}
			}
		}
	}
}

// Streams yields every stream handle of the subtask, in order, empty and
// inlined ones included.
func (s Subtask) Streams() iter.Seq[backends.StreamHandle] {
	return func(yield func(backends.StreamHandle) bool) { s.streams(yield) }
}

func (s Subtask) streams(yield func(backends.StreamHandle) bool) bool {
	for _, k := range s.Keyed {
		if !yield(k.Stream) {
			return false
		}
		for _, f := range k.Files {
			if !yield(f.Stream) {
				return false
			}
		}
	}
	for _, o := range s.Operator {
		if !yield(o.Stream) {
			return false
		}
	}
	for _, c := range s.Channels {
		if !yield(c.Stream) {
			return false
		}
	}
	return true
}
