package backends

import "fmt"

// Check tells what makes p impossible, if anything does.
func (p *KeyedParams) Check() error {
	if p.MaxParallelism < MaxParallelismMin || p.MaxParallelism > MaxParallelismMax {
		return fmt.Errorf("%d key groups, want %d to %d", p.MaxParallelism, MaxParallelismMin, MaxParallelismMax)
	}
	all := KeyGroupRange{Start: 0, End: p.MaxParallelism - 1}
	if r := p.KeyGroups; r.Len() > 0 && r.Intersect(all) != r {
		return fmt.Errorf("key groups %s are not within %s", r, all)
	}
	if p.KeyBytes < 0 {
		return fmt.Errorf("keys of %d bytes", p.KeyBytes)
	}
	return nil
}

// Sizes of the pieces in which a snapshot is written.
const (
	chunkBytesDefault = 1 << 10
	chunkBytesMin     = 16
	chunkBytesMax     = 1 << 20
)

// ChunkBytes is the size of the pieces in which a snapshot is written, as the
// tuning has it under a name, made usable: at least 16 bytes, 1024 by default.
func ChunkBytes(tuning map[string]int64, name string) int {
	wanted, ok := tuning[name]
	if !ok {
		return chunkBytesDefault
	}
	return int(min(max(wanted, chunkBytesMin), chunkBytesMax))
}
