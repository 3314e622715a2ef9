// Package storage keeps checkpoints: the streams that state backends write and
// the metadata that the coordinator publishes once all of them are there. Three
// kinds exist. Filesystem keeps files in Flink's layout,
//
//	<root>/<job>/shared/       files that several checkpoints may name
//	<root>/<job>/taskowned/    files that live as long as the job
//	<root>/<job>/chk-<n>/      everything else of checkpoint n, and its _metadata
//	<root>/savepoints/savepoint-<n>/  everything of savepoint n
//
// Memory carries every stream inside its handle, and the metadata in the job
// manager's memory unless it is given a durable place for it. ObjectStore keeps
// objects under the names of those files.
//
// The rule of use: a handle, and the pointer that Publish returns, mean that
// the bytes and the names that lead to them survive a power loss. A checkpoint
// without a complete _metadata does not exist.
//
// Each process (task manager, job manager) makes its own value over its own
// view of the storage machine's file system; making one does no I/O. A value is
// not for concurrent use, but any call on the file system may let another
// coroutine of the same process in. Errors of the file system are wrapped, so
// that injected ones stay visible to errors.Is.
package storage

import (
	"context"
	"errors"

	"flinch/backends"
)

// The kinds of storage, as cases and reports call them.
const (
	KindFilesystem  = "filesystem"
	KindMemory      = "job-manager-memory"
	KindObjectStore = "object-store"
)

// ErrCorrupt is wrapped by errors that say that stored bytes are not the ones
// that were written: wrong length, wrong checksum, or no frame at all.
var ErrCorrupt = errors.New("corrupt")

// Storage is what the coordinator sees of a checkpoint storage; the embedded
// part is what state backends see.
type Storage interface {
	backends.CheckpointStreams

	// Kind is one of the kinds of storage.
	Kind() string
	// Savepoint tells this value that checkpoint id is a savepoint: it has a place
	// outside of the job's, and shares nothing. Whoever writes or discards one says
	// so first; nothing is done on storage.
	Savepoint(id backends.CheckpointID)
	// Initialize makes the place where checkpoint id will be written. The
	// coordinator calls it before it triggers the checkpoint; a place that is
	// there already is an error, since no id is used twice. After an error the
	// place may exist: DiscardCheckpoint removes it.
	Initialize(ctx context.Context, id backends.CheckpointID) error
	// Publish makes the metadata of checkpoint id durable, last and atomically,
	// and returns the pointer under which ReadMetadata finds it. The metadata
	// must be sealed (Seal). After an error the checkpoint is not complete, since
	// nothing points to it: the caller discards it.
	Publish(ctx context.Context, id backends.CheckpointID, metadata []byte) (pointer string, err error)
	// ReadMetadata returns the sealed metadata that pointer names, its length and
	// checksum verified.
	ReadMetadata(ctx context.Context, pointer string) ([]byte, error)
	// DiscardCheckpoint removes the metadata of checkpoint id first, so that
	// nobody takes what is left for a checkpoint, then its exclusive files and
	// its place. What is missing is no error. It goes on after an error and
	// returns all of them joined; calling it again is right. Shared files stay:
	// whoever counts their users discards them by handle.
	DiscardCheckpoint(ctx context.Context, id backends.CheckpointID) error
}
