//go:build cgo && !norocksdb

package simenv

// #include "simenv.h"
import "C"

import (
	"fmt"
	"sync"

	"github.com/linxGnu/grocksdb"
)

// Expiry makes the compactions of one database leave out values that have expired.
// It works with any Env, the engine's own included: the engine asks no Go code.
//
// An encoded value begins with the time of its last access, 8 bytes big-endian. The
// engine shows values that were put, and lists that it has joined; not what was only
// appended. It heeds no snapshots: readers of an older one may miss what has expired.
type Expiry struct{ slot uint32 }

// Layout is how values lie that may have expired.
type Layout int

// The layouts: a value alone, behind a flag of one byte, or elements with commas
// between them.
const (
	Plain   Layout = C.SIMENV_PLAIN
	Flagged Layout = C.SIMENV_MAP
	Joined  Layout = C.SIMENV_LIST
)

// Expiring says which values of a column family have expired: those whose stamp is
// Lifetime or more before Now.
type Expiring struct {
	Layout       Layout
	ElementBytes int   // of Joined ones; 0: each element stands behind its length
	Lifetime     int64 // milliseconds
	Now          int64 // milliseconds
}

// NewExpiry returns an expiry by which nothing expires. It takes a slot of the
// process, which Release gives back; the slot's number reaches no file.
func NewExpiry() *Expiry {
	e := &Expiry{slot: expiries.take()}
	C.simenv_expiry_open(C.uint32_t(e.slot))
	return e
}

// Options returns a copy of base for the database and all its column families, which
// share the expiry. The caller owns the copy.
func (e *Expiry) Options(base *grocksdb.Options) (*grocksdb.Options, error) {
	// The engine would compact files for their age alone.
	text := fmt.Sprintf("compaction_filter_factory=%s://%d;periodic_compaction_seconds=0", C.GoString(C.simenv_expiry_scheme()), e.slot)
	o, err := grocksdb.GetOptionsFromString(base, text)
	if err != nil {
		return nil, fmt.Errorf("options for leaving out what has expired: %w", err)
	}
	return o, nil
}

// Set says what the compactions of a column family leave out that begin from now on.
// A compaction's time stands still.
func (e *Expiry) Set(family uint32, of Expiring) {
	C.simenv_expiry_set(C.uint32_t(e.slot), C.uint32_t(family), &C.simenv_expiring{
		layout: C.int32_t(of.Layout), element_bytes: C.uint32_t(of.ElementBytes),
		lifetime: C.int64_t(of.Lifetime), now: C.int64_t(of.Now),
	})
}

// Dropped is how many values were left out so far.
func (e *Expiry) Dropped() int64 { return int64(C.simenv_expiry_dropped(C.uint32_t(e.slot))) }

// Release is called after the database is closed.
func (e *Expiry) Release() { expiries.give(e.slot) }

// expiries are the slots of this process.
var expiries slotPool

type slotPool struct {
	mu   sync.Mutex
	next uint32
	free []uint32
}

func (p *slotPool) take() uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		slot := p.free[n-1]
		p.free = p.free[:n-1]
		return slot
	}
	p.next++
	return p.next - 1
}

func (p *slotPool) give(slot uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, slot)
}
