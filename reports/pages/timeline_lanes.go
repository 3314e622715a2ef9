package pages

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"flinch/model/history"
)

// lane is a horizontal band of the picture: a machine, or the job as a whole.
type lane struct {
	name    string
	machine history.Machine
	isJob   bool // attempts and checkpoints; else a machine
	rows    []*row
	marks   []*mark
	labels  []*label
	lives   []life
	y, h    int
	marksY  int // middle of the marks
}

// row is what one task of a machine does: bars, in as many lines as it takes for
// them not to overlap.
type row struct {
	name  string
	order int
	bars  []*bar
	lines int
	y     int
}

// bar is something that lasts.
type bar struct {
	first, last int    // columns
	sides       string // on which it reaches beyond the picture: "l", "r"
	class       string
	label       string // "" for none
	text        string // all there is to say
	killed      bool
	line        int // of its row
	x, y, w     int
}

// life is a stretch in which a machine lived.
type life struct {
	first, last int
	text        string
}

// mark is a step, or a heap of records, in the lane of its machine.
type mark struct {
	column      int
	first, last int // numbers of the steps it stands for
	class       string
	label       string
	text        string
	dx          int // from the middle of the column
	w           int
}

// addJob makes the lane of attempts and checkpoints.
func (t *timeline) addJob() {
	l := &lane{name: "job", isJob: true}
	attempts, checkpoints := &row{name: "attempts"}, &row{name: "checkpoints", order: 1}
	for _, a := range t.picture.Run.Attempts {
		if !t.seen(a.Begin, a.End) {
			continue
		}
		b := &bar{class: "attempt", label: fmt.Sprintf("attempt %d", a.Number), text: attemptText(a)}
		b.first, b.last, b.sides = t.between(a.Begin, a.End)
		attempts.bars = append(attempts.bars, b)
	}
	for _, c := range t.picture.Run.Checkpoints {
		end := t.endOf(c)
		if !t.seen(c.Triggered, end) {
			continue
		}
		b := &bar{class: "chk " + stateOf(c).class, label: fmt.Sprintf("checkpoint %d %s", c.ID, stateOf(c).sign), text: checkpointText(c)}
		b.first, b.last, b.sides = t.between(c.Triggered, end)
		checkpoints.bars = append(checkpoints.bars, b)
	}
	for _, r := range []*row{attempts, checkpoints} {
		if len(r.bars) > 0 {
			l.rows = append(l.rows, r)
		}
	}
	t.lanes = append(t.lanes, l)
}

// endOf is the step at which nothing more happens to a checkpoint, its being
// subsumed apart: an attempt takes what is pending along.
func (t *timeline) endOf(c history.Checkpoint) history.Step {
	switch {
	case c.Observed != 0:
		return c.Observed
	case c.Aborted != 0:
		return c.Aborted
	case c.Unknown != 0:
		return c.Unknown
	}
	for _, a := range t.picture.Run.Attempts {
		if a.Number == c.Attempt {
			return a.End
		}
	}
	return 0
}

func attemptText(a history.Attempt) string {
	from := "starts from nothing"
	if a.Restored != 0 {
		from = fmt.Sprintf("restores checkpoint %d", a.Restored)
	}
	return fmt.Sprintf("attempt %d %s, parallelism %d", a.Number, from, a.Parallelism)
}

// lastMachine is the one with the highest number that anything happens on.
func (t *timeline) lastMachine() history.Machine {
	r := &t.picture.Run
	last := history.Storage
	for _, l := range r.Lives {
		last = max(last, l.Machine)
	}
	for _, s := range t.steps() {
		last = max(last, s.Machine)
	}
	for _, m := range r.Messages {
		last = max(last, m.From, m.To)
	}
	for _, s := range r.Spans {
		last = max(last, s.Machine)
	}
	for _, c := range r.Crashes {
		last = max(last, c.Machine)
	}
	return last
}

// addMachines makes a lane for each machine.
func (t *timeline) addMachines() {
	last := t.lastMachine()
	for m := history.JobManager; m <= last; m++ {
		t.lanes = append(t.lanes, &lane{name: m.String(), machine: m})
	}
	for _, v := range t.picture.Run.Lives {
		if !t.seen(v.Begin, v.End) {
			continue
		}
		what := fmt.Sprintf("process %d", v.Number)
		if v.Machine == history.Storage {
			what = "up"
		}
		first, end, _ := t.between(v.Begin, v.End)
		l := t.lane(v.Machine)
		l.lives = append(l.lives, life{first, end, l.name + ": " + what})
	}
}

func (t *timeline) lane(m history.Machine) *lane { return t.lanes[1+int(m)] }

// row returns the row of a task, which it makes if there is none yet.
func (l *lane) row(task string) *row {
	for _, r := range l.rows {
		if r.name == task {
			return r
		}
	}
	r := &row{name: task, order: orderOf(task)}
	l.rows = append(l.rows, r)
	slices.SortStableFunc(l.rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(len(a.name), len(b.name)), strings.Compare(a.name, b.name))
	})
	return r
}

// orderOf puts what sends above what receives.
func orderOf(task string) int {
	switch {
	case strings.HasPrefix(task, "source "):
		return 1
	case strings.HasPrefix(task, "chain "):
		return 2
	case task == "clean-up":
		return 3
	}
	return 0
}

// brief are the words for phases that fit into bars.
var brief = [history.PhaseCount]string{
	history.Triggered: "trigger", history.Aligning: "align", history.Synchronous: "sync", history.Asynchronous: "async",
	history.Acknowledging: "ack", history.Publishing: "publish", history.Completing: "complete", history.Notifying: "notify",
	history.Subsuming: "subsume", history.Deleting: "delete", history.Restoring: "restore",
}

// addSpans makes the bars of phases.
func (t *timeline) addSpans() {
	for _, s := range t.picture.Run.Spans {
		if !t.seen(s.Begin, s.End) || s.Phase >= history.PhaseCount {
			continue
		}
		b := &bar{class: "phase " + s.Phase.String(), label: brief[s.Phase], killed: s.Killed}
		if s.Checkpoint != 0 {
			b.label += fmt.Sprintf(" %d", s.Checkpoint)
		}
		b.first, b.last, b.sides = t.between(s.Begin, s.End)
		b.text = spanText(s)
		if fleeting(s) && !s.Killed {
			b.label = ""
		}
		r := t.lane(s.Machine).row(taskOf(s))
		r.bars = append(r.bars, b)
	}
}

// taskOf names the row of a phase.
func taskOf(s history.Span) string {
	if strings.HasPrefix(s.Task, "start of ") {
		return "start"
	}
	return s.Task
}

// fleeting tells whether a phase is over at once, and its messages say the same.
func fleeting(s history.Span) bool {
	switch s.Phase {
	case history.Acknowledging, history.Completing, history.Notifying, history.Subsuming:
		return s.EndAt == s.BeginAt
	}
	return s.Begin == s.End
}

func spanText(s history.Span) string {
	text := s.Machine.String() + ", " + taskOf(s) + ": " + s.Phase.String()
	if s.Checkpoint != 0 {
		text += fmt.Sprintf(", checkpoint %d", s.Checkpoint)
	}
	text += ", from " + clock(s.BeginAt)
	switch {
	case s.End == 0:
		return text + " to the end of the run"
	case s.Killed:
		return text + fmt.Sprintf(", KILLED after %s", short(s.EndAt-s.BeginAt))
	}
	return text + ", for " + short(s.EndAt-s.BeginAt)
}

// short prints a stretch of virtual time.
func short(d time.Duration) string {
	switch {
	case d == 0:
		return "no time"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
