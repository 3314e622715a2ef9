// Package rocksdb keeps state in RocksDB, as Flink's EmbeddedRocksDBStateBackend
// does: one column family for each state and queue of timers under the key layouts
// of backends/kv, without a write-ahead log, and snapshots that share the engine's
// files.
//
// Start at New. The engine is the system's unmodified library. It runs on the
// task manager's simulated disk, its background jobs (flushes, compactions) wait
// in a queue until Maintain lets them go on, and equal draws give equal bytes; see
// simenv. NewNative runs the same code with the engine's own threads over real
// files.
//
// A write buffer is flushed when so many bytes were written into its family, which
// is counted here, since when the engine itself does it hangs on the machine.
//
// An incremental snapshot (snapshot.go, write.go) flushes all families, proves
// that nothing is left in memory, and has the engine link its files into a folder:
// that is the synchronous phase. The asynchronous one uploads what the last
// confirmed checkpoint does not have. Rescaling (restore.go) opens the files of
// one handle, deletes foreign key groups, and copies from the others; its next
// snapshot shares nothing with earlier ones. A delete
// hides, it does not remove: no foreign key is ever returned, also after a further
// rescale, and after a compaction the files hold none.
//
// Compactions leave out what has expired of a state with a time to live, where the
// job asks for it (expire.go): values that were put and lists that were joined, not
// what was only appended. They heed no views: a full snapshot that is being written
// may lack what had not expired yet in its synchronous phase.
//
// An error of the engine or of its files breaks the instance: all later calls
// return it, wrapping backends.ErrBroken. Errors of the checkpoint storage do not.
//
// Tuning, by name, default and range; what is beyond is clipped:
//
//	rocksdb.flush_bytes        64 KiB  1 KiB .. 4 MiB     written to a family until it is flushed
//	rocksdb.target_file_bytes   4 KiB  4 KiB .. 64 MiB    size at which a compaction begins another file
//	rocksdb.level_base_bytes   16 KiB  4 KiB .. 256 MiB   size of level 1; each next level has twice as much
//	rocksdb.level0_trigger      2      2 .. 64            files of level 0 that call for a compaction
//	rocksdb.block_bytes         4 KiB  64 B .. 64 KiB     size of blocks in files
//	rocksdb.cache_bytes         0      0 .. 1 GiB         cache of blocks, which then has the files' indexes too; 0: the engine's own, 8 MiB
//	rocksdb.compression         0      0 .. 2             none, LZ4, ZSTD
//	rocksdb.chunk_bytes        16 KiB  16 B .. 1 MiB      pieces of uploads and downloads
//	rocksdb.stepped             0      0, 1               1: jobs hand over in the middle of the files they write
//	rocksdb.full                0      0, 1               1: kv's full snapshots, neither taken nor restored are incremental ones
//	rocksdb.options_files       1      0, 1               0: the simulated engine may not write OPTIONS files, which takes most of the time of an open
//
// Counters: "flushes_by_size", "flushes", "compactions", "db_reopens" (databases
// that were opened over restored files), "operations_during_stepped_jobs"
// (operations of the task while a job stood in the middle of a file), "ttl_compacted"
// (expired values that compactions left out).
package rocksdb

const (
	backendName = "rocksdb"
	nativeName  = "rocksdb-native"
)
