//go:build cgo && !norocksdb

package rocksdb

import (
	"flag"
	"testing"

	"flinch/backends/backendtest"
)

func TestContract(t *testing.T) {
	fewerRandomJobs(t, "8")
	for name, tuning := range map[string]map[string]int64{
		"small":   {tuneFlushBytes: 1 << 10, tuneChunkBytes: 1 << 10},
		"stepped": {tuneFlushBytes: 1 << 10, tuneStepped: 1, tuneCompression: 1},
		"full":    {tuneFlushBytes: 1 << 10, tuneFull: 1, "kv.chunk_bytes": 16, "kv.page_entries": 1},
	} {
		tuning[backendtest.TuneOperations] = operationsEach
		t.Run(name, func(t *testing.T) { backendtest.Run(t, New(), tuning) })
	}
}

func TestContractWithTheEnginesOwnThreads(t *testing.T) {
	if testing.Short() {
		t.Skip("opening a database on real files takes long")
	}
	fewerRandomJobs(t, "2")
	backendtest.Run(t, NewNative(realFolder(t)), map[string]int64{tuneFlushBytes: 1 << 10, backendtest.TuneOperations: operationsEach})
}

// operationsEach is how many operations random jobs do with each of the four
// tunings: 100,000 together.
const operationsEach = 25_000

// fewerRandomJobs makes rapid draw fewer jobs than by default: each opens dozens
// of databases.
func fewerRandomJobs(t *testing.T, checks string) {
	t.Helper()
	usual := flag.Lookup("rapid.checks")
	if usual == nil || usual.Value.String() != usual.DefValue {
		return
	}
	must(t, usual.Value.Set(checks))
	t.Cleanup(func() { must(t, usual.Value.Set(usual.DefValue)) })
}
