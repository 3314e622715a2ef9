package heap

import (
	"testing"

	"flinch/backends/backendtest"
)

func TestContract(t *testing.T) {
	backendtest.Run(t, New(), map[string]int64{tuneTableCapacity: 1, tuneChunkBytes: 1})
}
