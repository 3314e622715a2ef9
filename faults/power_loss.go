package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(PowerLoss{}, "a machine, storage included, loses power at a moment of virtual time")

// PowerLoss takes the power of a machine at a moment. If it has none then,
// nothing happens.
type PowerLoss struct {
	Machine history.Machine `json:"machine"`
	At      Duration        `json:"at"` // since the run began
}

// Kind returns "power-loss".
func (PowerLoss) Kind() string { return "power-loss" }

// String describes the fault.
func (f PowerLoss) String() string { return fmt.Sprintf("%v loses power at %v", f.Machine, f.At) }

// Arm makes the power go at its time.
func (f PowerLoss) Arm(c Controls) {
	c.At(time.Duration(f.At), func() { losePower(c, f, f.Machine, "at "+f.At.String()) })
}

func (f PowerLoss) validate() error { return checkSpan("at", f.At) }
