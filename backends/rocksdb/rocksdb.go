// Package rocksdb keeps state in RocksDB, as Flink's EmbeddedRocksDBStateBackend
// does.
package rocksdb

const (
	backendName = "rocksdb"
	nativeName  = "rocksdb-native"
)
