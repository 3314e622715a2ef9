package reports

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"flinch/model/history"
)

// Finding is one broken guarantee, with all that its failure text needs.
type Finding struct {
	Fingerprint string // of Fingerprint
	Check       string
	Scenario    string
	Backend     string
	Seed        string   // as seeds print: "0x..."
	Message     string   // one sentence that a person would say
	Also        []string // further checks that the same run broke

	Steps       []Step // of the case that is shown
	StepsBefore int    // how many steps the case had before it was shrunk
	Crashes     int    // of the case that is shown
	OtherFaults int
	Shrunk      bool          // a shrinker has run; else Steps are the full list
	ShrunkIn    time.Duration // real time
	ShrinkCut   string        // why shrinking ended early: "time ran out"; "" if it did not
	Checkpoint  int64         // the one concerned; 0: none

	DifferencesTitle string   // "state (expected | restored)"
	DifferencesNote  string   // "2 of 1,204 keys differ"
	Differences      []string // one line each
	DifferencesLeft  int      // how many lines there are beyond those

	// Picture is what the timeline is drawn from; nil: there is none.
	Picture *Picture

	Determinism string // "run again twice, same trace 5d0c1f..."
	Report      string // path of the page; "" if none was written
	Bundle      string // name of the folder that it is in; "" if none was written
	Replay      string // the command that shows it again
}

// Step is one step of a case, as it is told.
type Step struct {
	At         time.Duration // virtual time
	Actor      string
	Text       string
	Fault      bool
	Checkpoint int64 // that it is about; 0: none
	Broken     bool  // the guarantee broke here

	Machine history.Machine // that it happened on
	Number  history.Step    // of the history; 0: not known
}

// IsRecord tells whether the step is a record's, of which there are many.
func (s Step) IsRecord() bool { return !s.Fault && strings.HasPrefix(s.Text, recordPrefix) }

// recordPrefix begins the text of steps that process a record.
const recordPrefix = "record "

// Steps tells events as steps. Broken is the step of the history at which the
// guarantee broke; 0 if that is not known.
func Steps(events []history.Event, broken history.Step) []Step {
	steps := make([]Step, len(events))
	last := -1
	for i, e := range events {
		steps[i] = Step{
			At: e.At, Actor: e.Machine.String(), Text: e.Text, Fault: e.Fault, Checkpoint: e.Checkpoint,
			Machine: e.Machine, Number: e.Step,
		}
		if e.Fault {
			steps[i].Actor = "FAULT " + steps[i].Actor
		}
		if e.Step <= broken {
			last = i
		}
	}
	if last >= 0 {
		steps[last].Broken = true
	}
	return steps
}

// Fingerprint names equal failures equally, as "F-7c1e". Shape is what the
// message (see Normal) and the smallest case look like without their incidental
// values.
func Fingerprint(check, shape, backend string) string {
	h := fnv.New64a()
	for _, part := range []string{check, shape, backend} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	sum := h.Sum64()
	return fmt.Sprintf("F-%04x", uint16(sum^sum>>16^sum>>32^sum>>48))
}
