package pages

import (
	"fmt"
	"strings"
	"time"

	"flinch/model/history"
	"flinch/reports"
)

// checkpointTable is the life of each checkpoint, in Flink's words.
type checkpointTable struct {
	Note string
	Rows []checkpointRow
}

type checkpointRow struct {
	ID           int64
	Triggered    string
	Attempt      int
	Status, Tone string
	Reason       string
	RestoredBy   string
}

// newCheckpointTable returns nil if there is no checkpoint.
func newCheckpointTable(p *reports.Picture) *checkpointTable {
	if p == nil || len(p.Run.Checkpoints) == 0 {
		return nil
	}
	t := &checkpointTable{}
	if p.CheckpointsLeft > 0 {
		t.Note = fmt.Sprintf("%d more checkpoints are not shown.", p.CheckpointsLeft)
	}
	for _, c := range p.Run.Checkpoints {
		state := stateOf(c)
		t.Rows = append(t.Rows, checkpointRow{
			ID: c.ID, Triggered: clock(c.TriggeredAt), Attempt: c.Attempt, Status: state.word, Tone: state.tone,
			Reason: reasonOf(c), RestoredBy: restoredBy(c.ID, p.Run.Attempts),
		})
	}
	return t
}

// state is how a checkpoint ended.
type state struct {
	word  string
	sign  string
	class string // of the picture
	tone  string // of the layout
}

func stateOf(c history.Checkpoint) state {
	switch {
	case c.Aborted != 0:
		return state{"aborted", "✕", "aborted", "unsure"}
	case c.Observed != 0 && c.Subsumed != 0:
		return state{"completed, subsumed", "✓", "done", "good"}
	case c.Observed != 0:
		return state{"completed", "✓", "done", "good"}
	case c.Unknown != 0:
		return state{"outcome unknown", "?", "lost", "unsure"}
	}
	return state{"in progress", "…", "lost", "muted"}
}

func reasonOf(c history.Checkpoint) string {
	switch {
	case c.Aborted != 0:
		return clean(c.Reason)
	case c.Observed != 0:
		return "at " + clock(c.ObservedAt) + ", known by " + observedBy(c.ObservedBy)
	case c.Unknown != 0:
		return "the write that publishes it returned an error"
	}
	return "until its job manager or the run was over"
}

// observedBy puts into words how anybody could first see that a checkpoint had
// completed.
func observedBy(how string) string {
	switch how {
	case "notify":
		return "notification"
	case "restore":
		return "being restored"
	}
	return how
}

func restoredBy(id int64, attempts []history.Attempt) string {
	var by []string
	for _, a := range attempts {
		if a.Restored == id {
			by = append(by, fmt.Sprintf("attempt %d at %s", a.Number, clock(a.BeginAt)))
		}
	}
	return strings.Join(by, ", ")
}

func checkpointText(c history.Checkpoint) string {
	return fmt.Sprintf("checkpoint %d, triggered at %s: %s, %s", c.ID, clock(c.TriggeredAt), stateOf(c).word, reasonOf(c))
}

// stepTable is the list of steps.
type stepTable struct {
	Note   string
	Groups []stepGroup
}

// stepGroup is steps that are shown, or folded under a title.
type stepGroup struct {
	Title string
	Rows  []stepRow
}

type stepRow struct {
	Number            int
	Time, Actor, Text string
	Class             string
	Broken            bool
}

// Bounds of the list of steps.
const (
	stepsShownMax = 3000
	foldedFrom    = 3 // records in a row
)

// newStepTable returns nil if there are no steps.
func newStepTable(f reports.Finding) *stepTable {
	if len(f.Steps) == 0 {
		return nil
	}
	t := &stepTable{}
	from, to := shownSteps(f)
	if from > 0 || to < len(f.Steps) {
		t.Note = fmt.Sprintf("Steps %d to %d of %d: the command above tells them all with --trace.", from+1, to, len(f.Steps))
	}
	for i := from; i < to; {
		end := i
		for end < to && f.Steps[end].IsRecord() && !f.Steps[end].Broken {
			end++
		}
		if end-i >= foldedFrom {
			t.Groups = append(t.Groups, stepGroup{Title: fmt.Sprintf("%d to %d: records", i+1, end), Rows: stepRows(f, i, end)})
			i = end
			continue
		}
		end = max(end, i+1)
		t.Groups = append(t.Groups, stepGroup{Rows: stepRows(f, i, end)})
		i = end
	}
	return t
}

// shownSteps bounds what is listed: [from, to), around the broken step.
func shownSteps(f reports.Finding) (from, to int) {
	if len(f.Steps) <= stepsShownMax {
		return 0, len(f.Steps)
	}
	broken := len(f.Steps) - 1
	for i, s := range f.Steps {
		if s.Broken {
			broken = i
		}
	}
	to = min(broken+stepsShownMax/4, len(f.Steps))
	from = max(to-stepsShownMax, 0)
	return from, from + stepsShownMax
}

func stepRows(f reports.Finding, from, to int) []stepRow {
	var rows []stepRow
	for i := from; i < to; i++ {
		s := f.Steps[i]
		r := stepRow{Number: i + 1, Time: clock(s.At), Actor: clean(s.Actor), Text: strings.TrimSpace(clean(s.Text)), Broken: s.Broken}
		switch {
		case s.Broken && s.Fault:
			r.Class = "fault broken"
		case s.Broken:
			r.Class = "broken"
		case s.Fault:
			r.Class = "fault"
		}
		rows = append(rows, r)
	}
	return rows
}

// clock prints a moment of virtual time as failure texts do.
func clock(at time.Duration) string { return fmt.Sprintf("%.3f s", at.Seconds()) }
