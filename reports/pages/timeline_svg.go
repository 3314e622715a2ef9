package pages

import (
	"fmt"
	"html/template"
	"strings"
	"unicode"
)

// svg builds a picture. Texts are escaped here and nowhere else.
type svg struct{ strings.Builder }

// open begins an element; attributes are names and values in turn.
func (s *svg) open(element string, attributes ...any) {
	s.element(element, attributes)
	s.WriteString(">")
}

func (s *svg) close(element string) { s.WriteString("</" + element + ">\n") }

// empty writes an element without content.
func (s *svg) empty(element string, attributes ...any) {
	s.element(element, attributes)
	s.WriteString("/>")
}

func (s *svg) element(element string, attributes []any) {
	s.WriteString("<" + element)
	for i := 0; i+1 < len(attributes); i += 2 {
		fmt.Fprintf(s, ` %s="%s"`, attributes[i], escaped(fmt.Sprint(attributes[i+1])))
	}
}

// text writes an element with a text in it.
func (s *svg) text(element, content string, attributes ...any) {
	s.open(element, attributes...)
	s.WriteString(escaped(content))
	s.WriteString("</" + element + ">")
}

func escaped(text string) string { return template.HTMLEscapeString(clean(text)) }

// clean makes foreign text fit for a page: what cannot be printed becomes a space.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// draw writes the picture.
func (t *timeline) draw() template.HTML {
	var s svg
	s.open("svg", "class", "tl", "width", t.width, "height", t.height, "viewBox", fmt.Sprintf("0 0 %d %d", t.width, t.height),
		"role", "group", "aria-labelledby", "tl-title tl-desc", "id", "tl")
	s.text("title", "Timeline of the run, a lane for each machine", "id", "tl-title")
	s.text("desc", t.description(), "id", "tl-desc")
	s.WriteString("\n")
	t.drawPatterns(&s)
	t.drawLanes(&s)
	t.drawAxis(&s)
	t.drawArrows(&s)
	t.drawBars(&s)
	t.drawCrashes(&s)
	t.drawBroken(&s)
	t.drawMarks(&s)
	s.empty("line", "id", "tl-cursor", "class", "cursor", "x1", 0, "x2", 0, "y1", axisH-2, "y2", t.height, "visibility", "hidden")
	s.close("svg")
	return template.HTML(s.String())
}

// drawNames writes the part of the picture that stays where it is: whose lanes
// these are.
func (t *timeline) drawNames() template.HTML {
	var s svg
	s.open("svg", "class", "tl names", "width", namesWidth, "height", t.height, "aria-hidden", "true")
	for _, l := range t.lanes {
		s.empty("rect", "class", "name-back", "x", 0, "y", l.y, "width", namesWidth, "height", l.h)
		y := l.y + lanePad + markH/2
		if l.marksY > 0 {
			y = l.marksY
		}
		if !l.isJob {
			s.text("text", l.name, "class", "machine", "x", 8, "y", y+4)
		}
		for _, r := range l.rows {
			s.text("text", r.name, "class", "task", "x", namesWidth-10, "y", r.y+barH/2+4)
		}
		s.WriteString("\n")
	}
	s.close("svg")
	return template.HTML(s.String())
}

const namesWidth = 124

// description says in words what the picture shows, for those who do not see it.
func (t *timeline) description() string {
	p := t.picture
	return fmt.Sprintf("%d lanes from left to right in the order of steps %d to %d: %d messages, %d phases, %d crashes. The list of steps below says the same in words.",
		len(t.lanes)-1, p.From+1, p.To, len(t.arrows), len(p.Run.Spans), len(t.crashes))
}

func (t *timeline) drawPatterns(s *svg) {
	s.open("defs")
	s.open("pattern", "id", "tl-dead", "width", 7, "height", 7, "patternUnits", "userSpaceOnUse", "patternTransform", "rotate(45)")
	s.empty("rect", "class", "dead-ground", "width", 7, "height", 7)
	s.empty("line", "class", "dead-line", "x1", 0, "y1", 0, "x2", 0, "y2", 7)
	s.close("pattern")
	for _, class := range []string{"barrier", "trigger", "ack", "notify", "abort", "other"} {
		s.open("marker", "id", "tl-head-"+class, "class", "head "+class, "viewBox", "0 0 8 8", "refX", 7, "refY", 4,
			"markerWidth", 8, "markerHeight", 8, "markerUnits", "userSpaceOnUse", "orient", "auto")
		s.empty("path", "d", "M0 .8 L8 4 L0 7.2 Z")
		s.close("marker")
	}
	s.close("defs")
}

func (t *timeline) drawLanes(s *svg) {
	for _, l := range t.lanes {
		class := "lane dead"
		if l.isJob || len(l.lives) == 0 {
			class = "lane"
		}
		s.empty("rect", "class", class, "x", 0, "y", l.y, "width", t.width, "height", l.h)
		for _, v := range l.lives {
			x, end := t.columns[v.first].x, t.columns[v.last].x
			if v.first == 0 {
				x = 0
			}
			if v.last == len(t.columns)-1 {
				end = t.width
			}
			s.open("rect", "class", "lane", "x", x, "y", l.y, "width", max(end-x, 1), "height", l.h)
			s.text("title", v.text)
			s.close("rect")
			s.empty("line", "class", "thread", "x1", x, "x2", end, "y1", l.marksY, "y2", l.marksY)
		}
	}
	s.WriteString("\n")
}

// tickGap is the room between two times on the axis.
const tickGap = 10

// drawAxis writes times, and marks the stretches in which nothing happens.
func (t *timeline) drawAxis(s *svg) {
	free, said := 0, ""
	for _, c := range t.columns {
		if c.gap > 0 {
			x := c.x - gapWidth/2
			s.empty("rect", "class", "gap", "x", c.x-gapWidth+columnGap+8, "y", axisH, "width", gapWidth-columnGap-16, "height", t.height-axisH)
			s.text("text", "+"+short(c.gap), "class", "gap-text", "x", x, "y", 29)
		}
		text := clock(c.at)
		w := textWidth(text, labelSize)
		if text == said || c.x < free {
			continue
		}
		s.empty("line", "class", "tick", "x1", c.x, "x2", c.x, "y1", axisH-14, "y2", axisH)
		s.text("text", text, "class", "tick-text", "x", c.x+3, "y", axisH-6)
		free, said = c.x+3+w+tickGap, text
	}
	s.WriteString("\n")
}
