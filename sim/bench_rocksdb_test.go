//go:build cgo && !norocksdb

package sim_test

import "testing"

func BenchmarkRecoverRocksDB(b *testing.B) { benchmarkRecover(b, benchRocksConfig(60)) }

func BenchmarkOperationsRocksDB(b *testing.B) { benchmarkOperations(b, benchRocksConfig(3000)) }
