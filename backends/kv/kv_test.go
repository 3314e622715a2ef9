package kv_test

import (
	"testing"

	"flinch/backends/backendtest"
	"flinch/backends/kv"
)

var small = map[string]int64{"kv.chunk_bytes": 1, "kv.page_entries": 2}

func TestContract(t *testing.T) {
	backendtest.Run(t, kv.New(engine{}), small)
}

// A store that merges, and one with incremental snapshots and background work of
// its own, keep the same contract.
func TestContractOfStoresWithMore(t *testing.T) {
	r := &rig{merges: true, native: true}
	backendtest.Run(t, kv.New(r), small)
	for _, op := range []string{"merge", "reused", "maintain", "complete", "aborted", "subsumed", "view"} {
		if r.calls[op] < 10 {
			t.Errorf("only %d calls of %s", r.calls[op], op)
		}
	}
	for _, s := range r.stores {
		if s.ends > 1 {
			t.Fatalf("a store was closed %d times", s.ends)
		}
	}
}
