//go:build cgo && !norocksdb

package rocksdb

import (
	"encoding/binary"
	"fmt"
	"testing"

	"flinch/backends"
	"flinch/backends/kv"
)

// benchTuning is that of a campaign: flushes are run as they come.
var benchTuning = map[string]int64{tuneFlushBytes: 64 << 10}

const benchKeys = 1000

// benchKey is a key as kv makes them.
func benchKey(dst []byte, i int) []byte {
	dst = append(dst[:0], byte(i%groups))
	dst = binary.BigEndian.AppendUint64(dst, uint64(i%benchKeys))
	return append(dst, 0)
}

// BenchmarkPut compares the engine alone, this package, and kv on top of it.
func BenchmarkPut(b *testing.B) {
	b.Run("over=raw", func(b *testing.B) {
		w := newWorld(b, benchTuning)
		s := w.open(0, 1)
		f := open(b, s, "values")
		var key []byte
		value := make([]byte, 9)
		i := 0
		for b.Loop() {
			key = benchKey(key, i)
			must(b, s.db.PutCF(s.db.write, f.handle, key, value))
			if i++; i%2500 == 0 { // as often as by size
				must(b, s.db.FlushCF(f.handle, s.flush))
				s.db.machine.Drain()
			}
		}
	})
	b.Run("over=store", func(b *testing.B) {
		w := newWorld(b, benchTuning)
		s := w.open(0, 1)
		f := open(b, s, "values")
		var key []byte
		value := make([]byte, 9)
		i := 0
		for b.Loop() {
			key = benchKey(key, i)
			must(b, f.Put(key, value))
			if i++; s.Backlog() > 0 {
				must(b, s.Maintain(background))
			}
		}
	})
	b.Run("over=kv", func(b *testing.B) {
		k, v := benchState(b)
		m := k.(backends.Maintainer)
		var boxed any = int64(7)
		i := 0
		for b.Loop() {
			must(b, k.SetCurrentKey(backends.Int64Key(int64(i%benchKeys))))
			must(b, v.Update(boxed))
			if i++; m.Backlog() > 0 {
				must(b, m.Maintain(background))
			}
		}
	})
}

// BenchmarkGet reads from memory and from files.
func BenchmarkGet(b *testing.B) {
	for _, from := range []string{"memory", "files"} {
		b.Run("from="+from+"/over=raw", func(b *testing.B) {
			s, f := benchStore(b, from)
			var key []byte
			i := 0
			for b.Loop() {
				key = benchKey(key, i)
				value, err := s.db.GetCF(s.db.read, f.handle, key)
				must(b, err)
				value.Free()
				i++
			}
		})
		b.Run("from="+from+"/over=store", func(b *testing.B) {
			_, f := benchStore(b, from)
			var key, value []byte
			i := 0
			for b.Loop() {
				key = benchKey(key, i)
				var err error
				value, _, err = f.Get(key, value[:0])
				must(b, err)
				i++
			}
		})
		b.Run("from="+from+"/over=kv", func(b *testing.B) {
			k, v := benchState(b)
			for i := range benchKeys {
				must(b, k.SetCurrentKey(backends.Int64Key(int64(i))))
				must(b, v.Update(int64(7)))
			}
			if from == "files" {
				_, err := k.Snapshot(1, backends.SnapshotOptions{})
				must(b, err)
			}
			i := 0
			for b.Loop() {
				must(b, k.SetCurrentKey(backends.Int64Key(int64(i%benchKeys))))
				_, err := v.Get()
				must(b, err)
				i++
			}
		})
	}
}

func benchStore(b *testing.B, from string) (incremental, *family) {
	b.Helper()
	w := newWorld(b, benchTuning)
	s := w.open(0, 1)
	f := open(b, s, "values")
	for i := range benchKeys {
		must(b, f.Put(benchKey(nil, i), make([]byte, 8)))
	}
	if from == "files" {
		must(b, s.flushAll())
	}
	return s, f
}

func benchState(b *testing.B) (backends.Keyed, backends.RawValue) {
	b.Helper()
	w := newWorld(b, benchTuning)
	k, err := New().OpenKeyed(background, w.params(0, 1))
	must(b, err)
	b.Cleanup(func() { must(b, k.Close()) })
	v, err := k.Value(backends.Descriptor{Name: "values", Value: backends.Int64Codec().Codec()})
	must(b, err)
	v.SetNamespace(backends.VoidNamespace)
	return k, v
}

// BenchmarkScan reads a thousand entries.
func BenchmarkScan(b *testing.B) {
	s, f := benchStore(b, "files")
	b.Run("of=store", func(b *testing.B) {
		for b.Loop() {
			must(b, f.Scan(nil, nil, func(_, _ []byte) bool { return true }))
		}
	})
	b.Run("of=view", func(b *testing.B) {
		for b.Loop() {
			v, err := s.View()
			must(b, err)
			must(b, v.Scan("values", nil, nil, func(_, _ []byte) bool { return true }))
			v.Release()
		}
	})
}

// BenchmarkSnapshot changes 200 keys, takes an incremental snapshot and writes it.
func BenchmarkSnapshot(b *testing.B) {
	for _, families := range []int{1, 3, 6} {
		b.Run(fmt.Sprintf("families=%d", families), func(b *testing.B) {
			w := newWorld(b, benchTuning)
			s := w.open(0, 1)
			var fs []kv.Family
			for i := range families {
				fs = append(fs, open(b, s, fmt.Sprint(i)))
			}
			id := backends.CheckpointID(0)
			for b.Loop() {
				for i := range 200 {
					must(b, fs[i%families].Put(benchKey(nil, i), make([]byte, 8)))
				}
				id++
				w.snapshot(s, id)
				must(b, s.NotifyComplete(id))
				for s.Backlog() > 0 {
					must(b, s.Maintain(background))
				}
				w.settle()
			}
		})
	}
}

// BenchmarkOpen opens and closes an instance: an empty one, and one over the
// files of a checkpoint.
func BenchmarkOpen(b *testing.B) {
	w := newWorld(b, benchTuning)
	s := w.open(0, 1)
	fill(b, s, 1, 100)
	h := w.snapshot(s, 1)
	must(b, s.Close())
	for _, c := range []struct {
		name    string
		n       int
		restore []backends.KeyedHandle
	}{{"empty", 1, nil}, {"exact", 1, []backends.KeyedHandle{h}}, {"clipped", 2, []backends.KeyedHandle{h}}} {
		b.Run("restore="+c.name, func(b *testing.B) {
			for b.Loop() {
				s, err := w.engine.Open(background, w.params(0, c.n, c.restore...))
				must(b, err)
				must(b, s.Close())
				w.settle()
			}
		})
	}
}
