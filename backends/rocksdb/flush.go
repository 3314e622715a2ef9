//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"
	"fmt"

	"github.com/linxGnu/grocksdb"
)

// The counters of a run that this package adds to.
const (
	countFlushesBySize = "flushes_by_size"
	countFlushes       = "flushes"
	countCompactions   = "compactions"
	countReopens       = "db_reopens"
	countDuringStepped = "operations_during_stepped_jobs"
	countExpired       = "ttl_compacted"
)

// The engine's properties that are asked for.
const (
	propImmutables = "rocksdb.num-immutable-mem-table"
	propActive     = "rocksdb.num-entries-active-mem-table"
	propErrors     = "rocksdb.background-errors"
)

// immutablesMax is how many write buffers of a family may wait for their flush.
// The engine would wait for a flush at four times as many, and for ever, since
// nobody runs jobs while it waits.
const immutablesMax = 64

// flushBySize has a family's write buffer flushed when background work is next
// advanced.
func (s *store) flushBySize(f *family) error {
	if s.waits {
		s.tellTime()
	}
	if err := s.db.FlushCF(f.handle, s.flush); err != nil {
		return s.fail(fmt.Errorf("flush state %q: %w", f.name, err))
	}
	f.written = 0
	s.count(countFlushesBySize, 1)
	if s.waits {
		return nil
	}
	if n, known := s.db.GetIntPropertyCF(propImmutables, f.handle); known && n < immutablesMax {
		return nil
	}
	return s.runFlushes()
}

// runFlushes runs the flushes that wait, and leaves compactions alone.
func (s *store) runFlushes() error {
	for s.db.machine.StepFlush() {
	}
	s.countJobs()
	return s.background()
}

// flushAll brings everything into files.
func (s *store) flushAll() error {
	s.flush.SetWait(s.waits)
	defer s.flush.SetWait(false)
	if s.waits {
		s.tellTime()
	}
	for _, name := range s.names {
		f := s.families[name]
		// Where flushes are waited for, one may still be under way.
		if f.written == 0 && !s.waits {
			continue
		}
		if err := s.db.FlushCF(f.handle, s.flush); err != nil {
			return s.fail(fmt.Errorf("flush state %q: %w", name, err))
		}
		f.written = 0
	}
	if err := s.runFlushes(); err != nil {
		return err
	}
	return s.proveFlushed()
}

// proveFlushed looks whether the engine has anything in memory. After a flush
// that failed in the background all calls still succeed, and a checkpoint would
// lack what was to be flushed.
func (s *store) proveFlushed() error {
	for _, name := range s.names {
		handle := s.families[name].handle
		waiting, known := s.db.GetIntPropertyCF(propImmutables, handle)
		active, known2 := s.db.GetIntPropertyCF(propActive, handle)
		if !known || !known2 || waiting > 0 || active > 0 {
			return s.fail(fmt.Errorf("flush state %q: %d write buffers and %d entries are still in memory", name, waiting, active))
		}
	}
	return nil
}

// background returns the error of a background job, which breaks the instance.
func (s *store) background() error {
	if n, known := s.db.GetIntProperty(propErrors); known && n == 0 {
		return nil
	}
	// The engine tells what it was to whoever writes next.
	nothing := grocksdb.NewWriteBatch()
	defer nothing.Destroy()
	err := s.db.Write(s.db.write, nothing)
	if err == nil {
		err = errors.New("the engine counts an error and does not say which")
	}
	return s.fail(fmt.Errorf("background work: %w", err))
}

// countJobs adds the jobs that have ended since the last time, and what they left
// out.
func (s *store) countJobs() {
	flushes, compactions := s.db.machine.Jobs()
	if n := flushes - s.flushes; n > 0 {
		s.count(countFlushes, n)
	}
	if n := compactions - s.compactions; n > 0 {
		s.count(countCompactions, n)
	}
	dropped := s.db.expiry.Dropped()
	if n := dropped - s.dropped; n > 0 {
		s.count(countExpired, n)
	}
	s.flushes, s.compactions, s.dropped = flushes, compactions, dropped
}
