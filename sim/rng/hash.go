package rng

import "math/bits"

// golden is 2^64 divided by the golden ratio, made odd: the step of SplitMix64.
const golden = 0x9e3779b97f4a7c15

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable
// pseudorandom number generators", OOPSLA 2014, in Stafford's variant 13).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below maps x, spread over all 64 bits, to [0, n), n > 0. Its bias is below
// n/2^64, and it never needs a second draw.
func below(x, n uint64) uint64 {
	high, _ := bits.Mul64(x, n)
	return high
}

// Purpose says what a keyed draw is for. Each package that draws declares its
// own, from 1 up; those from PurposeReserved up belong to sim/sched.
type Purpose uint16

// PurposeReserved is the first purpose that only sim/sched may use.
const PurposeReserved Purpose = 0xfff0

// Hash is the keyed draw behind [Keyed], as 64 even bits: the draw number
// ordinal (from 0) that actor makes for purpose in a run of seed.
func Hash(seed Seed, actor uint64, purpose Purpose, ordinal uint64) uint64 {
	high, low := bits.Mul64(uint64(seed)^0xa0761d6478bd642f, actor^0xe7037ed1a0b428db)
	start := high ^ low ^ uint64(seed) ^ uint64(purpose)*0xd6e8feb86659fd93
	return mix(mix(start) + (ordinal+1)*golden)
}

// Keyed draws from [0, n) by key: a pure function of its arguments that neither
// allocates nor remembers. It panics if n is 0.
func Keyed(seed Seed, actor uint64, purpose Purpose, ordinal, n uint64) uint64 {
	if n == 0 {
		panic("rng: Keyed draws from [0, 0), which is empty")
	}
	return below(Hash(seed, actor, purpose, ordinal), n)
}
