package backends

import (
	"math"
	"testing"
)

func TestExpiredIsSafeAgainstOverflow(t *testing.T) {
	for _, c := range []struct {
		stamp, lifetime, now int64
		want                 bool
	}{
		{100, 10, 109, false},
		{100, 10, 110, true},
		{-5, 10, 4, false},
		{-5, 10, 5, true},
		{math.MaxInt64 - 3, 10, math.MaxInt64 - 1, false},
		{math.MaxInt64 - 3, 10, math.MaxInt64, true},
		{1, math.MaxInt64, math.MaxInt64 - 1, false},
		{1, math.MaxInt64, math.MaxInt64, true},
		{math.MinInt64, math.MaxInt64, -1, true},
		{0, math.MaxInt64, math.MaxInt64 - 1, false},
	} {
		if got := Expired(c.stamp, c.lifetime, c.now); got != c.want {
			t.Errorf("stamp %d, lifetime %d, now %d: expired %v, want %v", c.stamp, c.lifetime, c.now, got, c.want)
		}
	}
}
