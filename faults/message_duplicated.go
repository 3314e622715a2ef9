package faults

import (
	"fmt"
	"time"

	"flinch/model/history"
)

var _ = register(MessageDuplicated{}, "a message between two processes arrives several times")

// MessageDuplicated has the nth message of a kind arrive Copies times more, each
// copy in its own time.
type MessageDuplicated struct {
	Message string           `json:"message"`        // kind of the message: see Lossy
	From    *history.Machine `json:"from,omitempty"` // nil: any
	To      *history.Machine `json:"to,omitempty"`
	Nth     int              `json:"nth"` // from 1, over all that match
	Copies  int              `json:"copies"`
	Within  Duration         `json:"within"` // the copies come up to this much later
}

// copiesMax bounds how often one message arrives.
const copiesMax = 100

// Kind returns "message-duplicated".
func (MessageDuplicated) Kind() string { return "message-duplicated" }

// String describes the fault.
func (f MessageDuplicated) String() string {
	return fmt.Sprintf("the %s %s%v arrives %d times within %v", ordinal(f.Nth), f.Message, pair{f.From, f.To}, f.Copies+1, f.Within)
}

// Arm doubles the message.
func (f MessageDuplicated) Arm(c Controls) {
	messageWatch{
		fault: f, kind: f.Message, pair: pair{f.From, f.To}, nth: f.Nth, count: 1,
		what: "is doubled", does: Delivery{Copies: f.Copies, Within: time.Duration(f.Within)},
	}.arm(c)
}

func (f MessageDuplicated) validate() error {
	if err := checkMessages(f.Message, pair{f.From, f.To}, f.Nth); err != nil {
		return err
	}
	if f.Copies < 1 || f.Copies > copiesMax {
		return fieldError("copies", "%d: want 1 to %d", f.Copies, copiesMax)
	}
	return checkSpan("within", f.Within)
}
