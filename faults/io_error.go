package faults

import (
	"fmt"
	"strconv"

	"flinch/model/history"
)

var _ = register(FailedIO{}, "disk operations of one kind return EIO, before or after their effect")

// FailedIO makes operations of one kind on one disk return an error: Count in a
// row, the nth first. After means that they took effect nevertheless.
type FailedIO struct {
	Disk  history.Machine `json:"disk"`
	Op    OpKind          `json:"op"`
	Phase *history.Phase  `json:"phase,omitempty"` // count only in this phase; nil: in all
	Nth   int             `json:"nth"`             // from 1
	Count int             `json:"count"`           // how many fail, 1 or more
	After bool            `json:"after,omitempty"` // after the effect
}

// Kind returns "io-error".
func (FailedIO) Kind() string { return "io-error" }

// String describes the fault.
func (f FailedIO) String() string {
	which := ordinal(f.Nth) + " " + f.Op.String()
	if f.Count > 1 {
		which = fmt.Sprintf("%s and the next %d", which, f.Count-1)
	}
	when := ""
	if f.After {
		when = " after its effect"
	}
	return fmt.Sprintf("%v's disk fails the %s%s%s", f.Disk, which, during(f.Phase), when)
}

// Arm makes the operations fail.
func (f FailedIO) Arm(c Controls) {
	ioWatch{
		match: func(site Site, op Op) bool {
			return site.Disk == f.Disk && op.Kind == f.Op && inPhase(site, f.Phase)
		},
		after: f.After, nth: f.Nth, count: f.Count,
		act: func(_ Site, op Op) Outcome {
			err := newIOError(f, op)
			c.Fired(f, f.Disk, err.Error())
			return Outcome{Err: err}
		},
	}.arm(c)
}

func (f FailedIO) validate() error {
	if f.Op >= OpKindCount {
		return fieldError("op", "there is no operation %s", strconv.Itoa(int(f.Op)))
	}
	if err := checkPhase("phase", f.Phase); err != nil {
		return err
	}
	if err := checkNth("nth", f.Nth); err != nil {
		return err
	}
	return checkNth("count", f.Count)
}
