package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
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
		"  " + OneLine(f.Message),
	}
	if len(f.Also) > 0 {
		head = append(head, "  also broken: "+OneLine(strings.Join(f.Also, ", ")))
	}
	tail := f.tail()

	room := FailureLinesMax - len(head) - len(tail)
	if len(f.Steps) > 0 {
		room -= 2
	}
	differences := f.foldedDifferences()
	if len(differences) > 0 {
		room -= 2
	}
	forDifferences := min(wanted(len(differences)+min(f.DifferencesLeft, 1)), max(room-wanted(len(f.Steps)), room/2))
	forSteps := min(wanted(len(f.Steps)), room-forDifferences)

	lines := head
	if len(f.Steps) > 0 {
		lines = append(append(lines, "", "  "+f.stepsTitle()), f.stepLines(forSteps)...)
	}
	if len(differences) > 0 {
		lines = append(append(lines, "", "  "+f.differencesTitle()), f.differenceLines(differences, forDifferences)...)
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
		lines = append(lines, "  determinism: "+OneLine(f.Determinism))
	}
	if f.Report != "" {
		lines = append(lines, "  report: "+f.Report)
	}
	return append(lines, "  replay: "+f.Replay)
}

func (f Finding) differencesTitle() string {
	title := f.DifferencesHeading()
	if f.DifferencesNote == "" {
		return title
	}
	return fmt.Sprintf("%-45s   %s", title, OneLine(f.DifferencesNote))
}

// DifferencesHeading is what stands above the differences, without their note.
func (f Finding) DifferencesHeading() string {
	title := OneLine(f.DifferencesTitle)
	switch {
	case !slices.ContainsFunc(f.Differences, func(row string) bool { return !strings.HasPrefix(row, alsoPrefix) }):
		title = "broken likewise" // nothing is compared
	case title == "":
		title = "differences"
	}
	return title
}

// alsoPrefix begins rows that tell of a further breach.
const alsoPrefix = "also: "

// foldedDifferences returns the differences with further breaches that differ in
// their numbers and names only, from the message or each other, told once.
func (f Finding) foldedDifferences() []string {
	message := Normal(f.Message)
	alike := map[string]int{}
	var rows []string
	for _, row := range f.Differences {
		text, also := strings.CutPrefix(row, alsoPrefix)
		cause := Normal(text)
		if also {
			alike[cause]++
		}
		if !also || alike[cause] == 1 && cause != message {
			rows = append(rows, row)
		}
	}
	if n := alike[message]; n > 0 {
		rows = slices.Insert(rows, firstAlso(rows), fmt.Sprintf("also %s more like it", Grouped(int64(n))))
	}
	for i, row := range rows {
		text, also := strings.CutPrefix(row, alsoPrefix)
		if n := alike[Normal(text)] - 1; also && n > 0 {
			rows[i] = fmt.Sprintf("%s (and %s more like it)", OneLine(row), Grouped(int64(n)))
		}
	}
	return rows
}

// firstAlso is where the rows of further breaches begin.
func firstAlso(rows []string) int {
	if i := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, alsoPrefix) }); i >= 0 {
		return i
	}
	return len(rows)
}

// differenceLines prints rows in n lines. The last one tells how many there are
// beside those, also of the ones that the finding does not have.
func (f Finding) differenceLines(rows []string, n int) []string {
	all := len(rows) + f.DifferencesLeft
	if all > min(n, rowsMax) {
		rows = rows[:min(n-1, len(rows))]
	}
	var lines []string
	for _, row := range rows {
		lines = append(lines, "   "+OneLine(row))
	}
	if left := all - len(rows); left > 0 {
		lines = append(lines, leftOut(left))
	}
	return lines
}

// leftOut is the line that stands for n lines.
func leftOut(n int) string { return "    " + MoreRows(n) }

// MoreRows is the last row of a list that lacks n.
func MoreRows(n int) string { return "... " + Grouped(int64(n)) + " more" }
