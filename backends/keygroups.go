package backends

import (
	"fmt"
	"math"
	"math/bits"
)

// KeyGroupRange is an inclusive range of key groups. Start > End is empty;
// EmptyRange is how an empty range is written.
type KeyGroupRange struct {
	Start, End int
}

// EmptyRange holds no key group.
var EmptyRange = KeyGroupRange{Start: 0, End: -1}

// Contains tells whether group is in r.
func (r KeyGroupRange) Contains(group int) bool { return r.Start <= group && group <= r.End }

// Len is the number of groups in r.
func (r KeyGroupRange) Len() int { return max(0, r.End-r.Start+1) }

// Intersect returns the groups that are in both ranges.
func (r KeyGroupRange) Intersect(o KeyGroupRange) KeyGroupRange {
	both := KeyGroupRange{Start: max(r.Start, o.Start), End: min(r.End, o.End)}
	if both.Len() == 0 {
		return EmptyRange
	}
	return both
}

// String prints the range as "[0..42]".
func (r KeyGroupRange) String() string { return fmt.Sprintf("[%d..%d]", r.Start, r.End) }

// Bounds of the number of key groups of an operator, as in Flink.
const (
	MaxParallelismMin = 1
	MaxParallelismMax = 1 << 15
	// maxParallelismFloor is what DefaultMaxParallelism never goes below.
	maxParallelismFloor = 128
)

// KeyGroup is the key group of a key with the given hash code, exactly as Flink
// assigns it. maxParallelism must be positive.
func KeyGroup(hash int32, maxParallelism int) int {
	// 32 bits divide faster than 64, and this runs for every record.
	return int(uint32(murmur(hash)) % uint32(maxParallelism))
}

// RangeOf is the range of key groups that a subtask owns. The ranges of all
// subtasks are a partition of [0, maxParallelism).
func RangeOf(subtask, parallelism, maxParallelism int) KeyGroupRange {
	r := KeyGroupRange{
		Start: (subtask*maxParallelism + parallelism - 1) / parallelism,
		End:   ((subtask+1)*maxParallelism - 1) / parallelism,
	}
	if r.Len() == 0 {
		return EmptyRange
	}
	return r
}

// SubtaskOf is the subtask that owns a key group.
func SubtaskOf(group, parallelism, maxParallelism int) int {
	return group * parallelism / maxParallelism
}

// DefaultMaxParallelism is the number of key groups of an operator for which
// none was chosen: one and a half times the parallelism, rounded up to a power
// of two, within [128, 32768].
func DefaultMaxParallelism(parallelism int) int {
	wanted := parallelism + parallelism/2
	rounded := 1 << bits.Len(uint(max(wanted, 1)-1))
	return min(max(rounded, maxParallelismFloor), MaxParallelismMax)
}

// murmur is Murmur3 (32 bits, seed 0) of the four little-endian bytes of code,
// made non-negative the way Flink does it: by the absolute value, not by a mask.
func murmur(code int32) int32 {
	h := uint32(code) * 0xcc9e2d51
	h = bits.RotateLeft32(h, 15) * 0x1b873593
	h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	h = BitMix(h ^ 4)
	switch code = int32(h); {
	case code >= 0:
		return code
	case code == math.MinInt32:
		return 0
	}
	return -code
}

// BitMix spreads every bit of h over all bits of the result, one to one
// (Murmur3's finalizer). Hash tables that index by low bits start with it.
func BitMix(h uint32) uint32 {
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}
