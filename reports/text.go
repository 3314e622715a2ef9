package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// findingsMax is how many findings a text lists.
const findingsMax = 10

// WriteJSON writes a finished campaign as run.json.
func WriteJSON(w io.Writer, c *Campaign) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(c)
}

// WriteText writes a finished campaign for people: what was covered, what was
// not, and the findings. If there is one, the last line replays it.
func WriteText(w io.Writer, c *Campaign) error {
	lines := []string{Headline(c)}
	if bad := troubles(c.Failures, c.Undecided, c.Nondeterministic); bad != "" {
		lines = append(lines, "  "+bad)
	}
	lines = append(lines, backendLines(c)...)
	if text := c.Canary.String(); text != "" {
		lines = append(lines, "  canary: "+text)
	}
	lines = append(lines, coverage(c)...)
	if more := len(c.Findings) - findingsMax; more > 0 {
		lines = append(lines, "  "+Counted(int64(more), "more finding", "more findings"))
	}
	// The first finding comes last, since the last line is what people copy.
	for i := min(len(c.Findings), findingsMax) - 1; i >= 0; i-- {
		lines = append(lines, c.Findings[i].lines()...)
	}
	if c.Report != "" {
		at := len(lines)
		if len(c.Findings) > 0 {
			at-- // the command stays last
		}
		lines = slices.Insert(lines, at, "  report: "+c.Report)
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// Headline is the verdict and the figures. Mid-snapshot is what falls between
// a checkpoint's barrier and its publishing.
func Headline(c *Campaign) string {
	reached, unreached := Points(c)
	return fmt.Sprintf("%s %s, %s simulated in %s, %s (%s mid-snapshot), %s, %d of %d points reached", Verdict(c),
		Counted(c.Runs, "run", "runs"), Span(seconds(c.SimulatedSeconds)), Span(seconds(c.WallSeconds)),
		Counted(c.Crashes, "crash", "crashes"), Grouped(c.Counters[crashesInSnapshots]), Counted(c.Restores, "restore", "restores"),
		reached, reached+len(unreached))
}

// Verdict is the exit code as a word.
func Verdict(c *Campaign) string {
	switch ExitCode(c) {
	case ExitKept:
		return "PASS"
	case ExitBroken:
		return "FAIL"
	case ExitNondeterministic:
		return "NONDETERMINISTIC"
	case ExitInterrupted:
		return "INTERRUPTED"
	}
	return "UNDECIDED"
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Points tells which counters are above zero. Legal stops are nothing to reach,
// and what is only another figure of a point is no point of its own.
func Points(c *Campaign) (reached int, unreached []string) {
	for _, name := range sortedKeys(c.Counters) {
		switch {
		case name == legalStops, name == auditedEntries, name == auditedEntriesMedian, name == crashesInSnapshots:
		case c.Counters[name] > 0:
			reached++
		default:
			unreached = append(unreached, name)
		}
	}
	return reached, unreached
}

// troubles counts the runs that did not pass.
func troubles(failures, undecided, nondeterministic int64) string {
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{
		{failures, "failed"}, {undecided, "undecided"}, {nondeterministic, "not deterministic"},
	} {
		if p.n > 0 {
			parts = append(parts, Counted(p.n, "run ", "runs ")+p.what)
		}
	}
	return strings.Join(parts, ", ")
}

// coverage says what the campaign did not reach: in one line if it is too small
// to have done so.
func coverage(c *Campaign) []string {
	_, unreached := Points(c)
	judged, others := missedFloors(c)
	if c.Runs < FloorRunsMin {
		return fewRuns(len(unreached), len(others))
	}
	var lines []string
	if len(unreached) > 0 {
		lines = append(lines, "  not reached: "+strings.Join(unreached, ", "))
	}
	if len(judged) > 0 {
		lines = append(lines, "  below the floor:")
	}
	for _, f := range judged {
		lines = append(lines, "    "+f.String())
	}
	if len(others) > 0 {
		lines = append(lines, "  below the floor, which is judged for all scenarios together:")
	}
	for _, f := range others {
		lines = append(lines, "    "+f.String())
	}
	return lines
}

// fewRuns says how much a small campaign did not reach.
func fewRuns(points, floors int) []string {
	var parts []string
	if points > 0 {
		parts = append(parts, Counted(int64(points), "point", "points"))
	}
	if floors > 0 {
		parts = append(parts, Counted(int64(floors), "floor", "floors"))
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("  not reached in so few runs: %s (judged from %d runs up; --format json names them)",
		strings.Join(parts, " and "), FloorRunsMin)}
}

// lines prints a finding in short.
func (f FindingRow) lines() []string {
	times := ""
	if f.Times > 1 {
		times = fmt.Sprintf("   %s times", Grouped(f.Times))
	}
	return []string{
		"",
		fmt.Sprintf("  %s %s   scenario %s   backend %s   seed %s%s", f.Fingerprint, f.Check, f.Scenario, f.Backend, f.Seed, times),
		"  " + OneLine(f.Message),
		"  replay: " + f.Replay,
	}
}
