package rng

import (
	"encoding/json"
	"math/bits"
	"strings"
	"testing"
)

func TestParseSeedReadsHexDecimalAndCommits(t *testing.T) {
	good := map[string]Seed{
		"0":                    0,
		"42":                   42,
		"0x09f3c11e0a77":       0x09f3c11e0a77,
		"0XFF":                 0xff,
		"18446744073709551615": 1<<64 - 1,
		"0xffffffffffffffff":   1<<64 - 1,
		"0123456789abcdef0123456789abcdef01234567": 0x0123456789abcdef,
		"1234567890123456789012345678901234567890": 0x1234567890123456,
	}
	for text, want := range good {
		got, err := ParseSeed(text)
		if err != nil || got != want {
			t.Errorf("ParseSeed(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "0x", "abc", "-1", "18446744073709551616", "0x1ffffffffffffffff", "1_000", " 1",
		"0123456789abcdef0123456789abcdef0123456g", "0123456789abcdeg0123456789abcdef01234567", "0x-1", "+5",
	} {
		if got, err := ParseSeed(text); err == nil || !strings.Contains(err.Error(), "parse seed") {
			t.Errorf("ParseSeed(%q) = %v, %v, want an error", text, got, err)
		}
	}
}

func TestSeedComesBackFromJSON(t *testing.T) {
	for _, seed := range []Seed{0, 7, 0x09f3c11e0a77, 1<<64 - 1} {
		text, err := json.Marshal(seed)
		if err != nil {
			t.Fatal(err)
		}
		var back Seed
		if err := json.Unmarshal(text, &back); err != nil || back != seed {
			t.Errorf("%s came back as %v, %v", text, back, err)
		}
	}
	if got := Seed(0x77).String(); got != "0x000000000077" {
		t.Errorf("String() = %s", got)
	}
}

func TestStreamCountsItsDraws(t *testing.T) {
	stream := Seed(1).Stream()
	for range 5 {
		Bool(stream, "b", 1, 2)
	}
	if stream.Draws() != 5 {
		t.Errorf("draws = %d, want 5", stream.Draws())
	}
}

// zeros and tops are the two ends of what a Source may answer.
type (
	zeros struct{}
	tops  struct{}
)

func (zeros) Uint64N(string, uint64) uint64    { return 0 }
func (tops) Uint64N(_ string, n uint64) uint64 { return n - 1 }

func TestZeroIsTheSimplestChoice(t *testing.T) {
	low, high := zeros{}, tops{}
	if Bool(low, "", 1, 2) || !Bool(high, "", 1, 2) || Bool(high, "", 0, 2) || !Bool(low, "", 2, 2) {
		t.Error("Bool: false is simpler, 0 of n never, n of n always")
	}
	if IntRange(low, "", -3, 9) != -3 || IntRange(high, "", -3, 9) != 9 {
		t.Error("IntRange: the low end is simpler, both ends are in")
	}
	if Duration(low, "", 5, 7) != 5 || Duration(high, "", 5, 7) != 7 {
		t.Error("Duration: the low end is simpler, both ends are in")
	}
	if Pick(low, "", "a", "b") != "a" || Pick(high, "", "a", "b") != "b" {
		t.Error("Pick: the first is simpler")
	}
	if Weighted(low, "", 0, 2, 1) != 1 || Weighted(high, "", 2, 1, 0) != 1 {
		t.Error("Weighted: a weight of 0 is never chosen")
	}
}

func TestDrawsFromNothingPanic(t *testing.T) {
	for name, draw := range map[string]func(){
		"stream":   func() { Seed(1).Stream().Uint64N("x", 0) },
		"keyed":    func() { Keyed(1, 2, 3, 4, 0) },
		"range":    func() { IntRange(zeros{}, "x", 2, 1) },
		"weighted": func() { Weighted(Seed(1).Stream(), "x", 0, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			draw()
		})
	}
}

// A change of one bit in any part of the key must change each bit of the draw in
// about half of the cases, or neighbours would draw alike.
func TestEveryPartOfAKeyMixesIntoTheDraw(t *testing.T) {
	const samples = 4000
	parts := map[string]func(i, bit uint64) (a, b uint64){
		"seed":    func(i, bit uint64) (a, b uint64) { return Hash(Seed(i), 7, 3, 1), Hash(Seed(i^bit), 7, 3, 1) },
		"actor":   func(i, bit uint64) (a, b uint64) { return Hash(9, i, 3, 1), Hash(9, i^bit, 3, 1) },
		"purpose": func(i, bit uint64) (a, b uint64) { return Hash(9, i, 3, 1), Hash(9, i, 3^Purpose(bit), 1) },
		"ordinal": func(i, bit uint64) (a, b uint64) { return Hash(9, 7, 3, i), Hash(9, 7, 3, i^bit) },
	}
	for name, pair := range parts {
		for _, bit := range []uint64{1, 2, 1 << 9, 1 << 15} {
			var flips [64]int
			for i := range uint64(samples) {
				a, b := pair(i, bit)
				for diff := a ^ b; diff != 0; diff &= diff - 1 {
					flips[bits.TrailingZeros64(diff)]++
				}
			}
			for place, n := range flips {
				if n < samples*42/100 || n > samples*58/100 {
					t.Errorf("%s bit %#x flips bit %d of the draw in %d of %d cases", name, bit, place, n, samples)
				}
			}
		}
	}
}

func TestStreamFillsItsRangeEvenly(t *testing.T) {
	const cells, draws = 10, 50_000
	var seen [cells]int
	stream := Seed(3).Derive("even").Stream()
	for range draws {
		seen[stream.Uint64N("x", cells)]++
	}
	for i, n := range seen {
		if n < draws/cells*9/10 || n > draws/cells*11/10 {
			t.Errorf("%d was drawn %d times of %d", i, n, draws)
		}
	}
}

func BenchmarkKeyed(b *testing.B) {
	var i, sum uint64
	for b.Loop() {
		sum += Keyed(7, 3, 2, i, 1000)
		i++
	}
	_ = sum
}

func BenchmarkStream(b *testing.B) {
	stream := Seed(7).Stream()
	for b.Loop() {
		stream.Uint64N("x", 1000)
	}
}
