//go:build cgo && !norocksdb

package simenv

import (
	"testing"

	"flinch/faults"
)

func TestTwoRunsWriteTheSameBytes(t *testing.T) {
	run := func() (uint64, uint64) {
		w := newWorld(t, setup{identity: 1})
		if err := w.work(8); err != nil {
			t.Fatal(err)
		}
		f, c := w.env.Jobs()
		t.Log(f, c, w.ops, w.env.Refused(), w.env.Sessions())
		a, b := w.env.threads()
		t.Log(a, b)
		sum := w.content()
		w.mustClose()
		return sum, w.sum
	}
	a, x := run()
	b, y := run()
	if a != b || x != y {
		t.Fatal(a, b, x, y)
	}
}

func TestSteppedJobsRepeatBySeed(t *testing.T) {
	run := func(seed uint64) (uint64, uint64) {
		n := uint64(0)
		most := 0
		w := newWorld(t, setup{identity: 1, stepped: true, choose: func(k int) int { n++; return int(hash("choose", seed+n<<32) % uint64(k)) }})
		w.seen = func(faults.Op) { most = max(most, w.env.Suspended()) }
		if err := w.work(8); err != nil {
			t.Fatal(err)
		}
		f, c := w.env.Jobs()
		a, b := w.env.threads()
		t.Log(f, c, w.ops, w.env.Refused(), n, a, b, most)
		sum := w.content()
		w.mustClose()
		return sum, w.sum
	}
	for i := range 5 {
		a, x := run(uint64(i))
		b, y := run(uint64(i))
		if a != b || x != y {
			t.Fatal(a, b, x, y)
		}
		t.Log(a, x)
	}
}
