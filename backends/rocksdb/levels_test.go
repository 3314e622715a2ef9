//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Small runs are to reach more than one level, or the engine's own races and
// tombstones below others are never met.
func TestThousandPutsReachLevelTwo(t *testing.T) {
	w := newWorld(t, map[string]int64{tuneFlushBytes: 2 << 10})
	s := w.open(0, 1)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 1000 {
		put(t, s, string(rune(i%groups)), fmt.Sprintf("key-%d", random.IntN(600)), fmt.Sprintf("a value of some length, the %d-th", i))
		if s.Backlog() > 0 {
			must(t, s.Maintain(background))
		}
	}
	for s.Backlog() > 0 {
		must(t, s.Maintain(background))
	}
	for name, f := range s.families {
		if n := s.db.GetPropertyCF("rocksdb.num-files-at-level2", f.handle); n == "0" {
			t.Errorf("state %q has no file at level 2", name)
		}
	}
}
