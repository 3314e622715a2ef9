package pages

import "slices"

// Sizes, in pixels.
const (
	edge      = 14 // left and right of the picture
	columnGap = 7  // between columns, at least
	gapWidth  = 58 // of a stretch in which nothing happens
	markSize  = 11 // of the text
	markPad   = 5
	markGap   = 3
	markH     = 17
	labelSize = 11
	labelH    = 15
	barSize   = 11
	barPad    = 5
	barH      = 18
	barLeast  = 5
	lineGap   = 3  // between the lines of a row
	rowGap    = 13 // between rows: arrows show here
	lanePad   = 9
	laneGap   = 3
	axisH     = 50
	rowsMost  = 3 // lines of labels in a lane, faults' apart
)

// spread gives each column its place: as near to the one before as what stands
// in both allows.
func (t *timeline) spread() {
	ending := map[int][]*bar{}
	marks := map[int][]*mark{}
	of := map[*mark]*lane{}
	for _, l := range t.lanes {
		for _, r := range l.rows {
			for _, b := range r.bars {
				ending[b.last] = append(ending[b.last], b)
			}
		}
		for _, m := range l.marks {
			marks[m.column] = append(marks[m.column], m)
			of[m] = l
		}
	}
	right := map[*lane]int{}
	x := edge
	for i := range t.columns {
		c := &t.columns[i]
		if c.gap > 0 {
			x += gapWidth - columnGap
		}
		for _, m := range marks[i] {
			x = max(x, right[of[m]]+markGap+m.w/2-m.dx+1)
		}
		for _, b := range ending[i] {
			if b.label != "" && b.first < i {
				x = max(x, t.columns[b.first].x+textWidth(b.label, barSize)+2*barPad)
			}
		}
		c.x = x
		for _, m := range marks[i] {
			right[of[m]] = max(right[of[m]], x+m.dx+m.w/2+1)
		}
		x += columnGap
	}
	t.width = x + edge
	for _, r := range right { //tidy:anyorder the largest is looked for
		t.width = max(t.width, r+edge)
	}
}

// arrange places bars, labels and lanes.
func (t *timeline) arrange() {
	for _, l := range t.lanes {
		for _, r := range l.rows {
			t.pack(r)
		}
		t.addLabels(l)
	}
	y := axisH
	for _, l := range t.lanes {
		l.y = y
		y = l.arrange(y + lanePad)
		l.h = y - l.y
		y += laneGap
	}
	t.height = y
}

// arrange gives what is in a lane its height, from y down, and returns where it
// ends.
func (l *lane) arrange(y int) int {
	lines := 0
	for _, b := range l.labels {
		lines = max(lines, b.line+1)
	}
	for _, b := range l.labels {
		b.y = y + b.line*labelH
	}
	y += lines * labelH
	if !l.isJob {
		l.marksY = y + markH/2
		y += markH + lanePad
	}
	for i, r := range l.rows {
		if i > 0 {
			y += rowGap
			if l.isJob {
				y -= rowGap - lineGap
			}
		}
		r.y = y
		for _, b := range r.bars {
			b.y = y + b.line*(barH+lineGap)
		}
		y += max(r.lines, 1)*(barH+lineGap) - lineGap
	}
	if len(l.rows) > 0 {
		y += lanePad
	}
	return y
}

// pack puts the bars of a row into lines, so that none overlaps another.
func (t *timeline) pack(r *row) {
	slices.SortStableFunc(r.bars, func(a, b *bar) int { return a.first - b.first })
	var ends []int
	for _, b := range r.bars {
		b.x = t.columns[b.first].x
		b.w = max(t.columns[b.last].x-b.x, barLeast)
		if b.first == b.last {
			b.label = ""
		}
		b.line = slices.IndexFunc(ends, func(end int) bool { return end <= b.x })
		if b.line < 0 {
			b.line, ends = len(ends), append(ends, 0)
		}
		ends[b.line] = b.x + b.w
		b.label = fitting(b)
	}
	r.lines = len(ends)
}

// fitting is the label of a bar, with all that it has to say if there is room.
func fitting(b *bar) string {
	if b.class == "attempt" && textWidth(b.text, barSize)+2*barPad <= b.w {
		return b.text
	}
	return b.label
}

// label is a text above a mark, with a line down to it.
type label struct {
	text  string
	class string
	mark  *mark
	line  int // from the top of the lane
	x, w  int
	y     int
}

// addLabels writes beside the marks of a lane what they are, as far as there is
// room: what matters most first, in as many lines as it takes.
func (t *timeline) addLabels(l *lane) {
	for _, must := range []bool{true, false} {
		for _, m := range l.marks {
			s := t.finding.Steps[m.first-1]
			text, class := labelOf(s)
			if s.IsRecord() || must != (class != "") {
				continue
			}
			b := &label{text: text, class: class, mark: m, x: t.columns[m.column].x + m.dx - m.w/2, w: textWidth(text, labelSize) + 6}
			if must {
				b.w = boldWidth(text, labelSize) + 6
			}
			if l.room(b, must) {
				t.width = max(t.width, b.x+b.w+edge)
				l.labels = append(l.labels, b)
			}
		}
	}
}

// room finds a line for a label in which it, and its way down, cross nothing.
func (l *lane) room(b *label, must bool) bool {
	for line := 0; line < rowsMost || must; line++ {
		b.line = line
		if !slices.ContainsFunc(l.labels, b.meets) {
			return true
		}
	}
	return false
}

// meets tells whether two labels, or one and the way down of the other, cross.
func (b *label) meets(o *label) bool {
	upper, lower := b, o
	if o.line < b.line {
		upper, lower = o, b
	}
	if b.line == o.line {
		return b.x < o.x+o.w && o.x < b.x+b.w
	}
	return upper.x >= lower.x-2 && upper.x < lower.x+lower.w
}
