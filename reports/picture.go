package reports

import (
	"strings"

	"flinch/model/history"
)

// Picture is what the timeline of a finding is drawn from: what happened around
// the step at which the guarantee broke.
type Picture struct {
	// From and To bound the steps of the finding that it shows: [From, To).
	From, To int
	// First and Last bound the same in steps of the history.
	First, Last history.Step
	// Run holds the narrative between First and Last, with all attempts, crashes
	// and checkpoints; where those are too many, the ones between First and Last,
	// the last ones first. Its events are the finding's steps.
	Run history.Run
	// MessagesLeft, SpansLeft, AttemptsLeft and CrashesLeft are how many rows there
	// are between First and Last beyond what a picture may hold. CheckpointsLeft is
	// how many checkpoints of the run are not among those kept, wherever they lie.
	MessagesLeft, SpansLeft, AttemptsLeft, CrashesLeft, CheckpointsLeft int
}

// Bounds of a picture. What is no record counts as an event: records are drawn in
// heaps.
const (
	eventsBefore = 150
	eventsAfter  = 50
	recordsMax   = 2000 // each way
	tableRowsMax = 4000 // messages, and phases
	rowsKeptMax  = 500  // attempts, crashes, checkpoints
)

// NewPicture cuts the part of a narrated run that is worth looking at out of the
// whole. Broken is the step at which a guarantee broke; 0 if that is not known:
// then it is the end of the run.
func NewPicture(run *history.Run, broken history.Step) *Picture {
	p := &Picture{}
	at := len(run.Events)
	if broken > 0 {
		for at = 0; at < len(run.Events) && run.Events[at].Step <= broken; at++ {
		}
	}
	p.From, p.To = reach(run.Events, at, -1, eventsBefore), reach(run.Events, at, 1, eventsAfter)
	if p.From < p.To {
		p.First, p.Last = run.Events[p.From].Step, run.Events[p.To-1].Step
	}
	p.First, p.Last = wider(p, run, broken)
	p.fill(run)
	return p
}

// wider returns the steps that a picture reaches to: the ends of the run, if its
// first and last event are in it.
func wider(p *Picture, run *history.Run, broken history.Step) (first, last history.Step) {
	first, last = p.First, max(p.Last, broken)
	if p.From == 0 {
		first = 0
	}
	if p.To == len(run.Events) {
		for _, m := range run.Messages {
			last = max(last, m.Sent, m.Arrived, m.Lost)
		}
		for _, s := range run.Spans {
			last = max(last, s.Begin, s.End)
		}
	}
	return first, last
}

// reach goes from an event in a direction until n events were passed.
func reach(events []history.Event, at, direction, n int) int {
	records := 0
	for n > 0 && records < recordsMax {
		next := at
		if direction < 0 {
			next--
		}
		if next < 0 || next >= len(events) {
			break
		}
		if e := events[next]; !e.Fault && strings.HasPrefix(e.Text, recordPrefix) {
			records++
		} else {
			n--
		}
		at += direction
	}
	return at
}

func (p *Picture) fill(run *history.Run) {
	for _, m := range run.Messages {
		if within(p, m.Sent, max(m.Arrived, m.Lost)) {
			p.Run.Messages = append(p.Run.Messages, m)
		}
	}
	for _, s := range run.Spans {
		if within(p, s.Begin, s.End) {
			p.Run.Spans = append(p.Run.Spans, s)
		}
	}
	for _, l := range run.Lives {
		if within(p, l.Begin, l.End) {
			p.Run.Lives = append(p.Run.Lives, l)
		}
	}
	p.Run.Messages, p.MessagesLeft = atMost(p.Run.Messages, tableRowsMax)
	p.Run.Spans, p.SpansLeft = atMost(p.Run.Spans, tableRowsMax)
	p.Run.Attempts, p.AttemptsLeft = nearest(p, run.Attempts, func(a *history.Attempt) (begin, end history.Step) { return a.Begin, a.End })
	p.Run.Crashes, p.CrashesLeft = nearest(p, run.Crashes, func(c *history.Crash) (begin, end history.Step) { return c.Step, c.Step })
	p.Run.Checkpoints, _ = nearest(p, run.Checkpoints, retained)
	p.CheckpointsLeft = len(run.Checkpoints) - len(p.Run.Checkpoints)
}

// retained is how long a checkpoint may be restored from, or may come to be.
func retained(c *history.Checkpoint) (begin, end history.Step) {
	if c.Aborted != 0 && c.Observed == 0 {
		return c.Triggered, c.Aborted
	}
	return c.Triggered, c.Subsumed
}

// within tells whether something from begin to end (0: it does not end) falls
// into the picture.
func within(p *Picture, begin, end history.Step) bool {
	return begin <= p.Last && (end == 0 || end >= p.First)
}

// nearest returns all rows or, if they are too many, those that fall into the
// picture; of these the last ones, since the step that broke is near the end of
// it. Left is how many more fall into it.
func nearest[T any](p *Picture, rows []T, bounds func(*T) (begin, end history.Step)) (kept []T, left int) {
	if len(rows) <= rowsKeptMax {
		return rows, 0
	}
	for i := range rows {
		if begin, end := bounds(&rows[i]); within(p, begin, end) {
			kept = append(kept, rows[i])
		}
	}
	left = max(len(kept)-rowsKeptMax, 0)
	return kept[left:], left
}

// atMost returns the first n rows, and how many are left out.
func atMost[T any](rows []T, n int) (first []T, left int) {
	if len(rows) <= n {
		return rows, 0
	}
	return rows[:n], len(rows) - n
}
