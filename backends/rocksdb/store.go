//go:build cgo && !norocksdb

package rocksdb

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/linxGnu/grocksdb"

	"flinch/backends"
	"flinch/backends/kv"
)

// store is one instance's database.
type store struct {
	place
	params backends.KeyedParams
	tuning tuning
	count  func(counter string, n int64)

	db       *database // nil: not open yet
	flush    *grocksdb.FlushOptions
	families map[string]*family
	names    []string // of the families, in order
	expiring []*family

	views     []*view    // open ones
	pendings  []*pending // open ones
	snapshots int        // begun so far
	history   history
	tables    [][]byte

	flushes, compactions, dropped int64 // counted so far
	broken                        error // the first error of the engine; wraps backends.ErrBroken
	closed                        bool
}

var (
	_ kv.Store            = (*store)(nil)
	_ backends.Maintainer = (*store)(nil)
)

var errClosed = errors.New("the store is closed")

func newStore(pl place, p backends.KeyedParams) *store {
	s := &store{
		place:    pl,
		params:   p,
		tuning:   newTuning(p.Tuning),
		count:    p.Count,
		flush:    grocksdb.NewDefaultFlushOptions(),
		families: make(map[string]*family),
	}
	s.flush.SetWait(false)
	if s.count == nil {
		s.count = func(string, int64) {}
	}
	return s
}

// usable tells why the instance takes no more calls, if so.
func (s *store) usable() error {
	switch {
	case s.closed:
		return errClosed
	case s.broken != nil:
		return s.broken
	}
	return nil
}

// enter is called first by every operation of the task.
func (s *store) enter() error {
	if s.closed || s.broken != nil {
		return s.usable()
	}
	if s.db.machine.Suspended() > 0 {
		s.count(countDuringStepped, 1)
	}
	return nil
}

// fail breaks the instance because of err, an error of the engine or of its
// files, which it returns with what it stands for.
func (s *store) fail(err error) error {
	if s.db != nil {
		err = s.db.machine.Join(err)
	}
	err = fmt.Errorf("%w: %w", backends.ErrBroken, err)
	if s.broken == nil {
		s.broken = err
	}
	return err
}

// Family returns a family, made if it is missing.
func (s *store) Family(name string) (kv.Family, error) {
	f, err := s.family(name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (s *store) family(name string) (*family, error) {
	if err := s.usable(); err != nil {
		return nil, fmt.Errorf("open state %q: %w", name, err)
	}
	if f := s.families[name]; f != nil {
		return f, nil
	}
	c, err := s.db.addColumn(columnName(name))
	if err != nil {
		return nil, s.fail(fmt.Errorf("create state %q: %w", name, err))
	}
	return s.addFamily(name, c), nil
}

func (s *store) addFamily(name string, c column) *family {
	f := &family{s: s, name: name, handle: c.handle}
	s.families[name] = f
	at, _ := slices.BinarySearch(s.names, name)
	s.names = slices.Insert(s.names, at, name)
	return f
}

// Families lists the names of all families in order.
func (s *store) Families() []string { return slices.Clone(s.names) }

// Backlog is the number of background jobs that wait or are under way.
func (s *store) Backlog() int {
	if s.closed {
		return 0
	}
	return s.db.machine.Backlog()
}

// Maintain advances one background job by one step.
func (s *store) Maintain(ctx context.Context) error {
	err := s.usable()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("advance background work: %w", err)
	}
	s.tellTime()
	s.db.machine.Step()
	s.countJobs()
	return s.background()
}

// Close releases everything and deletes the instance's files. What the engine
// says while it closes is of no interest any more; the file system's errors are
// returned.
func (s *store) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	for _, v := range slices.Clone(s.views) {
		v.Release()
	}
	for _, p := range slices.Clone(s.pendings) {
		p.release()
	}
	var err error
	if s.db != nil {
		s.db.machine.Drain()
		s.countJobs()
		err = s.db.close()
	}
	s.flush.Destroy()
	// Last, since it may not return if the task is dead.
	return errors.Join(err, s.files.RemoveAll(s.dir))
}
