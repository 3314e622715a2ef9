//go:build cgo && !norocksdb

package rocksdb

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"flinch/backends"
	"flinch/backends/kv"
)

// restore opens the database over what the handles hold, or an empty one.
func (s *store) restore(ctx context.Context) error {
	handles, err := s.handles(ctx)
	if err != nil {
		return err
	}
	base := s.bestBase(handles)
	if base < 0 {
		return s.openMain(nil)
	}
	if err := s.openBase(ctx, handles[base]); err != nil {
		return fmt.Errorf("restore checkpoint %d: %w", handles[base].Checkpoint, err)
	}
	for i, h := range handles {
		if i == base {
			continue
		}
		if err := s.copyFrom(ctx, i, h); err != nil {
			return fmt.Errorf("restore checkpoint %d: %w", h.Checkpoint, err)
		}
	}
	if h := handles[0]; len(handles) == 1 && h.KeyGroups == s.params.KeyGroups {
		s.history = history{id: h.Checkpoint, base: tableFiles(h.Files)}
	}
	return nil
}

// handles returns the incremental ones of what is to be restored, and reads their
// tables.
func (s *store) handles(ctx context.Context) ([]backends.KeyedHandle, error) {
	var handles []backends.KeyedHandle
	brought := make(map[int]backends.CheckpointID)
	for _, h := range s.params.Restore {
		if h.Format == kv.Format {
			continue
		}
		if h.Format != format {
			return nil, fmt.Errorf("restore checkpoint %d: snapshot is of backend %q in layout %q: this backend reads %q, %q and %q",
				h.Checkpoint, h.Backend, h.Format, format, kv.Format, backends.SavepointFormat)
		}
		r := s.wanted(h)
		for group := range r.Len() {
			if earlier, twice := brought[r.Start+group]; twice {
				return nil, fmt.Errorf("restore checkpoint %d: checkpoint %d has brought key group %d already", h.Checkpoint, earlier, r.Start+group)
			}
			brought[r.Start+group] = h.Checkpoint
		}
		table, err := backends.ReadStream(ctx, s.params.Storage, h.Stream)
		if err != nil {
			return nil, fmt.Errorf("restore checkpoint %d: read the table of states: %w", h.Checkpoint, err)
		}
		handles = append(handles, h)
		s.tables = append(s.tables, table)
	}
	return handles, nil
}

// wanted are the key groups of a handle that belong to the instance.
func (s *store) wanted(h backends.KeyedHandle) backends.KeyGroupRange {
	return h.KeyGroups.Intersect(s.params.KeyGroups)
}

// bestBase is the index of the handle that brings most key groups; -1: none
// brings any.
func (s *store) bestBase(handles []backends.KeyedHandle) int {
	best, most := -1, 0
	for i, h := range handles {
		if n := s.wanted(h).Len(); n > most {
			best, most = i, n
		}
	}
	return best
}

// openMain opens the instance's database, over the files of a handle if there is
// one.
func (s *store) openMain(restored *backends.KeyedHandle) error {
	db, err := openDatabase(s.place, s.tuning, opening{path: s.mainDir(), restored: restored != nil})
	if err != nil {
		return err
	}
	s.db = db
	if restored != nil {
		s.count(countReopens, 1)
	}
	for _, c := range db.columns {
		if c.name == defaultColumn {
			continue
		}
		name, err := familyName(c.name)
		if err != nil {
			return err
		}
		s.addFamily(name, c)
	}
	return nil
}

func (s *store) mainDir() string { return path.Join(s.dir, "db") }

// openBase opens the instance's database over the files of a handle, and hides
// what belongs to others.
func (s *store) openBase(ctx context.Context, h backends.KeyedHandle) error {
	if err := s.download(ctx, s.mainDir(), h.Files); err != nil {
		return err
	}
	if err := s.openMain(&h); err != nil {
		return err
	}
	wanted := s.wanted(h)
	if wanted == h.KeyGroups {
		return nil
	}
	for _, name := range s.names {
		f := s.families[name]
		if err := f.hide(s.prefix(0), s.prefix(wanted.Start)); err != nil {
			return err
		}
		if err := f.hide(s.prefix(wanted.End+1), s.prefix(s.params.MaxParallelism)); err != nil {
			return err
		}
	}
	return nil
}

// prefix begins every key of a key group: one byte where that is enough, else
// two.
func (s *store) prefix(group int) []byte {
	if s.params.MaxParallelism <= 1<<7 {
		return []byte{byte(group)}
	}
	return []byte{byte(group >> 8), byte(group)}
}

// copyFrom adds what another handle has of the instance's key groups, through a
// database that is there for so long.
func (s *store) copyFrom(ctx context.Context, i int, h backends.KeyedHandle) error {
	dir := path.Join(s.dir, fmt.Sprintf("restore-%d", i))
	if err := s.download(ctx, dir, h.Files); err != nil {
		return err
	}
	if err := s.copyColumns(ctx, dir, s.wanted(h)); err != nil {
		return err
	}
	return s.files.RemoveAll(dir)
}

func (s *store) copyColumns(ctx context.Context, dir string, wanted backends.KeyGroupRange) (err error) {
	db, err := openDatabase(s.place, s.tuning, opening{path: dir, restored: true, readOnly: true})
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, db.close())
	}()
	s.count(countReopens, 1)
	columns := slices.Clone(db.columns)
	slices.SortFunc(columns, func(a, b column) int { return strings.Compare(a.name, b.name) })
	for _, c := range columns {
		if c.name == defaultColumn {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.copyColumn(db, c, wanted); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) copyColumn(db *database, c column, wanted backends.KeyGroupRange) error {
	name, err := familyName(c.name)
	if err != nil {
		return err
	}
	f, err := s.family(name)
	if err != nil {
		return err
	}
	var failed error
	from, to := s.prefix(wanted.Start), s.prefix(wanted.End+1)
	err = scan(db.NewIteratorCF(db.read, c.handle), bounds{from, to}, func(key, value []byte) bool {
		failed = f.Put(key, value)
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		return fmt.Errorf("copy state %q: %w", name, db.machine.Join(err))
	}
	return nil
}
