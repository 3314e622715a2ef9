//go:build cgo && !norocksdb

package simenv

// #include "simenv.h"
import "C"

import (
	"fmt"

	"github.com/linxGnu/grocksdb"
)

// Settings that the Env's rules hang on.
const (
	// WriteBufferBytes is the size of a memtable, out of reach: the owner counts
	// what it writes, and flushes.
	WriteBufferBytes = 64 << 20

	arenaBlockBytes    = 4 << 10
	writeBuffersMax    = 256
	triggerOutOfReach  = 1 << 30
	steppedBufferBytes = 1 << 10
)

// settings are those that only the options string reaches.
const settings = "avoid_flush_during_shutdown=true;max_bgerror_resume_count=0;" +
	"merge_operator={id=stringappendtest;delimiter=,}"

// Options returns a copy of base with this Env and with every setting without
// which the engine hangs, takes threads of its own or switches memtables by
// itself; compression is off. The caller owns the copy, may change what is not
// among these settings (compression, sizes of levels and files, block tables),
// destroys it after the database was closed, and keeps base until then.
//
// A database is opened with them, and each of its column families with them or
// with another copy, made by the same Env:
//
//	grocksdb.OpenDbColumnFamilies(opts, "/db", names, []*grocksdb.Options{opts, opts})
//
// Writes of lists go through RocksDB's own operator that joins with a comma.
func (e *Env) Options(base *grocksdb.Options) (*grocksdb.Options, error) {
	text := fmt.Sprintf("env=%s://%d;%s", C.GoString(C.simenv_scheme()), e.slot, settings)
	o, err := grocksdb.GetOptionsFromString(base, text)
	if err != nil {
		return nil, fmt.Errorf("options for the simulated Env: %w", err)
	}
	o.SetWriteBufferSize(WriteBufferBytes)
	o.SetArenaBlockSize(arenaBlockBytes)
	o.SetMaxWriteBufferNumber(writeBuffersMax)
	o.SetLevel0SlowdownWritesTrigger(triggerOutOfReach)
	o.SetLevel0StopWritesTrigger(triggerOutOfReach)
	o.SetSoftPendingCompactionBytesLimit(0)
	o.SetHardPendingCompactionBytesLimit(0)
	o.SetMaxFileOpeningThreads(1)
	o.SetMaxSubcompactions(1)
	o.SetStatsDumpPeriodSec(0)
	o.SetStatsPersistPeriodSec(0)
	o.SetCompression(grocksdb.NoCompression)
	if e.p.Stepped {
		// Table writers hand over when their buffer is full: a small one makes places
		// to stop at in small tables, too.
		o.SetWritableFileMaxBufferSize(steppedBufferBytes)
	}
	return o, nil
}
