package model

import (
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// JavaHash is what Java's String.hashCode gives for s: h = 31*h + unit over the
// UTF-16 code units, wrapping at 32 bits.
func JavaHash(s string) int32 {
	var h int32
	for _, r := range s {
		if r < utf8.RuneSelf || utf16.RuneLen(r) == 1 {
			h = 31*h + r
			continue
		}
		high, low := utf16.EncodeRune(r)
		h = 31*(31*h+high) + low
	}
	return h
}

// KeyGroup is the key group of a key with the given Java hash, in
// [0, maxParallelism): Flink's murmurHash of the hash, modulo maxParallelism.
func KeyGroup(javaHash int32, maxParallelism int) int {
	return int(murmur(javaHash)) % maxParallelism
}

// RangeOf returns the first and the last key group of a subtask; both inclusive.
func RangeOf(subtask, parallelism, maxParallelism int) (first, last int) {
	first = (subtask*maxParallelism + parallelism - 1) / parallelism
	last = ((subtask+1)*maxParallelism - 1) / parallelism
	return first, last
}

// murmur is Murmur3 for one 32-bit word with seed 0, made non-negative: the
// absolute value, and 0 for the one value that has none.
func murmur(code int32) int32 {
	h := uint32(code) * 0xcc9e2d51
	h = bits.RotateLeft32(h, 15) * 0x1b873593
	h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	h ^= 4
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	h ^= h >> 16
	switch v := int32(h); {
	case v >= 0:
		return v
	case v == -1<<31:
		return 0
	default:
		return -v
	}
}
