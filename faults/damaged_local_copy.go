package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(DamagedLocalCopy{}, "a task manager's disk flips a bit of a file of its local copies, or loses the file's end")

// DamagedLocalCopy damages one of the files that local recovery keeps on a machine's
// disk, without a word to anybody. If there are none at that moment, or the file
// is empty, nothing happens.
type DamagedLocalCopy struct {
	Machine history.Machine `json:"machine"`
	At      Duration        `json:"at"`   // since the run began
	File    int             `json:"file"` // counted by path from 0; beyond the last one, again from the first
	Byte    int             `json:"byte"` // so are the file's bytes
	Cut     bool            `json:"cut,omitempty"`
}

// Kind returns "damaged-local-copy".
func (DamagedLocalCopy) Kind() string { return "damaged-local-copy" }

// String describes the fault.
func (f DamagedLocalCopy) String() string {
	return fmt.Sprintf("%v's disk %s byte %d of file %d of its local copies at %v", f.Machine, f.what(), f.Byte, f.File, f.At)
}

func (f DamagedLocalCopy) what() string {
	if f.Cut {
		return "loses what comes from"
	}
	return "flips a bit in"
}

// Arm makes the damage happen at its time.
func (f DamagedLocalCopy) Arm(c Controls) {
	c.At(time.Duration(f.At), func() {
		copies := c.LocalCopies(f.Machine)
		if len(copies) == 0 {
			return
		}
		file := copies[f.File%len(copies)]
		if file.SizeBytes == 0 {
			return
		}
		at := int64(f.Byte) % file.SizeBytes
		c.Fired(f, f.Machine, fmt.Sprintf("the disk %s byte %d of %s, which has %d bytes", f.what(), at, file.Path, file.SizeBytes))
		c.DamageLocalCopy(f.Machine, file.Path, at, f.Cut)
	})
}

func (f DamagedLocalCopy) validate() error {
	switch {
	case f.File < 0:
		return fieldError("file", "%d: want 0 or more", f.File)
	case f.Byte < 0:
		return fieldError("byte", "%d: want 0 or more", f.Byte)
	}
	return checkSpan("at", f.At)
}

// LocalCopy is one file of a machine's local copies.
type LocalCopy struct {
	Path      string
	SizeBytes int64
}
