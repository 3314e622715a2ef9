package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(MessageDelayed{}, "a message between two processes is late, and others overtake it")

// MessageDelayed delays the nth message of a kind. Messages of its link that set
// out later need not wait for it.
type MessageDelayed struct {
	Message string           `json:"message"`        // kind of the message: see Lossy
	From    *history.Machine `json:"from,omitempty"` // nil: any
	To      *history.Machine `json:"to,omitempty"`
	Nth     int              `json:"nth"`   // from 1, over all that match
	Delay   Duration         `json:"delay"` // beyond what it takes anyway
}

// Kind returns "message-delayed".
func (MessageDelayed) Kind() string { return "message-delayed" }

// String describes the fault.
func (f MessageDelayed) String() string {
	return fmt.Sprintf("the %s %s%v is late by %v", ordinal(f.Nth), f.Message, pair{f.From, f.To}, f.Delay)
}

// Arm delays the message.
func (f MessageDelayed) Arm(c Controls) {
	messageWatch{
		fault: f, kind: f.Message, pair: pair{f.From, f.To}, nth: f.Nth, count: 1,
		what: "is late by " + f.Delay.String(), does: Delivery{Delay: time.Duration(f.Delay)},
	}.arm(c)
}

func (f MessageDelayed) validate() error {
	if err := checkMessages(f.Message, pair{f.From, f.To}, f.Nth); err != nil {
		return err
	}
	return checkSpan("delay", f.Delay)
}
