package backendtest_test

import (
	"testing"

	"flinch/backends/backendtest"
	"flinch/backends/backendtest/reference"
	"flinch/backends/heap"
	"flinch/backends/rocksdb"
)

var (
	onHeap = backendtest.Side{Backend: heap.New(), Tuning: map[string]int64{
		"heap.table_capacity": 4, "heap.chunk_bytes": 16, backendtest.TuneOperations: 30_000,
	}}
	onMaps    = backendtest.Side{Backend: reference.New()}
	onRocksDB = backendtest.Side{Backend: rocksdb.New(), Tuning: map[string]int64{"rocksdb.flush_bytes": 1 << 10}}
)

func TestHeapAndReferenceInLockStep(t *testing.T) {
	backendtest.Differential(t, onHeap, onMaps)
}

func TestHeapAndRocksDBInLockStep(t *testing.T) {
	fewerRandomJobs(t)
	backendtest.Differential(t, onHeap, onRocksDB)
}
