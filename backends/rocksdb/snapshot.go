//go:build cgo && !norocksdb

package rocksdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"

	"flinch/backends"
	"flinch/backends/kv"
)

// format is the layout of incremental snapshots: the engine's own files, with the
// table of states beside them.
const format = "rocksdb/1"

// incremental is a store whose snapshots are its files.
type incremental struct{ *store }

var (
	_ kv.Snapshotter      = incremental{}
	_ kv.Store            = incremental{}
	_ backends.Maintainer = incremental{}
)

// pending is an incremental snapshot between its two phases: a folder of hard
// links to the table files, which nobody changes any more.
type pending struct {
	s        *store
	id       backends.CheckpointID
	dir      string // "": removed
	table    []byte
	base     fileSet
	started  bool
	released bool
	aborted  bool // it will never be confirmed
}

var _ backends.Pending = (*pending)(nil)

var (
	errDiscarded = errors.New("the snapshot was discarded")
	errStarted   = errors.New("the snapshot has been written before")
)

// Snapshot flushes every family, proves it, and has the engine link its files.
func (i incremental) Snapshot(id backends.CheckpointID, table []byte) (backends.Pending, error) {
	s := i.store
	p, err := s.snapshot(id)
	if err != nil {
		return nil, err
	}
	p.table = bytes.Clone(table)
	s.pendings = append(s.pendings, p)
	return p, nil
}

func (s *store) snapshot(id backends.CheckpointID) (*pending, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	if err := s.flushAll(); err != nil {
		return nil, err
	}
	s.snapshots++
	p := &pending{
		s:    s,
		id:   id,
		dir:  path.Join(s.dir, fmt.Sprintf("chk-%d-%d", id, s.snapshots)),
		base: s.history.base,
	}
	if err := s.link(p.dir); err != nil {
		return nil, s.fail(fmt.Errorf("link the files into %s: %w", p.dir, err))
	}
	return p, nil
}

// link makes a folder that holds the database as it is in files.
func (s *store) link(dir string) error {
	c, err := s.db.NewCheckpoint()
	if err != nil {
		return err
	}
	defer c.Destroy()
	// The engine must not flush: it would wait for a job that nobody runs.
	return c.CreateCheckpoint(dir, math.MaxUint64)
}

// Tables returns what was kept beside the restored handles.
func (i incremental) Tables() [][]byte { return i.tables }

// NotifyComplete makes checkpoint id what later snapshots build on, if it is
// newer than what they do now and the store has written it.
func (i incremental) NotifyComplete(id backends.CheckpointID) error {
	i.history.confirmed(id)
	return nil
}

// NotifyAborted forgets checkpoint id.
func (i incremental) NotifyAborted(id backends.CheckpointID) error {
	i.history.forget(id)
	for _, p := range i.pendings {
		p.aborted = p.aborted || p.id == id
	}
	return nil
}

// NotifySubsumed does nothing.
func (i incremental) NotifySubsumed(backends.CheckpointID) error { return nil }

// Discard releases the snapshot and removes its folder. A Write that is under way
// fails at its next step.
func (p *pending) Discard() error {
	p.release()
	return p.removeFolder()
}

func (p *pending) release() {
	if p.released {
		return
	}
	p.released = true
	p.s.pendings = slices.DeleteFunc(p.s.pendings, func(o *pending) bool { return o == p })
}

// removeFolder is called with every right to fail: what stays behind goes when
// the store is closed.
func (p *pending) removeFolder() error {
	dir := p.dir
	if dir == "" || p.s.closed {
		return nil
	}
	p.dir = ""
	if err := p.s.files.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the files of checkpoint %d: %w", p.id, err)
	}
	return nil
}

// check tells why the snapshot must not go on, if so.
func (p *pending) check(ctx context.Context) error {
	switch {
	case p.s.closed:
		return errClosed
	case p.released:
		return errDiscarded
	}
	return ctx.Err()
}
