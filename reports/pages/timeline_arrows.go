package pages

import (
	"fmt"

	"flinch/model/history"
)

// arrow is a message between two rows.
type arrow struct {
	class          string
	text           string
	lost           bool
	x1, y1, x2, y2 int
}

// crash is the death of a machine.
type crash struct {
	lane *lane
	x    int
	text string
}

// classOf groups the kinds of messages: what a checkpoint is made of stands out.
var classOf = map[string]string{
	history.Barrier: "barrier", history.Trigger: "trigger", history.Ack: "ack", history.Notify: "notify",
	history.Abort: "abort", history.Decline: "abort", history.Failed: "abort",
}

// addArrows places the messages.
func (t *timeline) addArrows() {
	for _, m := range t.picture.Run.Messages {
		end := max(m.Arrived, m.Lost)
		if !t.seen(m.Sent, end) {
			continue
		}
		class := classOf[m.Kind]
		if class == "" {
			class = "other"
		}
		a := arrow{class: class, text: messageText(m), lost: m.Lost != 0}
		first, last, sides := t.between(m.Sent, end)
		a.x1, a.x2 = t.columns[first].x, t.columns[last].x
		if sides != "" && sides[0] == 'l' {
			a.x1 = 0
		}
		if end == 0 || end > t.picture.Last {
			a.x2, a.lost = t.width, false
		}
		top1, bottom1 := t.anchor(t.lane(m.From), m.Sender, a.x1)
		top2, bottom2 := t.anchor(t.lane(m.To), m.Receiver, a.x2)
		if a.y1, a.y2 = bottom1, top2; top1 > top2 {
			a.y1, a.y2 = top1, bottom2
		}
		t.arrows = append(t.arrows, a)
	}
}

// anchor is where an arrow of a task begins or ends: at an edge of its row. What
// concerns the process itself is on the line of its steps, or at the edge of one.
func (t *timeline) anchor(l *lane, task string, x int) (top, bottom int) {
	if task == "" && l.machine == history.JobManager {
		task = "job-manager"
	}
	for _, r := range l.rows {
		if r.name == task {
			return r.y, r.y + max(r.lines, 1)*(barH+lineGap) - lineGap
		}
	}
	for _, m := range l.marks {
		if at := t.columns[m.column].x + m.dx; at-m.w/2 <= x && x <= at+m.w/2 {
			return l.marksY - markH/2, l.marksY + markH/2
		}
	}
	return l.marksY, l.marksY
}

func messageText(m history.Message) string {
	text := m.Kind
	if m.Copy {
		text = "copy of " + text
	}
	if m.Checkpoint != 0 {
		text += fmt.Sprintf(" of checkpoint %d", m.Checkpoint)
	}
	text += fmt.Sprintf(": from %s to %s, sent at %s", party(m.From, m.Sender), party(m.To, m.Receiver), clock(m.SentAt))
	switch {
	case m.Lost != 0:
		return text + ", LOST at " + clock(m.EndAt)
	case m.Arrived == 0:
		return text + ", still under way at the end"
	}
	return text + ", arrives after " + short(m.EndAt-m.SentAt)
}

func party(m history.Machine, task string) string {
	if task == "" {
		return m.String()
	}
	return task + " on " + m.String()
}

// addCrashes places the deaths of machines.
func (t *timeline) addCrashes() {
	for _, c := range t.picture.Run.Crashes {
		if !t.seen(c.Step, c.Step) {
			continue
		}
		what := "process crashes"
		if c.PowerLoss {
			what = "power loss"
		}
		text := fmt.Sprintf("%s: %s at %s (%s", c.Machine, what, clock(c.At), c.Phase)
		if c.Checkpoint != 0 {
			text += fmt.Sprintf(", checkpoint %d", c.Checkpoint)
		}
		t.crashes = append(t.crashes, crash{t.lane(c.Machine), t.columns[max(t.at(c.Step), 0)].x, text + ")"})
	}
}
