package rng

import "testing"

// The values below are for ever: a seed that stands in a report, a case or a
// commit message must mean the same tomorrow. If this test fails, mend the code
// and not the values.
func TestDrawsOfASeedNeverChange(t *testing.T) {
	seed := Seed(0x09f3c11e0a77)
	stream := seed.Stream()
	for i, want := range []uint64{0xf6d578c9ab4fbf5, 0x6c3ddaac955c773e, 0x26a6412e5b30df5d, 0x676bf5d68f914a3} {
		if got := stream.Uint64N("x", 1<<63); got != want {
			t.Errorf("stream draw %d = %#x, want %#x", i, got, want)
		}
	}
	for label, want := range map[string]Seed{"": 0xee3c81605cab0682, "case": 0x7b79cd8b90aad653, "faults": 0x5134263d32413396} {
		if got := seed.Derive(label); got != want {
			t.Errorf("Derive(%q) = %v, want %v", label, got, want)
		}
	}
	hashes := []struct {
		seed    Seed
		actor   uint64
		purpose Purpose
		ordinal uint64
		want    uint64
	}{
		{0x0, 0x0, 0x0, 0, 0x8d7eecc2d52ddd04},
		{0x9f3c11e0a77, 0x1, 0x1, 0, 0xabc5e4541078e9c6},
		{0x9f3c11e0a77, 0x1, 0x1, 1, 0x7d66d5d9127bbd7b},
		{0x9f3c11e0a77, 0x1, 0x2, 0, 0x7fca1363e8a94e27},
		{0x9f3c11e0a77, 0x2, 0x1, 0, 0x8fae1e54b6a254bc},
		{0xffffffffffffffff, 0xffffffffffffffff, 0xffff, 1099511627776, 0x5ad73b5bd5c68c0c},
	}
	for _, h := range hashes {
		if got := Hash(h.seed, h.actor, h.purpose, h.ordinal); got != h.want {
			t.Errorf("Hash(%v, %d, %d, %d) = %#x, want %#x", h.seed, h.actor, h.purpose, h.ordinal, got, h.want)
		}
	}
}
