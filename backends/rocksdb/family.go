//go:build cgo && !norocksdb

package rocksdb

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/linxGnu/grocksdb"

	"flinch/backends/kv"
)

// family is one column family. The engine's write buffers are far larger than
// anything written here, and their sizes depend on random numbers: the bytes
// that call for a flush are counted here.
type family struct {
	s       *store
	name    string
	handle  *grocksdb.ColumnFamilyHandle
	written int64 // bytes since the last flush; 0: nothing
	// expiring is what compactions leave out; nil: nothing.
	expiring *kv.Expiring
}

var (
	_ kv.Family = (*family)(nil)
	_ kv.Merger = (*family)(nil)
)

// entryBytes is what an entry takes beside its key and value: the engine's
// sequence number and type.
const entryBytes = 8

// Get appends the value of key to dst.
func (f *family) Get(key, dst []byte) ([]byte, bool, error) {
	if err := f.s.enter(); err != nil {
		return dst, false, fmt.Errorf("get from state %q: %w", f.name, err)
	}
	value, err := f.s.db.GetCF(f.s.db.read, f.handle, key)
	if err != nil {
		return dst, false, f.s.fail(fmt.Errorf("get from state %q: %w", f.name, err))
	}
	if !value.Exists() {
		return dst, false, nil
	}
	dst = append(dst, value.Data()...)
	value.Free()
	return dst, true, nil
}

// Put stores a value.
func (f *family) Put(key, value []byte) error {
	err := f.s.enter()
	if err != nil {
		return fmt.Errorf("put into state %q: %w", f.name, err)
	}
	if err = f.s.db.PutCF(f.s.db.write, f.handle, key, value); err != nil {
		return f.s.fail(fmt.Errorf("put into state %q: %w", f.name, err))
	}
	return f.wrote(len(key) + len(value))
}

// Delete removes a key.
func (f *family) Delete(key []byte) error {
	err := f.s.enter()
	if err != nil {
		return fmt.Errorf("delete from state %q: %w", f.name, err)
	}
	if err = f.s.db.DeleteCF(f.s.db.write, f.handle, key); err != nil {
		return f.s.fail(fmt.Errorf("delete from state %q: %w", f.name, err))
	}
	return f.wrote(len(key))
}

// Merge appends to a value, behind a comma.
func (f *family) Merge(key, operand []byte) error {
	err := f.s.enter()
	if err != nil {
		return fmt.Errorf("merge into state %q: %w", f.name, err)
	}
	if err = f.s.db.MergeCF(f.s.db.write, f.handle, key, operand); err != nil {
		return f.s.fail(fmt.Errorf("merge into state %q: %w", f.name, err))
	}
	return f.wrote(len(key) + len(operand))
}

// hide makes the keys in [from, to) disappear. They stay in the files until a
// compaction comes by.
//
// It deletes one by one. After a range delete, a compaction may begin a table that
// stays empty; if writing that one fails, RocksDB 7.8 built with assertions, as
// Debian's is, ends the process (CompactionJob::UpdateCompactionJobStats asks an
// output without keys for its smallest).
func (f *family) hide(from, to []byte) error {
	if bytes.Compare(from, to) >= 0 {
		return nil
	}
	var failed error
	err := f.Scan(from, to, func(key, _ []byte) bool {
		failed = f.Delete(key)
		return failed == nil
	})
	return errors.Join(err, failed)
}

// wrote counts what was written, and has it flushed where that is enough.
func (f *family) wrote(n int) error {
	f.written += int64(n) + entryBytes
	if f.written < f.s.tuning.flushBytes {
		return nil
	}
	return f.s.flushBySize(f)
}

// Scan calls yield for each key in [from, to).
func (f *family) Scan(from, to []byte, yield func(key, value []byte) bool) error {
	if err := f.s.enter(); err != nil {
		return fmt.Errorf("scan state %q: %w", f.name, err)
	}
	err := scan(f.s.db.NewIteratorCF(f.s.db.read, f.handle), bounds{from, to}, yield)
	if err != nil {
		return f.s.fail(fmt.Errorf("scan state %q: %w", f.name, err))
	}
	return nil
}

// bounds are the keys in [from, to); with a nil to, all from there on.
type bounds struct{ from, to []byte }

func (b bounds) end(key []byte) bool { return b.to != nil && bytes.Compare(key, b.to) >= 0 }

// scan calls yield for what the iterator finds within the bounds, and closes it.
func scan(it *grocksdb.Iterator, in bounds, yield func(key, value []byte) bool) error {
	defer it.Close() // deferred for tasks that are killed in yield
	for it.Seek(in.from); it.Valid(); it.Next() {
		key := it.Key().Data()
		if in.end(key) || !yield(key, it.Value().Data()) {
			return nil
		}
	}
	return it.Err()
}
