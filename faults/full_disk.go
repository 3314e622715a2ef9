package faults

import (
	"fmt"
	"syscall"
	"time"

	"flinch/model/history"
)

var _ = register(FullDisk{}, "a disk has room for so many bytes more and no longer, and writes beyond them end with ENOSPC")

// FullDisk takes the room of a disk away for a while: from a moment on it holds
// RoomBytes more than it does then, and no more. What is deleted gives room
// again. A write that does not fit takes effect up to the last byte that does.
type FullDisk struct {
	Disk      history.Machine `json:"disk"`
	At        Duration        `json:"at"`    // since the run began
	Lasts     Duration        `json:"lasts"` // until there is room again
	RoomBytes int64           `json:"room_bytes"`
}

// Kind returns "full-disk".
func (FullDisk) Kind() string { return "full-disk" }

// String describes the fault.
func (f FullDisk) String() string {
	return fmt.Sprintf("%v's disk has room for %d bytes more from %v on for %v", f.Disk, f.RoomBytes, f.At, f.Lasts)
}

// Arm makes the disk full at its time.
func (f FullDisk) Arm(c Controls) {
	c.At(time.Duration(f.At), func() {
		capacity, until := c.Used(f.Disk)+f.RoomBytes, c.Now()+time.Duration(f.Lasts)
		c.OnIO(func(site Site, op Op) (Outcome, bool) {
			if c.Now() >= until {
				return Outcome{}, true
			}
			if op.Done || !op.Fills() || site.Disk != f.Disk {
				return Outcome{}, false
			}
			room := max(0, capacity-c.Used(f.Disk))
			if int64(op.Bytes) <= room {
				return Outcome{}, false
			}
			c.Fired(f, f.Disk, fmt.Sprintf("%d of %d bytes of a write to %s", room, op.Bytes, op.Path))
			return Outcome{Err: NoSpace(f.Kind()), Partial: int(room)}, false
		})
	})
}

func (f FullDisk) validate() error {
	if f.RoomBytes < 0 {
		return fieldError("room_bytes", "%d: want 0 or more", f.RoomBytes)
	}
	if err := checkSpan("at", f.At); err != nil {
		return err
	}
	return checkSpan("lasts", f.Lasts)
}

// NoSpace returns what a write to a full disk ends with: it wraps ErrInjected and
// ENOSPC. Cause says why the disk is full.
func NoSpace(cause string) error { return &noSpace{cause} }

type noSpace struct{ cause string }

// Error says what every system says, and why.
func (e *noSpace) Error() string {
	return fmt.Sprintf("%v (injected fault %s)", syscall.ENOSPC, e.cause)
}

// Unwrap returns ErrInjected and ENOSPC.
func (e *noSpace) Unwrap() []error { return []error{ErrInjected, syscall.ENOSPC} }
