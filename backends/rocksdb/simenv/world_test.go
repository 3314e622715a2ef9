//go:build cgo && !norocksdb

package simenv

import (
	"encoding/binary"
	"fmt"
	"math"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/linxGnu/grocksdb"
	"github.com/spf13/afero"

	"flinch/faults"
	"flinch/faults/disk"
)

// A world is a disk, an Env on it and a database, with the sum of all that was
// asked of the disk.
type world struct {
	t    testing.TB
	disk *disk.Disk
	fs   FS // what the Env gets; the disk, if nothing else
	env  *Env
	base *grocksdb.Options
	opts *grocksdb.Options
	db   *grocksdb.DB
	cfs  []*grocksdb.ColumnFamilyHandle

	now  time.Duration
	ops  int
	sum  uint64
	fail func(op faults.Op) error // asked before each operation
	seen func(op faults.Op)
	step func() // called before each operation on the database
}

type setup struct {
	identity uint64
	stepped  bool
	choose   func(int) int
}

func newWorld(t testing.TB, s setup) *world {
	t.Helper()
	w := &world{t: t}
	w.disk = disk.New(w.hook, disk.Options{Now: func() time.Duration { return w.now }})
	w.fs = w.disk.Atomic()
	w.launch(s)
	return w
}

// launch makes an Env on the world's disk.
func (w *world) launch(s setup) {
	w.t.Helper()
	env, err := New(Params{
		FS: w.fs, Now: func() time.Duration { return w.now },
		Identity: s.identity, Stepped: s.stepped, Choose: s.choose,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.env = env
	w.base = grocksdb.NewDefaultOptions()
	w.base.SetCreateIfMissing(true)
	w.base.SetCreateIfMissingColumnFamilies(true)
	w.base.SetTargetFileSizeBase(4 << 10)
	w.base.SetLevel0FileNumCompactionTrigger(2)
	w.base.SetMaxBytesForLevelBase(16 << 10)
	w.base.SetMaxBytesForLevelMultiplier(2)
	if w.opts, err = env.Options(w.base); err != nil {
		w.t.Fatal(err)
	}
}

// open opens the database with the default family and more.
func (w *world) open(families ...string) error {
	names := append([]string{"default"}, families...)
	options := make([]*grocksdb.Options, len(names))
	for i := range options {
		options[i] = w.opts
	}
	db, cfs, err := grocksdb.OpenDbColumnFamilies(w.opts, "/db", names, options)
	if err != nil {
		return err
	}
	w.db, w.cfs = db, cfs
	return nil
}

// close closes what is open, and releases the Env.
func (w *world) close() error {
	if w.db != nil {
		for _, cf := range w.cfs {
			cf.Destroy()
		}
		w.env.Drain()
		w.db.Close()
		w.db, w.cfs = nil, nil
	}
	w.opts.Destroy()
	w.base.Destroy()
	return w.env.Release()
}

func (w *world) mustClose() {
	w.t.Helper()
	if err := w.close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) hook(op faults.Op) faults.Outcome {
	if op.Done {
		return faults.Outcome{}
	}
	w.ops++
	w.add(fmt.Sprint(op.Kind, op.Path, op.To, op.Offset, op.Bytes))
	if w.seen != nil {
		w.seen(op)
	}
	if w.fail != nil {
		return faults.Outcome{Err: w.fail(op)}
	}
	return faults.Outcome{}
}

func (w *world) add(text string) {
	w.sum = xxhash.Sum64(append(binary.LittleEndian.AppendUint64(nil, w.sum), text...))
}

var noWAL = func() *grocksdb.WriteOptions {
	o := grocksdb.NewDefaultWriteOptions()
	o.DisableWAL(true)
	return o
}()

var (
	read     = grocksdb.NewDefaultReadOptions()
	flushing = func(wait bool) *grocksdb.FlushOptions {
		o := grocksdb.NewDefaultFlushOptions()
		o.SetWait(wait)
		return o
	}
	flushNow = flushing(false)
)

func (w *world) put(cf int, key, value string) error {
	if w.step != nil {
		w.step()
	}
	return w.db.PutCF(noWAL, w.cfs[cf], []byte(key), []byte(value))
}

func (w *world) get(cf int, key string) (string, error) {
	v, err := w.db.GetCF(read, w.cfs[cf], []byte(key))
	if err != nil {
		return "", err
	}
	defer v.Free()
	return string(v.Data()), nil
}

// fill writes n keys to a family, with values that a seed makes.
func (w *world) fill(cf, n int, seed uint64) error {
	for i := range n {
		h := hash("fill", seed<<20+uint64(i))
		key := fmt.Sprintf("key-%04d", h%1000)
		if err := w.put(cf, key, strings.Repeat(fmt.Sprintf("%016x", h), 4)); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) flush() error {
	for _, cf := range w.cfs {
		if err := w.db.FlushCF(cf, flushNow); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) checkpoint(name string) error {
	c, err := w.db.NewCheckpoint()
	if err != nil {
		return err
	}
	defer c.Destroy()
	return c.CreateCheckpoint(name, math.MaxUint64)
}

// work is a life of a database: flushes, checkpoints, compactions, a reopening.
func (w *world) work(rounds int) error {
	if err := w.open("a"); err != nil {
		return err
	}
	for i := range rounds {
		w.now += time.Second
		for cf := range w.cfs {
			if err := w.fill(cf, 100, uint64(i)); err != nil {
				return err
			}
		}
		if err := w.flush(); err != nil {
			return err
		}
		if w.env.p.Stepped {
			for range i % 5 {
				w.env.Step()
			}
		} else {
			w.env.Drain()
		}
		if err := w.checkpoint(fmt.Sprintf("/ck%d", i)); err != nil {
			return err
		}
		if _, err := w.get(0, "key-0001"); err != nil {
			return err
		}
	}
	w.env.While(func() { w.db.CompactRangeCF(w.cfs[1], grocksdb.Range{}) })
	w.env.Drain()
	return nil
}

// content is the sum of all files: names and bytes.
func (w *world) content() uint64 {
	w.t.Helper()
	var sum uint64
	var walk func(dir string)
	walk = func(dir string) {
		f, err := w.disk.Open(dir)
		if err != nil {
			w.t.Fatal(err)
		}
		infos, err := f.Readdir(-1)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, info := range infos {
			name := path.Join(dir, info.Name())
			if info.IsDir() {
				walk(name)
				continue
			}
			sum = xxhash.Sum64(append(binary.LittleEndian.AppendUint64(nil, sum), name...))
			sum = xxhash.Sum64(append(binary.LittleEndian.AppendUint64(nil, sum), w.bytesOf(name)...))
		}
	}
	walk("/")
	return sum
}

func (w *world) bytesOf(name string) []byte {
	w.t.Helper()
	data, err := afero.ReadFile(w.disk, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return data
}
