package heap

import (
	"testing"

	"flinch/backends/backendtest"
)

// smallest makes tables and pieces as small as they can be.
var smallest = map[string]int64{tuneTableCapacity: 1, tuneChunkBytes: 1}

func TestContract(t *testing.T) { backendtest.Run(t, New(), smallest) }

func newWorld() *backendtest.World {
	w := backendtest.NewWorld(New())
	w.Tuning = smallest
	return w
}

// inner is the instance that tests look into.
func inner(in *backendtest.Instance) *instance { return in.Keyed.(*instance) }

func must(t backendtest.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}
