package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(Partition{}, "two machines cannot reach each other for a while, in one direction or both")

// Partition keeps From from reaching To for a while; with Both, To from reaching
// From, too. Storage answers, so that one direction cuts it off.
type Partition struct {
	From  history.Machine `json:"from"`
	To    history.Machine `json:"to"`
	Both  bool            `json:"both,omitempty"`
	At    Duration        `json:"at"`    // since the run began
	Lasts Duration        `json:"lasts"` // until they reach each other again
}

// Kind returns "partition".
func (Partition) Kind() string { return "partition" }

// String describes the fault.
func (f Partition) String() string {
	return fmt.Sprintf("%s from %v on for %v", f.what(), f.At, f.Lasts)
}

func (f Partition) what() string {
	if f.Both {
		return fmt.Sprintf("%v and %v do not reach each other", f.From, f.To)
	}
	return fmt.Sprintf("%v does not reach %v", f.From, f.To)
}

// Arm begins the partition at its time.
func (f Partition) Arm(c Controls) {
	c.At(time.Duration(f.At), func() {
		c.Fired(f, f.From, fmt.Sprintf("%s for %v", f.what(), f.Lasts))
		f.begin(c, c.Now()+time.Duration(f.Lasts))
	})
}

// begin cuts the two off until a moment.
func (f Partition) begin(c Controls, until time.Duration) {
	c.OnMessage(func(m Message) (Delivery, bool) {
		if c.Now() >= until {
			return Delivery{}, true
		}
		return Delivery{Cut: f.cuts(m.From, m.To)}, false
	})
	c.OnIO(func(site Site, op Op) (Outcome, bool) {
		if c.Now() >= until {
			return Outcome{}, true
		}
		if site.Disk != history.Storage || site.Process == history.Storage ||
			!f.cuts(site.Process, history.Storage) && !f.cuts(history.Storage, site.Process) {
			return Outcome{}, false
		}
		if op.Done && f.cuts(site.Process, history.Storage) {
			return Outcome{}, false // it was under way when the partition began
		}
		if !op.Done && !f.cuts(site.Process, history.Storage) {
			return Outcome{}, false // it is the answer that does not come
		}
		return Outcome{Err: newIOError(f, op)}, false
	})
}

// cuts tells whether a message from one machine to another is not carried.
func (f Partition) cuts(from, to history.Machine) bool {
	return from == f.From && to == f.To || f.Both && from == f.To && to == f.From
}

func (f Partition) validate() error {
	if f.From == f.To {
		return fieldError("to", "%v always reaches itself: want another machine than from", f.To)
	}
	if err := checkSpan("at", f.At); err != nil {
		return err
	}
	return checkSpan("lasts", f.Lasts)
}
