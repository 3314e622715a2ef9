package faults

import (
	"fmt"

	"flinch/model/history"
)

var _ = register(MessageLost{}, "messages between two processes get lost")

// MessageLost drops the nth message of a kind, and Count in all from there.
type MessageLost struct {
	Message string           `json:"message"`        // kind of the message: see Lossy
	From    *history.Machine `json:"from,omitempty"` // nil: any
	To      *history.Machine `json:"to,omitempty"`
	Nth     int              `json:"nth"`   // from 1, over all that match
	Count   int              `json:"count"` // in a row
}

// Kind returns "message-lost".
func (MessageLost) Kind() string { return "message-lost" }

// String describes the fault.
func (f MessageLost) String() string {
	text := fmt.Sprintf("the %s %s%v gets lost", ordinal(f.Nth), f.Message, pair{f.From, f.To})
	if f.Count > 1 {
		text += fmt.Sprintf(", and %d more", f.Count-1)
	}
	return text
}

// Arm loses the messages.
func (f MessageLost) Arm(c Controls) {
	messageWatch{
		fault: f, kind: f.Message, pair: pair{f.From, f.To}, nth: f.Nth, count: f.Count,
		what: "is lost", does: Delivery{Lost: true},
	}.arm(c)
}

func (f MessageLost) validate() error {
	if err := checkMessages(f.Message, pair{f.From, f.To}, f.Nth); err != nil {
		return err
	}
	return checkCount("count", f.Count)
}
