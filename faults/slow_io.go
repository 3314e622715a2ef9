package faults

import (
	"fmt"
	"strconv"
	"time"

	"flinch/model/history"
)

var _ = register(SlowIO{}, "one disk operation takes much longer than usual")

// SlowIO stalls the nth operation of a kind on one machine's disk before it takes
// effect: a checkpoint may expire over it, and the next one overlap it.
type SlowIO struct {
	Disk  history.Machine `json:"disk"`
	Op    OpKind          `json:"op"`
	Phase *history.Phase  `json:"phase,omitempty"` // only operations of this phase count
	Nth   int             `json:"nth"`             // from 1
	Delay Duration        `json:"delay"`           // beyond what the operation takes anyway
}

// Kind returns "slow-io".
func (SlowIO) Kind() string { return "slow-io" }

// String describes the fault.
func (f SlowIO) String() string {
	return fmt.Sprintf("%v's disk stalls the %s %s%s for %v", f.Disk, ordinal(f.Nth), f.Op, during(f.Phase), f.Delay)
}

// Arm stalls the operation.
func (f SlowIO) Arm(c Controls) {
	ioWatch{
		match: func(site Site, op Op) bool {
			return site.Disk == f.Disk && op.Kind == f.Op && inPhase(site, f.Phase)
		},
		nth: f.Nth, count: 1,
		act: func(_ Site, op Op) Outcome {
			c.Fired(f, f.Disk, fmt.Sprintf("%s %s for %v", op.Kind, op.Path, f.Delay))
			return Outcome{Delay: time.Duration(f.Delay)}
		},
	}.arm(c)
}

func (f SlowIO) validate() error {
	if f.Op >= OpKindCount {
		return fieldError("op", "there is no operation %s", strconv.Itoa(int(f.Op)))
	}
	if err := checkPhase("phase", f.Phase); err != nil {
		return err
	}
	if err := checkNth("nth", f.Nth); err != nil {
		return err
	}
	return checkSpan("delay", f.Delay)
}
