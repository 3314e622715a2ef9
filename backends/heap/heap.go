// Package heap keeps state as Go objects in memory, as Flink's HashMapStateBackend
// does, and takes snapshots without stopping the task.
//
// Start at Backend. Each state has one table for each key group (table.go). A
// snapshot copies the tables' bucket arrays, nothing else; from then on the task
// copies an entry before it changes it, and a value before it hands it out, as
// long as some open snapshot holds them. The asynchronous phase meanwhile writes
// what the copied buckets lead to (write.go). Snapshots are always full: one
// stream in the layout "heap/2" (format.go), or in backends.SavepointFormat if it is
// asked for (savepoint.go). The latter is restored whatever backend wrote it.
//
// A queue of timers is a set of them in such tables, which snapshots freeze like any
// others, and beside it one priority queue over all key groups (queue.go), which
// is made anew from the tables when the job registers it after a restore.
//
// States and queues that a restored snapshot holds and the job has not registered
// are kept as they were written, reported by Entries and written again. A state's
// values become live at its registration, all or none.
//
// Of state with a time to live, snapshots leave out what had expired, and accesses
// drop it a few entries at a time (cleanup.go), if the job asks for it.
//
// States that are declared queryable have a lock each, under which other goroutines
// look at the tables, and the task is lent copies (query.go, shared.go).
//
// Tuning: "heap.table_capacity" is the initial number of buckets of a table
// (default 128, at least 4, rounded up to a power of two); "heap.chunk_bytes" is
// the size of the pieces in which a snapshot is written (default 1024, at least 16).
package heap

import (
	"context"
	"fmt"
	"math/bits"

	"flinch/backends"
)

const (
	backendName = "heap"

	tuneTableCapacity = "heap.table_capacity"
	tuneChunkBytes    = "heap.chunk_bytes"
)

// Backend makes keyed state that lives on the Go heap. The zero value is ready
// to use.
type Backend struct{}

var _ backends.Backend = (*Backend)(nil)

// New returns a heap backend.
func New() *Backend { return &Backend{} }

// Name is "heap".
func (*Backend) Name() string { return backendName }

// OpenKeyed returns an instance that is empty, or holds what p.Restore has of
// p.KeyGroups. It uses p.Storage alone, not p.Local.
func (*Backend) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("open heap state of %s/%d: %w", p.Operator, p.Subtask, err)
	}
	in := newInstance(p)
	for _, h := range p.Restore {
		if err := in.restore(ctx, h); err != nil {
			return nil, fmt.Errorf("restore checkpoint %d into %s/%d: %w", h.Checkpoint, p.Operator, p.Subtask, err)
		}
	}
	return in, nil
}

// tableCapacity is the drawn capacity of new tables, made usable.
func tableCapacity(tuning map[string]int64) int {
	wanted, ok := tuning[tuneTableCapacity]
	if !ok {
		return capacityDefault
	}
	wanted = min(max(wanted, capacityMin), capacityMax)
	return 1 << bits.Len64(uint64(wanted)-1)
}
