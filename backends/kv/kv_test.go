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
