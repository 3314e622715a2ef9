package pages

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"flinch/model/history"
	"flinch/reports"
)

// timeline is the picture of a finding: a lane for each machine, steps in their
// order from left to right. Places are in pixels.
//
// Time is not to scale: a snapshot takes microseconds and a restart takes an age.
// Whatever begins or ends has a column, columns are as far apart as what stands in
// them needs, and the axis says how late it is.
type timeline struct {
	finding reports.Finding
	picture *reports.Picture
	columns []column
	lanes   []*lane
	arrows  []arrow
	crashes []crash
	broken  int // column; -1: not known
	width   int
	height  int
}

// column is one step of the history at which something that is drawn happens.
type column struct {
	step history.Step
	at   time.Duration
	x    int
	gap  time.Duration // unless 0, so much time without any step lies before it
}

// newTimeline lays a finding's picture out; nil if there is nothing to draw.
func newTimeline(f reports.Finding) *timeline {
	if f.Picture == nil || f.Picture.From >= f.Picture.To || f.Picture.To > len(f.Steps) {
		return nil
	}
	t := &timeline{finding: f, picture: f.Picture, broken: -1}
	t.addColumns()
	t.addJob()
	t.addMachines()
	t.addSpans()
	t.addMarks()
	t.spread()
	t.arrange()
	t.addArrows()
	t.addCrashes()
	return t
}

// steps are the steps that are drawn, each with its number, from 1.
func (t *timeline) steps() []numbered {
	list := make([]numbered, 0, t.picture.To-t.picture.From)
	for i := t.picture.From; i < t.picture.To; i++ {
		list = append(list, numbered{i + 1, t.finding.Steps[i]})
	}
	return list
}

// numbered is a step with its number in the list of steps.
type numbered struct {
	number int
	reports.Step
}

// addColumns makes a column for each step at which something begins or ends, and
// one for the records between two of them.
func (t *timeline) addColumns() {
	moments := map[history.Step]time.Duration{}
	add := func(step history.Step, at time.Duration) {
		if step > 0 && step >= t.picture.First && step <= t.picture.Last {
			moments[step] = max(moments[step], at)
		}
	}
	for _, s := range t.steps() {
		if !s.IsRecord() {
			add(s.Number, s.At)
		}
	}
	t.momentsOfRun(add)
	for _, step := range slices.Sorted(maps.Keys(moments)) {
		t.columns = append(t.columns, column{step: step, at: moments[step]})
	}
	taken := map[int]bool{}
	var heaps []column
	for _, s := range t.steps() {
		before := t.at(s.Number)
		if !s.IsRecord() || taken[before] || before >= 0 && t.columns[before].step == s.Number {
			continue
		}
		taken[before] = true
		heaps = append(heaps, column{step: s.Number, at: s.At})
	}
	t.columns = append(t.columns, heaps...)
	t.sortColumns()
	t.findGaps()
}

func (t *timeline) sortColumns() {
	slices.SortFunc(t.columns, func(a, b column) int { return cmp.Compare(a.step, b.step) })
}

// momentsOfRun names the steps at which something in the tables begins or ends.
func (t *timeline) momentsOfRun(add func(history.Step, time.Duration)) {
	r := &t.picture.Run
	for _, m := range r.Messages {
		add(m.Sent, m.SentAt)
		add(max(m.Arrived, m.Lost), m.EndAt)
	}
	for _, s := range r.Spans {
		add(s.Begin, s.BeginAt)
		add(s.End, s.EndAt)
	}
	for _, l := range r.Lives {
		add(l.Begin, l.BeginAt)
		add(l.End, l.EndAt)
	}
	for _, a := range r.Attempts {
		add(a.Begin, a.BeginAt)
		add(a.End, a.EndAt)
	}
	for _, c := range r.Checkpoints {
		add(c.Triggered, c.TriggeredAt)
	}
	for _, c := range r.Crashes {
		add(c.Step, c.At)
	}
}

// gapParts is the part of the whole time that must pass without any step to be
// marked as a gap.
const gapParts = 25

func (t *timeline) findGaps() {
	for i := 1; i < len(t.columns); i++ {
		t.columns[i].at = max(t.columns[i].at, t.columns[i-1].at)
	}
	if len(t.columns) == 0 {
		return
	}
	whole := t.columns[len(t.columns)-1].at - t.columns[0].at
	for i := 1; i < len(t.columns); i++ {
		if gap := t.columns[i].at - t.columns[i-1].at; whole > 0 && gap >= whole/gapParts {
			t.columns[i].gap = gap
		}
	}
}

// at returns the last column that is not after a step; -1 if there is none.
func (t *timeline) at(step history.Step) int {
	i, found := slices.BinarySearchFunc(t.columns, step, func(c column, s history.Step) int { return cmp.Compare(c.step, s) })
	if found {
		return i
	}
	return i - 1
}

// between returns the columns of something from one step to another, and on which
// sides it reaches beyond the picture. An end of 0 is none.
func (t *timeline) between(begin, end history.Step) (first, last int, sides string) {
	first, last = max(t.at(begin), 0), t.at(end)
	if begin < t.picture.First {
		sides = "l"
	}
	if end == 0 || end > t.picture.Last {
		last, sides = len(t.columns)-1, sides+"r"
	}
	return first, max(last, first), sides
}

// seen tells whether something from one step to another is in the picture.
func (t *timeline) seen(begin, end history.Step) bool {
	return begin <= t.picture.Last && (end == 0 || end >= t.picture.First)
}
