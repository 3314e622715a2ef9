package faults

import (
	"fmt"
	"testing"

	"flinch/model/history"
)

// BenchmarkOnIO asks n armed faults that do not fire about one operation.
func BenchmarkOnIO(b *testing.B) {
	for _, n := range []int{1, 8} {
		b.Run(fmt.Sprintf("faults=%d", n), func(b *testing.B) {
			c := newFake(false)
			for range n {
				FailedIO{Disk: history.Storage, Op: OpSync, Phase: new(history.Publishing), Nth: 1, Count: 1}.Arm(c)
			}
			site, op := Site{Disk: history.Storage}, Op{Kind: OpSync, Path: "/chk-1/state"}
			b.ReportAllocs()
			for b.Loop() {
				for _, fn := range c.io {
					fn(site, op)
				}
			}
		})
	}
}
