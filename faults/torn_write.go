package faults

import (
	"fmt"

	"flinch/model/history"
)

var _ = register(TornWrite{}, "a write takes effect up to a sector boundary only, and its writer or the machine dies")

// The sector sizes at which a write can tear, in bytes.
const (
	SectorSmallBytes = 512
	SectorLargeBytes = 4096
)

// TornWrite lets a part of a write happen. The writer sees an error; then it
// dies, or the machine of the disk loses power, before anything that the writer
// does (or anybody does to that disk) can take effect. A write within one sector
// cannot tear, and is not counted.
type TornWrite struct {
	Disk        history.Machine `json:"disk"`
	Phase       *history.Phase  `json:"phase,omitempty"` // count only in this phase; nil: in all
	Nth         int             `json:"nth"`             // from 1, of the writes that cross a boundary
	SectorBytes int64           `json:"sector_bytes"`    // SectorSmallBytes or SectorLargeBytes
	// Boundary is the boundary inside the write at which it ends, from 1. The
	// last one if there are fewer.
	Boundary int `json:"boundary"`
	// Power takes the power of the disk's machine, instead of killing the
	// writer's process.
	Power bool `json:"power,omitempty"`
}

// Kind returns "torn-write".
func (TornWrite) Kind() string { return "torn-write" }

// String describes the fault.
func (f TornWrite) String() string {
	end := "the writer crashes"
	if f.Power {
		end = f.Disk.String() + " loses power"
	}
	return fmt.Sprintf("%v's disk tears the %s write over a %d-byte boundary%s at boundary %d, and %s",
		f.Disk, ordinal(f.Nth), f.SectorBytes, during(f.Phase), f.Boundary, end)
}

// Arm makes the write tear.
func (f TornWrite) Arm(c Controls) {
	seen, torn, over := 0, false, false
	var writer history.Machine
	c.OnIO(func(site Site, op Op) (Outcome, bool) {
		switch {
		case over:
			return Outcome{}, true
		case torn:
			if hit := site.Disk == f.Disk; op.Done || site.Process != writer && !(f.Power && hit) {
				return Outcome{}, false
			}
			return Outcome{Err: newIOError(f, op)}, false
		case op.Done || !f.matches(site, op):
			return Outcome{}, false
		}
		if seen++; seen < f.Nth {
			return Outcome{}, false
		}
		torn, writer = true, site.Process
		partial := f.partial(op)
		c.Fired(f, f.Disk, fmt.Sprintf("%d of %d bytes of a write to %s", partial, op.Bytes, op.Path))
		// Death must come after the partial effect, which comes after this hook.
		c.At(c.Now(), func() {
			over = true
			f.end(c, writer)
		})
		return Outcome{Err: newIOError(f, op), Partial: partial}, false
	})
}

// end takes the power of the disk's machine or kills the writer, unless that
// has happened meanwhile.
func (f TornWrite) end(c Controls, writer history.Machine) {
	switch {
	case f.Power && c.Alive(f.Disk):
		c.PowerLoss(f.Disk)
	case !f.Power && c.Alive(writer):
		c.Crash(writer)
	}
}

func (f TornWrite) matches(site Site, op Op) bool {
	return op.Kind == OpWrite && site.Disk == f.Disk && inPhase(site, f.Phase) && f.boundaries(op) > 0
}

// boundaries counts the sector boundaries inside a write, its ends apart.
func (f TornWrite) boundaries(op Op) int64 {
	if op.Bytes == 0 {
		return 0
	}
	return (op.Offset+int64(op.Bytes)-1)/f.SectorBytes - op.Offset/f.SectorBytes
}

// partial is how many bytes of a write lie before the boundary at which it ends.
func (f TornWrite) partial(op Op) int {
	nth := min(int64(f.Boundary), f.boundaries(op))
	return int((op.Offset/f.SectorBytes+nth)*f.SectorBytes - op.Offset)
}

func (f TornWrite) validate() error {
	if f.SectorBytes != SectorSmallBytes && f.SectorBytes != SectorLargeBytes {
		return fieldError("sector_bytes", "%d: want %d or %d", f.SectorBytes, SectorSmallBytes, SectorLargeBytes)
	}
	if err := checkPhase("phase", f.Phase); err != nil {
		return err
	}
	if err := checkNth("nth", f.Nth); err != nil {
		return err
	}
	return checkNth("boundary", f.Boundary)
}
