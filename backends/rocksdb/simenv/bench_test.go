//go:build cgo && !norocksdb

package simenv

import (
	"fmt"
	"testing"

	"github.com/linxGnu/grocksdb"

	"flinch/faults/disk"
)

// An engine is a database on one kind of Env, to be measured.
type engine struct {
	db    *grocksdb.DB
	flush func() // and wait for it
	close func()
}

// overEnvs runs a benchmark over the simulated Env and over RocksDB's MemEnv.
func overEnvs(b *testing.B, measure func(b *testing.B, e engine)) {
	b.Run("env=sim", func(b *testing.B) { over(b, simulated, measure) })
	b.Run("env=mem", func(b *testing.B) { over(b, inMemory, measure) })
}

func over(b *testing.B, open func(b *testing.B) engine, measure func(b *testing.B, e engine)) {
	e := open(b)
	defer e.close()
	measure(b, e)
}

func simulated(b *testing.B) engine {
	env, err := New(Params{FS: disk.New(nil, disk.Options{})})
	if err != nil {
		b.Fatal(err)
	}
	base := grocksdb.NewDefaultOptions()
	base.SetCreateIfMissing(true)
	opts, err := env.Options(base)
	if err != nil {
		b.Fatal(err)
	}
	base.Destroy()
	db := opened(b, opts)
	flush := func() {
		if err := db.Flush(flushNow); err != nil {
			b.Fatal(err)
		}
		env.Drain()
	}
	return engine{db, flush, func() {
		env.Drain()
		db.Close()
		opts.Destroy()
		if err := env.Release(); err != nil {
			b.Fatal(err)
		}
	}}
}

// inMemory has the settings of the simulated Env, as far as they cost.
func inMemory(b *testing.B) engine {
	env := grocksdb.NewMemEnv()
	opts := grocksdb.NewDefaultOptions()
	opts.SetCreateIfMissing(true)
	opts.SetEnv(env)
	opts.SetCompression(grocksdb.NoCompression)
	opts.SetArenaBlockSize(arenaBlockBytes)
	opts.SetWriteBufferSize(WriteBufferBytes)
	opts.SetInfoLogLevel(grocksdb.FatalInfoLogLevel)
	db := opened(b, opts)
	wait := flushing(true)
	flush := func() {
		if err := db.Flush(wait); err != nil {
			b.Fatal(err)
		}
	}
	return engine{db, flush, func() {
		db.Close()
		opts.Destroy() // and its Env
	}}
}

func opened(b *testing.B, opts *grocksdb.Options) *grocksdb.DB {
	db, err := grocksdb.OpenDb(opts, "/db")
	if err != nil {
		b.Fatal(err)
	}
	return db
}

func (e engine) fill(b *testing.B, n int) {
	for i := range n {
		if err := e.db.Put(noWAL, fmt.Appendf(nil, "key-%06d", i), make([]byte, 100)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	overEnvs(b, func(b *testing.B, e engine) {
		var key []byte
		value := make([]byte, 100)
		i := 0
		for b.Loop() {
			i++
			key = fmt.Appendf(key[:0], "key-%06d", i*7919%10000)
			if err := e.db.Put(noWAL, key, value); err != nil {
				b.Fatal(err)
			}
			if i%100000 == 0 {
				e.flush()
			}
		}
	})
}

// BenchmarkGet reads what an SST holds, through the block cache.
func BenchmarkGet(b *testing.B) {
	overEnvs(b, func(b *testing.B, e engine) {
		e.fill(b, 10000)
		e.flush()
		gets(b, e, read)
	})
}

// BenchmarkGetUncached asks the Env for a block each time.
func BenchmarkGetUncached(b *testing.B) {
	overEnvs(b, func(b *testing.B, e engine) {
		table := grocksdb.NewDefaultReadOptions()
		defer table.Destroy()
		table.SetFillCache(false)
		e.fill(b, 10000)
		e.flush()
		gets(b, e, table)
	})
}

func gets(b *testing.B, e engine, how *grocksdb.ReadOptions) {
	var key []byte
	i := 0
	for b.Loop() {
		i++
		key = fmt.Appendf(key[:0], "key-%06d", i*7919%10000)
		v, err := e.db.Get(how, key)
		if err != nil || v.Size() != 100 {
			b.Fatal(v.Size(), err)
		}
		v.Free()
	}
}

// BenchmarkFlush writes 200 entries and waits until they are in an SST.
func BenchmarkFlush(b *testing.B) {
	overEnvs(b, func(b *testing.B, e engine) {
		for b.Loop() {
			e.fill(b, 200)
			e.flush()
		}
	})
}

// BenchmarkOpen opens and closes an empty database.
func BenchmarkOpen(b *testing.B) {
	b.Run("env=sim", func(b *testing.B) {
		for b.Loop() {
			simulated(b).close()
		}
	})
	b.Run("env=mem", func(b *testing.B) {
		for b.Loop() {
			inMemory(b).close()
		}
	})
}
