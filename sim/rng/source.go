package rng

import "time"

// Source is what generators draw from. A *Stream is one; tests make one of a
// *rapid.T in ten lines.
type Source interface {
	// Uint64N returns a number in [0, n), n > 0. Smaller is simpler: generators
	// give the small numbers to the plain choices, and shrinking goes there. The
	// label names the draw for those who print or shrink it.
	Uint64N(label string, n uint64) uint64
}

// Stream is a Source that draws one number after the other from a seed. It
// belongs to one goroutine.
type Stream struct {
	state uint64
	draws int64
}

var _ Source = (*Stream)(nil)

// Stream returns a new stream of the seed's numbers, from the first.
func (s Seed) Stream() *Stream { return &Stream{state: mix(uint64(s) ^ golden)} }

// Uint64N returns the next number of the stream, brought into [0, n). The label
// has no part in it. It panics if n is 0.
func (s *Stream) Uint64N(label string, n uint64) uint64 {
	if n == 0 {
		panic("rng: draw " + label + " from [0, 0), which is empty")
	}
	s.draws++
	s.state += golden
	return below(mix(s.state), n)
}

// Draws returns how many numbers were drawn so far.
func (s *Stream) Draws() int64 { return s.draws }

// Bool returns true in num of den cases; false is the simpler answer.
func Bool(src Source, label string, num, den uint64) bool {
	return src.Uint64N(label, den) >= den-min(num, den)
}

// IntRange returns a number in [low, high]; low is the simplest. It panics if
// high < low.
func IntRange(src Source, label string, low, high int) int {
	return low + int(src.Uint64N(label, span(label, int64(low), int64(high))))
}

// Duration returns a duration in [low, high]; low is the simplest. It panics if
// high < low.
func Duration(src Source, label string, low, high time.Duration) time.Duration {
	return low + time.Duration(src.Uint64N(label, span(label, int64(low), int64(high))))
}

// Pick returns one of choices, the first being the simplest. It panics if there
// is none.
func Pick[T any](src Source, label string, choices ...T) T {
	return choices[src.Uint64N(label, uint64(len(choices)))]
}

// Weighted returns an index into weights, i in weights[i] of their sum of cases;
// 0 is the simplest. It panics if the sum is 0.
func Weighted(src Source, label string, weights ...uint64) int {
	var sum uint64
	for _, w := range weights {
		sum += w
	}
	drawn := src.Uint64N(label, sum)
	for i, w := range weights {
		if drawn < w {
			return i
		}
		drawn -= w
	}
	panic("rng: source of " + label + " left its range")
}

// span returns the size of [low, high].
func span(label string, low, high int64) uint64 {
	if high < low {
		panic("rng: draw " + label + " from an empty range")
	}
	return uint64(high) - uint64(low) + 1
}
