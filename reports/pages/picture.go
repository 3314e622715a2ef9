package pages

import (
	"errors"
	"fmt"
	"io"

	"flinch/reports"
)

// pictureWidthMax is how wide a picture without a page is, in pixels: what is
// shown in a text is no wider. It ends pictureAfter pixels behind the broken step.
const (
	pictureWidthMax = 1240
	pictureAfter    = 270
)

// ErrNoPicture means that there is nothing to draw of a finding.
var ErrNoPicture = errors.New("the finding has no timeline")

// WriteTimeline writes the timeline of a finding as an SVG file of its own, the
// part around the broken step. It follows the reader's choice of light or dark,
// and asks for nothing from anywhere. Without a timeline it returns ErrNoPicture.
func WriteTimeline(w io.Writer, f reports.Finding) error {
	t := newTimeline(f)
	if t == nil {
		return ErrNoPicture
	}
	width := min(t.width, pictureWidthMax-namesWidth)
	from := 0
	if t.broken >= 0 {
		from = min(max(0, t.columns[t.broken].x+pictureAfter-width), t.width-width)
	}
	var s svg
	s.open("svg", "xmlns", "http://www.w3.org/2000/svg", "width", namesWidth+width, "height", t.height,
		"viewBox", fmt.Sprintf("0 0 %d %d", namesWidth+width, t.height))
	s.WriteString("<style><![CDATA[\n" + baseStyle + timelineStyle + "]]></style>\n")
	s.empty("rect", "width", namesWidth+width, "height", t.height, "class", "tl-ground")
	s.WriteString(string(t.drawNames()))
	s.open("svg", "x", namesWidth, "width", width, "height", t.height, "viewBox", fmt.Sprintf("%d 0 %d %d", from, width, t.height))
	s.WriteString(string(t.draw()))
	s.close("svg")
	s.close("svg")
	_, err := io.WriteString(w, s.String())
	return err
}
