package faults

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"flinch/model/history"
)

// TestFullDiskTakesWhatFitsAndHasRoomAgain: a write beyond the room ends with
// ENOSPC after the bytes that fit; other disks, deletes and later times bring
// room.
func TestFullDiskTakesWhatFitsAndHasRoomAgain(t *testing.T) {
	c := newFake(false)
	c.used = 1000
	FullDisk{Disk: history.Storage, At: second, Lasts: 2 * second, RoomBytes: 100}.Arm(c)
	on := func(m history.Machine, bytes int) Outcome {
		return c.ask(Site{Disk: m}, Op{Kind: OpWrite, Path: "/a", Bytes: bytes})
	}
	for _, step := range []struct {
		now     time.Duration
		disk    history.Machine
		used    int64
		bytes   int
		full    bool
		partial int
	}{
		{0, history.Storage, 1000, 5000, false, 0}, // too early
		{time.Second, history.Storage, 1000, 100, false, 0},
		{time.Second, history.Storage, 1000, 101, true, 100},
		{time.Second, history.JobManager, 1000, 101, false, 0},
		{time.Second, history.Storage, 1100, 1, true, 0},
		{time.Second, history.Storage, 1100, 0, false, 0},
		{time.Second, history.Storage, 1200, 1, true, 0}, // another write was under way
		{2 * time.Second, history.Storage, 400, 700, false, 0},
		{3 * time.Second, history.Storage, 1100, 1, false, 0}, // over
	} {
		c.advance(step.now)
		c.used = step.used
		out := on(step.disk, step.bytes)
		if full := errors.Is(out.Err, syscall.ENOSPC) && errors.Is(out.Err, ErrInjected); full != step.full || out.Partial != step.partial {
			t.Errorf("%+v: error %v after %d bytes", step, out.Err, out.Partial)
		}
		if step.now == 0 {
			c.used = 1000 // as it is when the fault begins
		}
	}
}
