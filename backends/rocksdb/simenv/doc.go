// Package simenv is RocksDB's view of the machine, simulated: an Env in C++
// whose files go to Go, whose background jobs are a queue that Go drains, and
// whose time and identity are virtual. The engine is the system's unmodified
// shared library, and deterministic to the byte.
//
// Start at New and Env.Options. One Env is made for each opening of a database:
//
//	env, err := simenv.New(simenv.Params{FS: disk, Now: now, Identity: id})
//	opts, err := env.Options(base)                     // for the DB and each column family
//	db, err := grocksdb.OpenDb(opts, "/db")
//	...                                                // Flush(wait=false), then env.Step() when the schedule says so
//	env.While(db.Close)                                // drains what is left, as env.Drain() before would
//	opts.Destroy()
//	err = env.Release()
//
// Rules. An Env and its database are used by one goroutine at a time; several
// Envs may be used by several. Calls of the engine that wait for a background
// job (CompactRange, Flush(wait=true), Close with jobs left) hang outside of
// While. The engine must never switch a memtable by itself, since when it does
// hangs on a generator that is seeded by the thread: keep what is written
// between two flushes of a column family far below WriteBufferBytes.
//
// Beside the Env there is an Expiry, for compactions that leave out what has
// expired: NewExpiry, Expiry.Options over the Env's or before them, Expiry.Set.
//
// The files of this package carry the build constraint cgo && !norocksdb.
package simenv
