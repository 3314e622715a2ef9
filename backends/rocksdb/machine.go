//go:build cgo && !norocksdb

package rocksdb

import (
	"github.com/linxGnu/grocksdb"
	"github.com/spf13/afero"
)

// machine is what one open database runs on: its files, its threads and its
// time. *simenv.Env is one.
type machine interface {
	// Options returns a copy of base with all that the machine needs. The caller
	// destroys it, then base.
	Options(base *grocksdb.Options) (*grocksdb.Options, error)
	// Backlog is the number of background jobs that wait or are under way, and
	// Suspended that of jobs which stand in the middle.
	Backlog() int
	Suspended() int
	// Step advances one background job and StepFlush one flush, by one step; both
	// tell whether there was any. Drain runs all there are.
	Step() bool
	StepFlush() bool
	Drain()
	// Jobs counts the jobs that have ended.
	Jobs() (flushes, compactions int64)
	// Join adds to an error of the engine the injected one that its text names.
	Join(err error) error
	// Release is called after the database is closed.
	Release() error
}

// place is where the databases of one instance are.
type place struct {
	files afero.Fs // what the engine writes, for calls that may be scheduling points
	dir   string   // of the instance alone
	// waits: a flush is waited for, since the engine has threads that do it.
	waits bool
	// machine makes a machine for one more database.
	machine func() (machine, error)
}
