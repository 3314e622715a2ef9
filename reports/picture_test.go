package reports

import (
	"fmt"
	"slices"
	"testing"

	"flinch/model/history"
)

// longRun has an event a step, with a message and a phase beginning at each.
func longRun(events int) *history.Run {
	r := &history.Run{}
	for i := range events {
		step := history.Step(i + 1)
		text := "something"
		if i%3 == 0 {
			text = recordPrefix + "1"
		}
		r.Events = append(r.Events, history.Event{Step: step, Text: text})
		r.Messages = append(r.Messages, history.Message{Sent: step, Arrived: step + 1})
		r.Spans = append(r.Spans, history.Span{Begin: step, End: step + 2})
	}
	r.Lives = []history.Life{{Number: 1}}
	return r
}

func TestPictureIsCutAroundTheBrokenStep(t *testing.T) {
	p := NewPicture(longRun(10_000), 5000)
	if before, after := 5000-p.From, p.To-5000; before < eventsBefore || before > 2*eventsBefore || after < eventsAfter || after > 2*eventsAfter {
		t.Errorf("steps %d to %d of 10000 are shown, broken at 5000", p.From, p.To)
	}
	for _, m := range p.Run.Messages {
		if m.Arrived < p.First || m.Sent > p.Last {
			t.Fatalf("message %+v is not within %d to %d", m, p.First, p.Last)
		}
	}
	if n := p.To - p.From; len(p.Run.Messages) < n || len(p.Run.Spans) < n || len(p.Run.Lives) != 1 {
		t.Errorf("%d steps have %d messages, %d phases, %d lives", n, len(p.Run.Messages), len(p.Run.Spans), len(p.Run.Lives))
	}
}

func TestPictureOfAShortRunHasAllOfIt(t *testing.T) {
	r := longRun(30)
	for _, broken := range []history.Step{0, 1, 15, 30} {
		p := NewPicture(r, broken)
		if p.From != 0 || p.To != 30 || len(p.Run.Messages) != 30 || len(p.Run.Spans) != 30 || p.Last != 32 {
			t.Errorf("broken at %d: steps %d to %d, %d messages, %d phases, until %d",
				broken, p.From, p.To, len(p.Run.Messages), len(p.Run.Spans), p.Last)
		}
	}
	if p := NewPicture(&history.Run{}, 3); p.From != p.To || p.Last != 3 {
		t.Errorf("an empty run: %+v", p)
	}
}

func TestPictureSaysWhatItHasNoRoomFor(t *testing.T) {
	r := longRun(10)
	for i := range rowsKeptMax + 7 {
		r.Checkpoints = append(r.Checkpoints, history.Checkpoint{ID: int64(i)})
	}
	for range tableRowsMax {
		r.Messages = append(r.Messages, history.Message{Sent: 1, Arrived: 2})
	}
	p := NewPicture(r, 5)
	got := fmt.Sprint(p.CheckpointsLeft, p.MessagesLeft, p.SpansLeft, len(p.Run.Checkpoints), len(p.Run.Messages))
	if want := fmt.Sprint(7, 10, 0, rowsKeptMax, tableRowsMax); got != want {
		t.Errorf("left out and kept %s, want %s", got, want)
	}
}

// TestPictureKeepsTheRowsThatItShows: of more than it may hold, those around the
// broken step, and not those with which the run began.
func TestPictureKeepsTheRowsThatItShows(t *testing.T) {
	r := longRun(10_000)
	const every = 5
	for step := history.Step(1); step < 10_000; step += every {
		n := len(r.Attempts) + 1
		r.Attempts = append(r.Attempts, history.Attempt{Number: n, Begin: step, End: step + every})
		r.Crashes = append(r.Crashes, history.Crash{Step: step})
		r.Checkpoints = append(r.Checkpoints, history.Checkpoint{ID: int64(n), Triggered: step, Observed: step + 1, Subsumed: step + every})
	}
	aborted := history.Checkpoint{ID: 9999, Triggered: 2, Aborted: 3}
	unsettled := history.Checkpoint{ID: 10_000, Triggered: 2, Observed: 3}
	r.Checkpoints = append(r.Checkpoints, aborted, unsettled)
	p := NewPicture(r, 9000)
	shown := int(p.Last-p.First) / every
	for what, n := range map[string]int{
		"attempts": len(p.Run.Attempts), "crashes": len(p.Run.Crashes), "checkpoints": len(p.Run.Checkpoints),
	} {
		if n < shown || n > shown+3 {
			t.Errorf("%d %s within %d to %d, want %d", n, what, p.First, p.Last, shown)
		}
	}
	if slices.ContainsFunc(p.Run.Checkpoints, func(c history.Checkpoint) bool { return c.ID == aborted.ID }) {
		t.Error("a checkpoint that was aborted long before is kept")
	}
	for _, c := range p.Run.Crashes {
		if c.Step < p.First || c.Step > p.Last {
			t.Errorf("a crash at %d is not within %d to %d", c.Step, p.First, p.Last)
		}
	}
	if last := p.Run.Checkpoints[len(p.Run.Checkpoints)-1]; last.ID != unsettled.ID {
		t.Errorf("the last checkpoint is %+v, want the one that can still be restored", last)
	}
	if p.AttemptsLeft != 0 || p.CrashesLeft != 0 || p.CheckpointsLeft != len(r.Checkpoints)-len(p.Run.Checkpoints) {
		t.Errorf("left out %d attempts, %d crashes, %d checkpoints", p.AttemptsLeft, p.CrashesLeft, p.CheckpointsLeft)
	}
}
