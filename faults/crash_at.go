package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(CrashAt{}, "the process of a machine dies at a moment of virtual time")

// CrashAt kills the process of a machine at a moment. If the process is dead
// then, nothing happens.
type CrashAt struct {
	Machine history.Machine `json:"machine"`
	At      Duration        `json:"at"` // since the run began
}

// Kind returns "crash-at".
func (CrashAt) Kind() string { return "crash-at" }

// String describes the fault.
func (f CrashAt) String() string { return fmt.Sprintf("%v crashes at %v", f.Machine, f.At) }

// Arm makes the crash happen at its time.
func (f CrashAt) Arm(c Controls) {
	c.At(time.Duration(f.At), func() { crash(c, f, f.Machine, "at "+f.At.String()) })
}

func (f CrashAt) validate() error {
	if err := checkProcess("machine", f.Machine); err != nil {
		return err
	}
	return checkSpan("at", f.At)
}
