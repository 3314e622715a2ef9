package reports

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (f Finding) stepsTitle() string {
	steps := Counted(int64(len(f.Steps)), "step", "steps")
	switch {
	case !f.Shrunk:
		return fmt.Sprintf("the case: %s, %s", steps, f.faults())
	case f.ShrinkCut != "":
		return fmt.Sprintf("smallest case so far: %s of %s, %s (shrinking not finished: %s after %s)", Grouped(int64(len(f.Steps))),
			Counted(int64(f.StepsBefore), "step", "steps"), f.faults(), f.ShrinkCut, Span(f.ShrunkIn))
	}
	return fmt.Sprintf("smallest case: %s of %s, %s (shrunk in %s)", Grouped(int64(len(f.Steps))),
		Counted(int64(f.StepsBefore), "step", "steps"), f.faults(), Span(f.ShrunkIn))
}

// faults counts what went wrong in the case.
func (f Finding) faults() string {
	var parts []string
	if f.Crashes > 0 {
		parts = append(parts, Counted(int64(f.Crashes), "crash", "crashes"))
	}
	other := ""
	if f.Crashes > 0 {
		other = "other "
	}
	if f.OtherFaults > 0 {
		parts = append(parts, Counted(int64(f.OtherFaults), other+"fault", other+"faults"))
	}
	if len(parts) == 0 {
		return "no faults"
	}
	return strings.Join(parts, ", ")
}

// stepLines prints, in n lines, the steps that tell most, and between them how
// many are left out.
func (f Finding) stepLines(n int) []string {
	shown := chooseSteps(f.Steps, f.Checkpoint, n)
	var clocks, actors, texts []string
	for _, i := range shown {
		s := f.Steps[i]
		clocks = append(clocks, strconv.FormatFloat(s.At.Seconds(), 'f', 3, 64)+" s")
		actors = append(actors, OneLine(s.Actor))
		texts = append(texts, stepText(s.Text))
	}
	clockWidth, actorWidth, textWidth := widest(clocks), widest(actors), min(widest(texts), 60)
	var lines []string
	next := 0
	for row, i := range shown {
		lines = append(lines, f.gap(next, i)...)
		next = i + 1
		line := fmt.Sprintf("  %3d  %*s  %-*s  ", i+1, clockWidth, clocks[row], actorWidth, actors[row])
		if f.Steps[i].Broken {
			line += fmt.Sprintf("%-*s   <- broken here", textWidth, texts[row])
		} else {
			line += texts[row]
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return append(lines, f.gap(next, len(f.Steps))...)
}

// gap is the line for the steps [from, to) that are left out, if there are any.
func (f Finding) gap(from, to int) []string {
	if from == to {
		return nil
	}
	records := true
	for _, s := range f.Steps[from:to] {
		records = records && s.IsRecord()
	}
	what := ""
	if records {
		what = ": records"
	}
	switch {
	case to == len(f.Steps) && from > 0:
		return []string{fmt.Sprintf("    ... %s more after it%s", Grouped(int64(to-from)), what)}
	case to == from+1:
		return []string{fmt.Sprintf("    ... step %d%s", to, what)}
	}
	return []string{fmt.Sprintf("    ... steps %d to %d%s", from+1, to, what)}
}

var longQuoted = regexp.MustCompile(`"(?:[^"\\]|\\.){33,}"`)

// stepWidthMax bounds the text of a step: the pages have the whole of it.
const stepWidthMax = 110

// stepText is what a step did, on one line: long keys, long values and the whole
// are cut in the middle.
func stepText(text string) string {
	text = longQuoted.ReplaceAllStringFunc(text, func(quoted string) string { return cutMiddle(quoted, 24) })
	return cutMiddle(OneLine(strings.TrimSuffix(strings.TrimSpace(text), ":")), stepWidthMax)
}

func widest(texts []string) int {
	width := 0
	for _, t := range texts {
		width = max(width, utf8.RuneCountInString(t))
	}
	return width
}

// Size says in words how large the case is, and how it came to be so.
func (f Finding) Size() string {
	title := f.stepsTitle()
	if _, rest, found := strings.Cut(title, ": "); found {
		return rest
	}
	return title
}
