// Package rng is where every random decision of a run comes from: one [Seed],
// and two ways to draw from it.
//
// Generators draw in sequence, from a [Source]: [Seed.Derive] gives each of them
// a stream of its own ("case", "faults"), and [Seed.Stream] makes it. What the
// running simulation draws is keyed instead ([Keyed], [Hash]): a pure function of
// the seed, who draws, what for, and how many times before. Taking an event or a
// fault out of a case leaves the keyed draws of all others as they were, and
// shrinking lives on that.
//
// Everything here is the same in every process and on every machine, for ever:
// a seed in an old report must mean today what it meant then. golden_test.go
// holds the values.
package rng

import (
	"fmt"
	"strconv"
	"strings"
)

// Seed is all the randomness of one run. It prints in hex.
type Seed uint64

// commitDigits is the length of a git commit hash in hex, of which the first
// seedDigits are the seed.
const (
	commitDigits = 40
	seedDigits   = 16
)

// ParseSeed reads a seed: hex with 0x in front, decimal, or a commit hash of 40
// hex digits, of which the first 16 count.
func ParseSeed(text string) (Seed, error) {
	digits, base := text, 10
	switch {
	case len(text) == commitDigits:
		if _, err := strconv.ParseUint(text[seedDigits:2*seedDigits], 16, 64); err != nil {
			return 0, badSeed(text)
		}
		if _, err := strconv.ParseUint(text[2*seedDigits:], 16, 64); err != nil {
			return 0, badSeed(text)
		}
		digits, base = text[:seedDigits], 16
	case strings.HasPrefix(text, "0x"), strings.HasPrefix(text, "0X"):
		digits, base = text[2:], 16
	}
	value, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return 0, badSeed(text)
	}
	return Seed(value), nil
}

func badSeed(text string) error {
	return fmt.Errorf("parse seed %q: want hex such as 0x09f3c11e0a77, a decimal number below 2^64, or a 40-digit commit hash", text)
}

// String returns the seed in hex, with at least 12 digits.
func (s Seed) String() string { return fmt.Sprintf("0x%012x", uint64(s)) }

// MarshalText returns what String does, so that JSON keeps all 64 bits.
func (s Seed) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [ParseSeed] does.
func (s *Seed) UnmarshalText(text []byte) error {
	seed, err := ParseSeed(string(text))
	if err != nil {
		return err
	}
	*s = seed
	return nil
}

// Derive returns the seed that belongs to label under s. Equal arguments give
// equal seeds everywhere; different labels give unrelated ones.
func (s Seed) Derive(label string) Seed {
	// FNV-1a over the label, started from the mixed seed, then mixed again.
	h := mix(uint64(s)+golden) ^ 0xcbf29ce484222325
	for i := range len(label) {
		h = (h ^ uint64(label[i])) * 0x100000001b3
	}
	return Seed(mix(h + uint64(len(label))*golden))
}
