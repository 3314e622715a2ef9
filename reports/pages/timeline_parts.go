package pages

import (
	"fmt"
	"strings"
)

func (t *timeline) drawArrows(s *svg) {
	for _, a := range t.arrows {
		class := "arrow " + a.class
		if a.lost {
			class += " lost"
		}
		s.open("g", "class", class, "data-text", a.text)
		s.text("title", a.text)
		// A broad line that cannot be seen is easier to hit.
		s.empty("line", "class", "hit", "x1", a.x1, "y1", a.y1, "x2", a.x2, "y2", a.y2)
		if a.lost {
			s.empty("line", "x1", a.x1, "y1", a.y1, "x2", a.x2, "y2", a.y2)
			s.empty("path", "class", "cross", "d", fmt.Sprintf("M%d %dl8 8m0 -8l-8 8", a.x2-4, a.y2-4))
		} else {
			s.empty("line", "x1", a.x1, "y1", a.y1, "x2", a.x2, "y2", a.y2, "marker-end", "url(#tl-head-"+a.class+")")
		}
		s.close("g")
	}
}

func (t *timeline) drawBars(s *svg) {
	for _, l := range t.lanes {
		for _, r := range l.rows {
			for _, b := range r.bars {
				class := "bar " + b.class
				if b.killed {
					class += " killed"
				}
				s.open("g", "class", class, "data-text", b.text)
				s.text("title", b.text)
				s.empty("rect", "x", b.x, "y", b.y, "width", b.w, "height", barH, "rx", 3)
				if b.killed {
					s.empty("path", "class", "torn", "d", fmt.Sprintf("M%d %dl-4 3l4 3l-4 3l4 3l-4 3l4 3", b.x+b.w, b.y))
				}
				if b.label != "" {
					s.text("text", b.label, "x", b.x+barPad, "y", b.y+barH-5)
				}
				s.close("g")
			}
		}
	}
}

func (t *timeline) drawCrashes(s *svg) {
	for _, c := range t.crashes {
		s.open("g", "class", "crash", "data-text", c.text)
		s.text("title", c.text)
		s.empty("line", "x1", c.x, "x2", c.x, "y1", c.lane.y, "y2", c.lane.y+c.lane.h)
		s.close("g")
	}
}

func (t *timeline) drawBroken(s *svg) {
	if t.broken < 0 {
		return
	}
	x := t.columns[t.broken].x
	w := boldWidth(brokenHere, labelSize) + 12
	left := min(max(x-w/2, 0), t.width-w)
	s.open("g", "class", "broken-here")
	s.empty("line", "x1", x, "x2", x, "y1", 16, "y2", t.height)
	s.empty("rect", "x", left, "y", 0, "width", w, "height", 17, "rx", 3)
	s.text("text", brokenHere, "x", left+w/2, "y", 12)
	s.close("g")
}

const brokenHere = "broken here"

func (t *timeline) drawMarks(s *svg) {
	for _, l := range t.lanes {
		for _, b := range l.labels {
			class := strings.TrimSpace("label " + b.class)
			s.empty("line", "class", class, "x1", b.x+1, "x2", b.x+1, "y1", b.y+3, "y2", l.marksY-markH/2)
			s.text("text", b.text, "class", class, "x", b.x+4, "y", b.y+11)
		}
		for _, m := range l.marks {
			x := t.columns[m.column].x + m.dx
			s.open("a", "href", fmt.Sprintf("#step-%d", m.first), "class", "mark "+m.class, "tabindex", -1,
				"data-first", m.first, "data-last", m.last, "data-x", x, "data-text", m.text)
			s.text("title", m.text)
			s.empty("rect", "x", x-m.w/2, "y", l.marksY-markH/2, "width", m.w, "height", markH, "rx", 4)
			s.text("text", m.label, "x", x, "y", l.marksY+4)
			s.close("a")
		}
	}
}
