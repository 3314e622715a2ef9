package faults

import (
	"fmt"

	"flinch/model/history"
)

var _ = register(CrashAtIO{}, "the process of a machine dies at its n-th disk operation, before or after its effect")

// CrashAtIO kills the process of a machine at the nth operation that it issues
// on any disk: on entry, when nothing has happened yet, or after the effect.
type CrashAtIO struct {
	Machine history.Machine `json:"machine"`
	Nth     int             `json:"nth"`             // from 1, over all its attempts
	After   bool            `json:"after,omitempty"` // after the effect
	Phase   *history.Phase  `json:"phase,omitempty"` // count only in this phase; nil: in all
}

// Kind returns "crash-at-io".
func (CrashAtIO) Kind() string { return "crash-at-io" }

// String describes the fault.
func (f CrashAtIO) String() string {
	when := "before"
	if f.After {
		when = "after"
	}
	return fmt.Sprintf("%v crashes %s its %s disk operation%s", f.Machine, when, ordinal(f.Nth), during(f.Phase))
}

// Arm makes the crash happen at the operation.
func (f CrashAtIO) Arm(c Controls) {
	ioWatch{
		match: func(site Site, _ Op) bool {
			return site.Process == f.Machine && inPhase(site, f.Phase) && c.Alive(f.Machine)
		},
		after: f.After, nth: f.Nth, count: 1,
		act: func(_ Site, op Op) Outcome {
			crash(c, f, f.Machine, fmt.Sprintf("at its %s disk operation, %v %s", ordinal(f.Nth), op.Kind, op.Path))
			// Whoever is not stopped by the crash itself must not go on as if the
			// operation had succeeded.
			return Outcome{Err: newIOError(f, op)}
		},
	}.arm(c)
}

func (f CrashAtIO) validate() error {
	if err := checkProcess("machine", f.Machine); err != nil {
		return err
	}
	if err := checkNth("nth", f.Nth); err != nil {
		return err
	}
	return checkPhase("phase", f.Phase)
}
