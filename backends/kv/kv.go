// Package kv turns any ordered key/value store into a state backend: composite
// keys, a family for each state and queue of timers, lists by merging, snapshots
// of all entries in canonical order, and incremental ones where the store has its
// own.
//
// Start at Engine, Store and Family: whoever has a store implements those, and
// New makes a backend of them; the package's example is a whole one. Values are
// encoded on every access, so what is read is always the caller's own.
//
// Layout of keys (key.go):
//
//	key group   1 byte if the operator has at most 128, else 2, big-endian
//	key         as it is: of one length, or ended by two zero bytes
//	namespace   0x00 for the void one; else 0x01, its bytes, 0x00 0x00
//	user key    of map state: the rest
//
// It is Flink's, but for how a namespace of variable length ends. Keys of one
// family are in the order of these four, each compared as bytes. A queue of timers
// has the parts in another order (timer_key.go), so that a group's first timer
// comes first:
//
//	key group   as above
//	time        8 bytes, big-endian, the sign bit flipped
//	key         as above
//	namespace   as above
//
// Layout of values: value and reducing state have the codec's bytes, aggregating
// state those of its accumulator; map state the byte 0x00, which says that there is
// a value, then the codec's bytes; list state its elements with a comma between,
// each behind its length unless the codec is a backends.FixedSizer; a timer none.
//
// A canonical savepoint (canonical.go) has the entries of a view as Entries reports
// them, in backends.SavepointFormat, and is restored whatever backend wrote it
// (savepoint.go). It does not tell whether elements are of one length: lists that
// come from one are framed until the job registers their codec, and then laid out
// anew; a state whose codec takes over what another wrote is rewritten then as well
// (adopt.go).
//
// Full snapshots and savepoints leave out what had expired in their synchronous
// phase, where the job asks for it (expiry.go).
//
// Timers are written through to the store. The first of each key group are cached
// in front of it (timer_group.go), and read again when the cache is used up.
//
// States that a restored snapshot holds and the job has not registered are kept,
// reported by Entries and written again.
//
// Tuning: "kv.chunk_bytes" is the size of the pieces in which a full snapshot is
// written (default 1024, at least 16); "kv.page_entries" is how many entries of a
// map are read at a time (default 128, at least 1); "kv.timer_cache" is how many
// timers of a key group are cached (default 128, at least 1).
//
// Counters: "full_snapshots_written", "full_snapshots_restored",
// "savepoints_written", "savepoints_restored" (canonical ones), "states_migrated"
// (rewritten for another codec), "list_merges", "timer_cache_refills" (reads of more
// timers of a key group), "listing_seeks" (entries passed over while keys were
// listed).
package kv

import (
	"context"
	"fmt"

	"flinch/backends"
)

// Format is the layout of full snapshots: states, key groups and entries in
// canonical order, whatever store they come from.
const Format = "kv/1"

const (
	tuneChunkBytes  = "kv.chunk_bytes"
	tunePageEntries = "kv.page_entries"

	countTimerRefills = "timer_cache_refills"
	countListingSeeks = "listing_seeks"

	countSavepointsWritten  = "savepoints_written"
	countSavepointsRestored = "savepoints_restored"
	countMigrated           = "states_migrated"

	pageEntriesDefault = 128
	pageEntriesMax     = 1 << 16
)

// Backend keeps state in the stores of one engine.
type Backend struct{ engine Engine }

var (
	_ backends.Backend     = (*Backend)(nil)
	_ backends.Unavailable = (*Backend)(nil)
)

// New returns a backend that keeps state in stores of e. Whether it is a
// backends.Opaque is for e's package to say, on a type that embeds the Backend.
func New(e Engine) *Backend { return &Backend{engine: e} }

// Name is the engine's.
func (b *Backend) Name() string { return b.engine.Name() }

// Unavailable is what the engine says, if it says anything.
func (b *Backend) Unavailable() string {
	if u, ok := b.engine.(backends.Unavailable); ok {
		return u.Unavailable()
	}
	return ""
}

// OpenKeyed returns an instance that is empty, or holds what p.Restore has of
// p.KeyGroups. Handles in the layout Format may come from any engine, canonical
// savepoints from any backend; the others are this engine's.
func (b *Backend) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("open %s state of %s/%d: %w", b.Name(), p.Operator, p.Subtask, err)
	}
	in := newInstance(b.engine, p)
	if err := in.open(ctx); err != nil {
		return nil, err
	}
	return in, nil
}

// pageEntries is the drawn size of a page, made usable.
func pageEntries(tuning map[string]int64) int {
	wanted, ok := tuning[tunePageEntries]
	if !ok {
		return pageEntriesDefault
	}
	return int(min(max(wanted, 1), pageEntriesMax))
}
