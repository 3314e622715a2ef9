// Package reports turns recorded results into what people and machines read: the
// text of a failure, the figures of a campaign (run.json), junit.xml, and the
// exit code. It runs nothing, so an old campaign can be reported again.
//
// Start at Finding and WriteFailure for one broken guarantee, and at NewCampaign
// and RunSummary for many runs: Add each run, AddFinding each failure that was
// looked into, Finish, and then write.
package reports

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// lineMax is how many characters of a line of text are printed.
const lineMax = 200

// OneLine keeps foreign text from breaking the layout: line breaks and control
// characters become spaces, and what is too long is cut in the middle, since the
// reason of an error stands at its end.
func OneLine(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")))
	return cutMiddle(text, lineMax)
}

// cutMiddle returns a text of at most limit characters.
func cutMiddle(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	head := (limit - 1) / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(limit-1-head):])
}

// Grouped prints 1204 as "1,204".
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Counted prints a number with its noun: "1 crash", "2 crashes".
func Counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Grouped(n) + " " + many
}

// Span prints a length of time with the unit that suits it: "2.8 s", "18 s",
// "31.4 h".
func Span(d time.Duration) string {
	decimal := func(x float64, unit string) string { return strconv.FormatFloat(x, 'f', 1, 64) + " " + unit }
	switch s := d.Seconds(); {
	case s < 10:
		return decimal(s, "s")
	case s < 120:
		return strconv.FormatFloat(s, 'f', 0, 64) + " s"
	case s < 7200:
		return decimal(s/60, "min")
	default:
		return decimal(s/3600, "h")
	}
}
