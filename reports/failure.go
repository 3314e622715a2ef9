package reports

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a failure text.
const (
	FailureLinesMax = 40
	rowsMax         = 20 // steps, and differences
)

// WriteFailure prints a finding in at most FailureLinesMax lines. The last line
// replays it.
func WriteFailure(w io.Writer, f Finding) error {
	head := []string{
		fmt.Sprintf("FAIL %s   scenario %s   backend %s   seed %s   finding %s",
			f.Check, f.Scenario, f.Backend, f.Seed, f.Fingerprint),
		"  " + oneLine(f.Message),
	}
	if len(f.Also) > 0 {
		head = append(head, "  also broken: "+oneLine(strings.Join(f.Also, ", ")))
	}
	tail := f.tail()

	room := FailureLinesMax - len(head) - len(tail)
	if len(f.Steps) > 0 {
		room -= 2
	}
	if len(f.Differences) > 0 {
		room -= 2
	}
	forDifferences := min(wanted(len(f.Differences)), max(room-wanted(len(f.Steps)), room/2))
	forSteps := min(wanted(len(f.Steps)), room-forDifferences)

	lines := head
	if len(f.Steps) > 0 {
		lines = append(append(lines, "", "  "+f.stepsTitle()), f.stepLines(forSteps)...)
	}
	if len(f.Differences) > 0 {
		lines = append(append(lines, "", "  "+f.differencesTitle()), f.differenceLines(forDifferences)...)
	}
	lines = append(lines, tail...)
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// wanted is how many lines n rows take, one of them for the rows left out.
func wanted(n int) int { return min(n, rowsMax+1) }

// tail is the lines that must be there whatever else is cut.
func (f Finding) tail() []string {
	var lines []string
	if f.Determinism != "" {
		lines = append(lines, "  determinism: "+oneLine(f.Determinism))
	}
	if f.Report != "" {
		lines = append(lines, "  report: "+f.Report)
	}
	return append(lines, "  replay: "+f.Replay)
}

func (f Finding) stepsTitle() string {
	faults := counted(int64(f.Crashes), "crash", "crashes") + ", " +
		counted(int64(f.OtherFaults), "other fault", "other faults")
	steps := counted(int64(len(f.Steps)), "step", "steps")
	if !f.Shrunk {
		return fmt.Sprintf("the case, not shrunk: %s, %s", steps, faults)
	}
	return fmt.Sprintf("smallest case: %s of %s, %s (shrunk in %s)", grouped(int64(len(f.Steps))),
		counted(int64(f.StepsBefore), "step", "steps"), faults, span(f.ShrunkIn))
}

// stepLines prints the steps in n lines: the first ones and the broken one.
func (f Finding) stepLines(n int) []string {
	shown, gap := stepWindow(f.Steps, n)
	var clocks, actors, texts []string
	for _, i := range shown {
		s := f.Steps[i]
		clocks = append(clocks, strconv.FormatFloat(s.At.Seconds(), 'f', 3, 64)+" s")
		actors = append(actors, oneLine(s.Actor))
		texts = append(texts, oneLine(s.Text))
	}
	clockWidth, actorWidth, textWidth := widest(clocks), widest(actors), min(widest(texts), 60)
	var lines []string
	for row, i := range shown {
		if row == gap {
			lines = append(lines, leftOut(len(f.Steps)-len(shown)))
		}
		line := fmt.Sprintf("  %3d  %*s  %-*s  ", i+1, clockWidth, clocks[row], actorWidth, actors[row])
		if f.Steps[i].Broken {
			line += fmt.Sprintf("%-*s   <- broken here", textWidth, texts[row])
		} else {
			line += texts[row]
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	if gap == len(shown) {
		lines = append(lines, leftOut(len(f.Steps)-len(shown)))
	}
	return lines
}

// stepWindow picks the steps that fit into n lines, and before which of them the
// line for those left out goes: -1 for nowhere.
func stepWindow(steps []Step, n int) (shown []int, gap int) {
	if len(steps) <= min(n, rowsMax) {
		n = len(steps) + 1
		gap = -1
	} else {
		gap = n - 1
	}
	for i := range n - 1 {
		shown = append(shown, i)
	}
	broken := slices.IndexFunc(steps, func(s Step) bool { return s.Broken })
	if gap > 0 && broken >= n-1 {
		shown[len(shown)-1] = broken
		gap--
	}
	return shown, gap
}

func (f Finding) differencesTitle() string {
	title := oneLine(f.DifferencesTitle)
	if title == "" {
		title = "differences"
	}
	if f.DifferencesNote == "" {
		return title
	}
	return fmt.Sprintf("%-45s   %s", title, oneLine(f.DifferencesNote))
}

func (f Finding) differenceLines(n int) []string {
	rows := f.Differences
	if len(rows) > min(n, rowsMax) {
		rows = rows[:n-1]
	}
	var lines []string
	for _, row := range rows {
		lines = append(lines, "   "+oneLine(row))
	}
	if left := len(f.Differences) - len(rows); left > 0 {
		lines = append(lines, leftOut(left))
	}
	return lines
}

func leftOut(n int) string { return "    ... " + grouped(int64(n)) + " more" }

func widest(texts []string) int {
	width := 0
	for _, t := range texts {
		width = max(width, utf8.RuneCountInString(t))
	}
	return width
}
