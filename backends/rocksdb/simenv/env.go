//go:build cgo && !norocksdb

package simenv

// #cgo CXXFLAGS: -std=c++17 -O2 -Wall
// #cgo LDFLAGS: -lrocksdb -lstdc++ -ldl -pthread
// #include "simenv.h"
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/afero"
)

// FS is what an Env keeps its files on; backends.FS satisfies it. Paths are
// absolute and slash-separated. Calls come from inside of the engine: they may
// not yield, not panic, and not call into the engine.
type FS interface {
	afero.Fs
	// Link makes newname a hard link of oldname.
	Link(oldname, newname string) error
	// SyncDir makes the names in the directory durable.
	SyncDir(name string) error
}

// Locker is implemented by an FS whose locks are held by a process, over all its
// Envs. Without it, each Env has locks of its own. Optional.
type Locker interface {
	// Lock takes a lock on a name and returns what gives it up.
	Lock(name string) (unlock func(), err error)
}

// Params are those of one Env.
type Params struct {
	FS FS
	// Now is the virtual time. nil: always 0.
	Now func() time.Duration
	// Identity is the instance's: session ids are made of it and of the number of
	// the opening, so two instances that meet in one run need two of them.
	Identity uint64
	// Stepped jobs hand over before every Append and Sync of an SST that they write;
	// others run whole.
	Stepped bool
	// NoOptionsFiles: the engine may not write its options down, whenever it opens
	// and makes a column family, and read them back to compare: that takes more time
	// than all else there. It goes on without.
	NoOptionsFiles bool
	// Choose says which of n jobs, oldest first, goes on: 0 to n-1. It is asked for
	// n > 1 only. nil: the first.
	Choose func(n int) int
}

// Env is the machine of one database. It is used by one goroutine at a time, and
// so are the engine's calls that may reach it.
type Env struct {
	p     Params
	slot  uint32
	c     *C.simenv
	count *C.simenv_counters

	files []afero.File      // by the number that the engine has
	free  []int             // numbers without a file
	locks map[string]func() // held, with what gives them up

	failures []error // handed to the engine, by number - 1
	unopened error   // the newest of them for which a file could not be opened to be read
	unnamed  error   // the newest of them for which a rename failed, or the sync of a folder
	sessions []string
	uniques  uint64
	slept    time.Duration // no earlier time than this is told any more
}

// New returns an Env of its own. It takes a slot of the process, which Release
// gives back; the slot's number reaches no file.
func New(p Params) (*Env, error) {
	if p.FS == nil {
		return nil, errors.New("open a simulated Env: no file system")
	}
	if err := checkVersion(); err != nil {
		return nil, err
	}
	if p.Now == nil {
		p.Now = func() time.Duration { return 0 }
	}
	e := &Env{p: p, locks: map[string]func(){}}
	slots.take(e)
	e.c = C.simenv_open(C.uint32_t(e.slot), truth(p.Stepped), truth(p.Choose != nil))
	e.count = C.simenv_count(e.c)
	return e, nil
}

// Release gives the Env's slot back. With an error, files or locks are held or
// jobs left, so that the engine may still come back: the slot stays taken.
// Nothing may be called afterwards, but Sessions and Join.
func (e *Env) Release() error {
	held := len(e.files) - len(e.free)
	if held > 0 || len(e.locks) > 0 || e.Backlog() > 0 {
		return fmt.Errorf("release the simulated Env: %d files and %d locks are held, and %d jobs are left",
			held, len(e.locks), e.Backlog())
	}
	slots.give(e)
	e.c, e.count = nil, nil
	return nil
}

// Sessions lists the ids of the openings so far.
func (e *Env) Sessions() []string { return append([]string(nil), e.sessions...) }

// Refused lists the methods that the engine called and that are not supported,
// each with the number of calls.
func (e *Env) Refused() []string {
	text := make([]byte, 4096)
	n := C.simenv_refused(e.c, (*C.char)(pointer(text)), C.size_t(len(text)))
	return strings.FieldsFunc(string(text[:min(int(n), len(text))]), func(r rune) bool { return r == '\n' })
}

// threads is how many threads of the machine ever called into the Env, and how
// many calls began while another one was going on.
func (e *Env) threads() (seen, overlaps int64) {
	return load(&e.count.threads), load(&e.count.overlaps)
}

// slots has the Envs of this process by number. The engine's calls read the table
// without a lock; New and Release replace it.
var slots slotTable

type slotTable struct {
	mu    sync.Mutex
	table atomic.Pointer[[]*Env]
}

func (t *slotTable) take(e *Env) {
	t.mu.Lock()
	defer t.mu.Unlock()
	table := t.copied()
	at := 0
	for at < len(table) && table[at] != nil {
		at++
	}
	if at == len(table) {
		table = append(table, nil)
	}
	table[at] = e
	e.slot = uint32(at)
	t.table.Store(&table)
}

func (t *slotTable) give(e *Env) {
	t.mu.Lock()
	defer t.mu.Unlock()
	table := t.copied()
	table[e.slot] = nil
	t.table.Store(&table)
}

func (t *slotTable) copied() []*Env {
	if old := t.table.Load(); old != nil {
		return append([]*Env(nil), *old...)
	}
	return nil
}

// at is the Env of a slot that is in use: no slot is given back while the engine
// holds anything of it.
func (t *slotTable) at(slot C.uint32_t) *Env { return (*t.table.Load())[slot] }
