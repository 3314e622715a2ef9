package pages

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flinch/model/history"
	"flinch/reports"
)

// addMarks makes a mark of each step, and one of the records of a machine in a
// column.
func (t *timeline) addMarks() {
	heaps := map[heapKey]*mark{}
	for _, s := range t.steps() {
		c := max(t.at(s.Number), 0)
		l := t.lane(s.Machine)
		if s.IsRecord() {
			l.addRecord(heaps, c, s)
			continue
		}
		m := &mark{
			column: c, first: s.number, last: s.number, class: "step", label: strconv.Itoa(s.number),
			text: fmt.Sprintf("step %d, %s, %s: %s", s.number, clock(s.At), s.Actor, s.Text),
		}
		if s.Fault {
			m.class = "step fault"
		}
		if s.Broken {
			m.class += " broken"
		}
		m.w = boldWidth(m.label, markSize) + 2*markPad
		l.marks = append(l.marks, m)
		if s.Broken {
			t.broken = c
		}
	}
	for _, m := range heaps { //tidy:anyorder each is changed by itself
		n := 1 + m.last - m.first
		m.text = fmt.Sprintf("step %d: a record", m.first)
		if n > 1 {
			m.text = fmt.Sprintf("records, from step %d to %d", m.first, m.last)
		}
		m.w = boldWidth(m.label, markSize) + 2*markPad
	}
	for _, l := range t.lanes {
		slices.SortStableFunc(l.marks, func(a, b *mark) int { return a.first - b.first })
		centre(l.marks)
	}
}

type heapKey struct {
	machine history.Machine
	column  int
}

// addRecord adds a record to the heap of its machine and column.
func (l *lane) addRecord(heaps map[heapKey]*mark, c int, s numbered) {
	k := heapKey{s.Machine, c}
	m := heaps[k]
	if m == nil {
		m = &mark{column: c, first: s.number, class: "records", label: "+0"}
		heaps[k] = m
		l.marks = append(l.marks, m)
	}
	n, _ := strconv.Atoi(m.label[1:])
	m.last, m.label = s.number, "+"+strconv.Itoa(n+1)
	if s.Broken {
		m.class = "records broken"
	}
}

// centre puts the marks of one column side by side around its middle.
func centre(marks []*mark) {
	for i := 0; i < len(marks); {
		j, w := i, 0
		for ; j < len(marks) && marks[j].column == marks[i].column; j++ {
			w += marks[j].w + markGap
		}
		left := -(w - markGap) / 2
		for ; i < j; i++ {
			marks[i].dx = left + marks[i].w/2
			left += marks[i].w + markGap
		}
	}
}

// labelOf is what is written beside the mark of a step: little, since all of it
// is one click away. The class is "" unless it must be written.
func labelOf(s reports.Step) (text, class string) {
	text = strings.TrimSpace(clean(s.Text))
	kind, detail, found := strings.Cut(text, ": ")
	switch {
	case s.Fault && found && (strings.HasPrefix(detail, "at ") || strings.HasPrefix(detail, "on ")):
		return strings.ToUpper(kind), "fault" // when it struck can be seen
	case s.Fault:
		return cut(strings.ToUpper(text), faultRunes), "fault"
	case len(text) > 1 && strings.ToUpper(text[:2]) == text[:2] && strings.ToLower(text[:2]) != text[:2]:
		return cut(kind, faultRunes), "alert" // DAMAGE, PANIC, UNEXPECTED
	}
	for _, end := range []string{": ", ", ", " (", " of checkpoint "} {
		text, _, _ = strings.Cut(text, end)
	}
	return cut(text, labelRunes), ""
}

// Lengths of labels.
const (
	faultRunes = 40
	labelRunes = 32
)

// cut returns at most n characters of a text.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return strings.TrimSpace(string(runes[:n-1])) + "…"
	}
	return text
}

// textWidth is the most that a text takes in pixels, in the fonts of the layout:
// the widest of them, DejaVu Sans, was measured.
func textWidth(text string, size int) int {
	thousandths := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune("iljIJ|.,:;' ", r):
			thousandths += 340
		case strings.ContainsRune("ftr()[]/\\-\"!", r):
			thousandths += 460
		case strings.ContainsRune("mMwW@%", r):
			thousandths += 1000
		case r >= 'A' && r <= 'Z', strings.ContainsRune("+=~<>#&^", r):
			thousandths += 840
		case r < 0x250:
			thousandths += 640
		default:
			thousandths += 1000
		}
	}
	return (thousandths*size + 999) / 1000
}

// boldWidth is textWidth in bold.
func boldWidth(text string, size int) int { return textWidth(text, size)*118/100 + 1 }
