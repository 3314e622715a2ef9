//go:build cgo && !norocksdb

package sim_test

import "testing"

func TestChangedJobOnIncrementalCheckpoints(t *testing.T) {
	p := afterCheckpoint(t, rocksConfig(0))
	t.Run("without leave it is refused", func(t *testing.T) { refusedWithoutLeave(t, p) })
	t.Run("with leave the added operator starts empty", func(t *testing.T) { addedStartsEmpty(t, p) })
}
