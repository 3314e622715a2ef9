package faults

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"flinch/model/history"
)

// Message is a message between two processes that sets out.
type Message struct {
	Kind       string // of history's kinds of messages
	From, To   history.Machine
	Checkpoint int64 // it is about; 0: none
}

// Delivery is what becomes of a message. The zero value changes nothing.
type Delivery struct {
	// Cut keeps the message from being carried. One that nobody waits for is lost;
	// one that must be answered is sent again until it gets through.
	Cut bool
	// Lost drops it on its way, and nobody is told. Copies of it may arrive all the
	// same.
	Lost   bool
	Copies int           // that arrive beside it
	Within time.Duration // by how much they are late at most
	Delay  time.Duration // beyond what it takes anyway: others of its link overtake it
}

// Lossy lists the kinds of messages that may be lost, doubled and overtaken: those
// whose sender does not wait for an answer. All others are sent again until they
// arrive, as over a connection.
var Lossy = []string{
	history.Trigger, history.Ack, history.Decline, history.Notify, history.Abort, history.Subsume, history.Heartbeat,
}

// IsLossy tells whether a message of the kind may be lost.
func IsLossy(kind string) bool { return slices.Contains(Lossy, kind) }

// messageWatch waits for the nth message that it matches.
type messageWatch struct {
	fault Fault
	kind  string
	pair  pair
	nth   int // from 1
	count int // on how many in a row, the nth first, to act
	what  string
	does  Delivery
}

// arm starts the watch.
func (w messageWatch) arm(c Controls) {
	seen, last := 0, w.nth+w.count-1
	c.OnMessage(func(m Message) (Delivery, bool) {
		if m.Kind != w.kind || !w.pair.matches(m) {
			return Delivery{}, false
		}
		seen++
		if seen < w.nth {
			return Delivery{}, false
		}
		c.Fired(w.fault, m.From, fmt.Sprintf("%s to %s%s %s", m.Kind, m.To, ofCheckpoint(m.Checkpoint), w.what))
		return w.does, seen >= last
	})
}

func ofCheckpoint(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf(" of checkpoint %d", id)
}

// pair is the machines that messages go between; nil: any.
type pair struct{ from, to *history.Machine }

func (p pair) matches(m Message) bool {
	return (p.from == nil || *p.from == m.From) && (p.to == nil || *p.to == m.To)
}

// String begins with a blank, unless any pair will do.
func (p pair) String() string {
	var text string
	if p.from != nil {
		text += " from " + p.from.String()
	}
	if p.to != nil {
		text += " to " + p.to.String()
	}
	return text
}

// checkMessages tells whether a watch for messages can match anything.
func checkMessages(kind string, p pair, nth int) error {
	if !IsLossy(kind) {
		return fieldError("message", "%q: want one of %s", kind, strings.Join(Lossy, ", "))
	}
	for _, end := range []struct {
		field   string
		machine *history.Machine
	}{{"from", p.from}, {"to", p.to}} {
		if end.machine != nil && *end.machine == history.Storage {
			return fieldError(end.field, "storage sends and gets no messages: want job-manager or task-manager-1 and so on")
		}
	}
	return checkNth("nth", nth)
}

// checkCount tells whether a count of messages is one.
func checkCount(field string, n int) error {
	if n < 1 {
		return fieldError(field, "%d: want 1 or more", n)
	}
	return nil
}
