//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/linxGnu/grocksdb"

	"flinch/backends/kv"
)

// view is a snapshot of the engine, with the iterators that read it.
type view struct {
	s         *store
	snapshot  *grocksdb.Snapshot
	read      *grocksdb.ReadOptions
	families  map[string]*family
	iterators []*grocksdb.Iterator // open ones
	released  bool
}

var _ kv.View = (*view)(nil)

var errReleased = errors.New("it was released")

// View fixes what the store holds now.
func (s *store) View() (kv.View, error) {
	if err := s.enter(); err != nil {
		return nil, fmt.Errorf("take a view: %w", err)
	}
	v := &view{
		s:        s,
		snapshot: s.db.NewSnapshot(),
		read:     grocksdb.NewDefaultReadOptions(),
		families: maps.Clone(s.families),
	}
	v.read.SetSnapshot(v.snapshot)
	s.views = append(s.views, v)
	return v, nil
}

// Scan calls yield for each key in [from, to) of a family. Keys and values are
// copied for it: when it returns, the iterator may be gone with all it lends.
func (v *view) Scan(name string, from, to []byte, yield func(key, value []byte) bool) error {
	if err := v.usable(); err != nil {
		return fmt.Errorf("scan a view of state %q: %w", name, err)
	}
	f := v.families[name]
	if f == nil {
		return nil
	}
	it := v.s.db.NewIteratorCF(v.read, f.handle)
	v.iterators = append(v.iterators, it)
	defer v.drop(it)
	var key, value []byte
	in := bounds{from, to}
	for it.Seek(from); it.Valid(); it.Next() {
		key = append(key[:0], it.Key().Data()...)
		if in.end(key) {
			return nil
		}
		value = append(value[:0], it.Value().Data()...)
		if !yield(key, value) {
			return nil
		}
		if v.released {
			return fmt.Errorf("scan a view of state %q: %w", name, errReleased)
		}
	}
	if err := it.Err(); err != nil {
		return v.s.fail(fmt.Errorf("scan a view of state %q: %w", name, err))
	}
	return nil
}

func (v *view) usable() error {
	if v.released {
		return errReleased
	}
	return v.s.usable()
}

// drop closes an iterator, unless Release has.
func (v *view) drop(it *grocksdb.Iterator) {
	if at := slices.Index(v.iterators, it); at >= 0 {
		v.iterators = slices.Delete(v.iterators, at, at+1)
		it.Close()
	}
}

// Release closes the iterators, then the snapshot.
func (v *view) Release() {
	if v.released {
		return
	}
	v.released = true
	for _, it := range v.iterators {
		it.Close()
	}
	v.iterators = nil
	v.s.db.ReleaseSnapshot(v.snapshot)
	v.read.Destroy()
	v.s.views = slices.DeleteFunc(v.s.views, func(o *view) bool { return o == v })
}
