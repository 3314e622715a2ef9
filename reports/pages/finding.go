package pages

import (
	_ "embed" // templates, styles and scripts
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"flinch/reports"
)

//go:embed finding.html
var findingText string

//go:embed finding.css
var findingStyle string

//go:embed timeline.css
var timelineStyle string

//go:embed timeline.js
var timelineScript string

var findingTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("finding").Parse(findingText))
})

// findingView is a finding as its page shows it.
type findingView struct {
	reports.Finding
	Case        string
	Differences []string // as rows, the last of which tells how many there are beside
	Timeline    *timelineView
	Checkpoints *checkpointTable
	Steps       *stepTable
}

// timelineView is the picture with what stands around it.
type timelineView struct {
	Note           string
	Arrows         []legendArrow
	Names, Picture template.HTML
}

type legendArrow struct {
	Class, Name string
	Lost        bool
}

var legendArrows = []legendArrow{
	{"barrier", "barrier", false},
	{"trigger", "trigger, ack", false},
	{"notify", "checkpoint is complete", false},
	{"abort", "aborted, declined, failed", false},
	{"other", "other messages", false},
	{"other lost", "lost", true},
}

// WriteFinding writes the page of one finding: what broke, the picture of the run
// around it, what differs, its checkpoints, and its steps.
func WriteFinding(w io.Writer, f reports.Finding) error {
	var body strings.Builder
	if err := findingTemplate().Execute(&body, newFindingView(f)); err != nil {
		return fmt.Errorf("page of finding %s: %w", f.Fingerprint, err)
	}
	return writePage(w, page{
		Title: fmt.Sprintf("%s broken: %s, %s", f.Check, f.Scenario, f.Backend), Body: template.HTML(body.String()),
		Styles: []string{findingStyle, timelineStyle}, Scripts: []string{timelineScript},
	})
}

func newFindingView(f reports.Finding) findingView {
	v := findingView{
		Finding: f, Case: f.Size(),
		Checkpoints: newCheckpointTable(f.Picture), Steps: newStepTable(f),
	}
	v.DifferencesTitle = f.DifferencesHeading()
	v.DifferencesTitle = strings.ToUpper(v.DifferencesTitle[:1]) + v.DifferencesTitle[1:]
	for _, row := range f.Differences {
		v.Differences = append(v.Differences, clean(row))
	}
	if f.DifferencesLeft > 0 {
		v.Differences = append(v.Differences, reports.MoreRows(f.DifferencesLeft))
	}
	if t := newTimeline(f); t != nil {
		v.Timeline = &timelineView{Note: t.note(), Arrows: legendArrows, Names: t.drawNames(), Picture: t.draw()}
	}
	return v
}

// note says how the picture is to be read, and what is not in it.
func (t *timeline) note() string {
	p, all := t.picture, len(t.finding.Steps)
	text := "Time runs from left to right, but not to scale: each step has its place, and +107 ms marks a stretch in which nothing happens."
	if p.From > 0 || p.To < all {
		text += fmt.Sprintf(" Drawn are steps %d to %d of %d, around the one at which the guarantee broke; the list below has more.", p.From+1, p.To, all)
	}
	for _, left := range []struct {
		n    int
		what string
	}{{p.MessagesLeft, "messages"}, {p.SpansLeft, "phases"}, {p.AttemptsLeft, "attempts"}, {p.CrashesLeft, "crashes"}} {
		if left.n > 0 {
			text += fmt.Sprintf(" %d %s are not drawn: there are too many.", left.n, left.what)
		}
	}
	return text
}
