//go:build cgo && !norocksdb

package rocksdb

import (
	"flinch/backends"
	"flinch/backends/kv"
	"flinch/backends/rocksdb/simenv"
)

// described is a backend that says which RocksDB it runs on, and what is counted.
type described struct{ *kv.Backend }

var (
	_ backends.Versioned = described{}
	_ backends.Counting  = described{}
)

// Version is that of the library that was loaded: what it writes differs from
// that of others.
func (described) Version() string { return "RocksDB " + simenv.Version() }

// Counters lists the names that are counted: those of kv, but for savepoints and
// migrations, which no job asks for; the engine's, and what the simulation counts of
// incremental checkpoints and of searched stores.
func (described) Counters() []string {
	return []string{
		"full_snapshots_written", "full_snapshots_restored", "list_merges", "timer_cache_refills", "listing_seeks",
		countFlushesBySize, countFlushes, countCompactions, countReopens, countDuringStepped, countExpired,
		"shared_files_written", "shared_files_reused", "shared_files_deleted", "shared_files_of_five", "stores_searched",
	}
}
