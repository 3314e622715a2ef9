package reports

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"flinch/checks"
	"flinch/model/history"

	"github.com/cockroachdb/datadriven"
)

// TestGoldenTexts prints findings and campaigns that are given as JSON.
func TestGoldenTexts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var c *Campaign
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var out strings.Builder
			var err error
			switch d.Cmd {
			case "failure":
				err = WriteFailure(&out, findingFrom(t, d))
			case "campaign":
				c = campaignFrom(t, d)
			case "text":
				err = WriteText(&out, c)
			case "json":
				err = WriteJSON(&out, c)
			case "junit":
				err = WriteJUnit(&out, c)
			case "floors":
				for _, f := range Floors(c) {
					fmt.Fprintf(&out, "%-5v %v\n", f.Met, f)
				}
			case "exit":
				fmt.Fprintln(&out, ExitCode(c))
			default:
				d.Fatalf(t, "unknown command %s", d.Cmd)
			}
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			return out.String()
		})
	})
}

func decode(t *testing.T, d *datadriven.TestData, into any) {
	decoder := json.NewDecoder(strings.NewReader(d.Input))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		d.Fatalf(t, "%v", err)
	}
}

// findingFrom reads a finding; steps=N and differences=N add rows to it.
func findingFrom(t *testing.T, d *datadriven.TestData) Finding {
	var f Finding
	decode(t, d, &f)
	var steps, records, differences, broken int
	d.MaybeScanArgs(t, "records", &records)
	d.MaybeScanArgs(t, "steps", &steps)
	d.MaybeScanArgs(t, "differences", &differences)
	d.MaybeScanArgs(t, "broken", &broken)
	for i := range records {
		f.Steps = append(f.Steps, Step{
			At: time.Duration(i) * time.Millisecond, Actor: "task-manager-1", Text: fmt.Sprintf("record %d of partition 0, key \"k\":", i),
		})
	}
	for i := range steps {
		f.Steps = append(f.Steps, Step{
			At: time.Duration(i+1) * 100 * time.Millisecond, Actor: history.TaskManager(i % 3).String(),
			Text: fmt.Sprintf("put count[\"k%d\"] = %d", i, i), Broken: len(f.Steps)+1 == broken,
		})
	}
	for i := range differences {
		f.Differences = append(f.Differences, fmt.Sprintf("- group %d  missing", i))
	}
	return f
}

// campaignFrom reads a campaign: its config, groups of runs that are alike but
// for their seeds, and findings.
func campaignFrom(t *testing.T, d *datadriven.TestData) *Campaign {
	var input struct {
		Config CampaignConfig
		Runs   []struct {
			Times int
			Run   RunSummary
		}
		Findings    []Finding
		Wall, CPU   float64
		Interrupted bool
		Report      string
	}
	decode(t, d, &input)
	c := NewCampaign(input.Config)
	seed := 0
	for _, group := range input.Runs {
		for range group.Times {
			seed++
			group.Run.Seed = fmt.Sprintf("0x%012x", seed)
			group.Run.Replay = "flinch replay " + group.Run.Seed
			c.Add(group.Run)
		}
	}
	for _, f := range input.Findings {
		c.AddFinding(f)
	}
	c.Interrupted, c.Report = input.Interrupted, input.Report
	c.Finish(time.Duration(input.Wall*1e9), time.Duration(input.CPU*1e9))
	return c
}

func TestFailureTextFitsWhateverItIsGiven(t *testing.T) {
	sizes := []int{0, 1, 2, 7, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 30, 412}
	for _, steps := range sizes {
		for _, differences := range sizes {
			for i, broken := range []int{0, 1, steps / 2, steps} {
				f := Finding{Check: "restored-state", Also: []string{"a", "b"}, Determinism: "x", Report: "y", Replay: "go run it"}
				if differences > 0 {
					f.DifferencesLeft = []int{0, 1, 5, 1000}[i]
				}
				for i := range steps {
					f.Steps = append(f.Steps, Step{Actor: "a", Text: "many\nlines" + strings.Repeat(" long", 99), Broken: i+1 == broken})
				}
				for range differences {
					f.Differences = append(f.Differences, "many\r\nlines")
				}
				var out strings.Builder
				if err := WriteFailure(&out, f); err != nil {
					t.Fatal(err)
				}
				checkFailureText(t, f, out.String(), broken > 0 && broken <= steps)
			}
		}
	}
}

func checkFailureText(t *testing.T, f Finding, text string, marked bool) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	where := fmt.Sprintf("%d steps, %d differences", len(f.Steps), len(f.Differences))
	if len(lines) > FailureLinesMax {
		t.Fatalf("%s: %d lines", where, len(lines))
	}
	if lines[len(lines)-1] != "  replay: go run it" {
		t.Fatalf("%s: the last line is %q", where, lines[len(lines)-1])
	}
	if got := strings.Contains(text, "<- broken here"); got != marked {
		t.Fatalf("%s: broken step marked: %v, want %v\n%s", where, got, marked, text)
	}
	steps, between := strings.Count(text, " s  a  many lines"), strings.Count(text, "\n    ... step")+strings.Count(text, " more after it\n")
	differences := strings.Count(text, "\n   many  lines")
	if steps+between > rowsMax+1 || differences > rowsMax {
		t.Fatalf("%s: printed %d and %d rows", where, steps+between, differences)
	}
	if told := differences + leftOutDifferences(text); told != len(f.Differences)+f.DifferencesLeft {
		t.Fatalf("%s and %d more: %d shown or counted\n%s", where, f.DifferencesLeft, told, text)
	}
	if steps+differences < len(f.Steps)+len(f.Differences) && len(lines) < FailureLinesMax &&
		!(steps+between == min(rowsMax+1, len(f.Steps)) && differences == min(rowsMax, len(f.Differences))) {
		t.Fatalf("%s: rows left out of %d lines\n%s", where, len(lines), text)
	}
	if told := steps + leftOutSteps(text); told != len(f.Steps) {
		t.Fatalf("%s: %d steps shown or counted\n%s", where, told, text)
	}
}

// leftOutDifferences is how many differences a text says it leaves out.
func leftOutDifferences(text string) int {
	for line := range strings.Lines(text) {
		var n int
		if number, found := strings.CutSuffix(line, " more\n"); found {
			_, _ = fmt.Sscanf(strings.ReplaceAll(number, ",", ""), "    ... %d", &n)
			return n
		}
	}
	return 0
}

// leftOutSteps adds up the steps that a text says it leaves out.
func leftOutSteps(text string) int {
	sum := 0
	for line := range strings.Lines(text) {
		var from, to int
		if n, _ := fmt.Sscanf(line, "    ... steps %d to %d", &from, &to); n == 2 {
			sum += to - from + 1
		} else if n, _ := fmt.Sscanf(line, "    ... step %d", &from); n == 1 {
			sum++
		} else if strings.Contains(line, " more after it") {
			_, _ = fmt.Sscanf(line, "    ... %d", &from)
			sum += from
		}
	}
	return sum
}

func TestJUnitSurvivesForeignText(t *testing.T) {
	c := NewCampaign(CampaignConfig{})
	message := "a\x00b <&\"\xff ]]>\n"
	c.Add(RunSummary{Scenario: "s<", Seed: "0x1", Verdicts: []checks.Verdict{{Check: "c", Outcome: checks.Fail, Message: message}}})
	for i := range badRunsMax + 5 {
		c.Add(RunSummary{Scenario: "t", Seed: fmt.Sprint(i), Verdicts: []checks.Verdict{{Check: "c", Outcome: checks.Unknown}}})
	}
	var out strings.Builder
	if err := WriteJUnit(&out, c); err != nil {
		t.Fatal(err)
	}
	var doc junitSuites
	if err := xml.Unmarshal([]byte(out.String()), &doc); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if doc.Failures != 2 || doc.Errors != badRunsMax || doc.Tests != badRunsMax+2 {
		t.Errorf("got %d failures, %d errors, %d tests", doc.Failures, doc.Errors, doc.Tests)
	}
	if got := doc.Suites[0].Cases[0].Failure.Message; got != "a b <&\"\uFFFD ]]>" {
		t.Errorf("got message %q", got)
	}
}
