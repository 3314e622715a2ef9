package pages

import (
	"strings"
	"testing"

	"flinch/model/history"
	"flinch/reports"

	"pgregory.net/rapid"
)

// markup is text that must stay text.
const markup = `</svg><script>alert(1)</script>" onload="alert(2)`

func TestTextsOfAFindingStayText(t *testing.T) {
	r := &history.Run{
		Events:      []history.Event{{Step: 1, Text: markup}, {Step: 2, Text: markup, Fault: true}, {Step: 3, Text: "UPPER" + markup}},
		Messages:    []history.Message{{Kind: markup, Sender: markup, Receiver: markup, Sent: 1, Arrived: 2}},
		Spans:       []history.Span{{Task: markup, Phase: history.Synchronous, Begin: 1, End: 3}},
		Lives:       []history.Life{{Begin: 1}},
		Checkpoints: []history.Checkpoint{{ID: 1, Triggered: 1, Aborted: 2, Reason: markup}},
	}
	f := told(r, 2)
	f.Check, f.Scenario, f.Backend, f.Seed, f.Fingerprint, f.Message = markup, markup, markup, markup, markup, markup
	f.Also, f.Differences, f.DifferencesTitle, f.DifferencesNote = []string{markup}, []string{markup}, markup, markup
	f.Determinism, f.Replay = markup, markup
	var out strings.Builder
	if err := WriteFinding(&out, f); err != nil {
		t.Fatal(err)
	}
	checkPolicy(t, out.String())
	if strings.Contains(out.String(), "<script>alert") || strings.Contains(out.String(), `" onload=`) {
		t.Error("a text became markup")
	}
	if n := strings.Count(out.String(), "alert(1)"); n < 15 {
		t.Errorf("the text is there %d times only", n)
	}
}

// TestEveryFindingHasAPage: also the ones of which little is known.
func TestEveryFindingHasAPage(t *testing.T) {
	var out strings.Builder
	if err := WriteFinding(&out, reports.Finding{Check: "process-died", Message: "The process died.", Replay: "flinch replay 1"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"process-died", "The process died.", "flinch replay 1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(out.String(), `id="tl"`) || strings.Contains(out.String(), `id="steps"`) {
		t.Error("the page has a timeline of nothing")
	}
	rapid.Check(t, func(rt *rapid.T) {
		var out strings.Builder
		f := told(drawnRun(rt), rapid.Int64Range(0, 60).Draw(rt, "broken"))
		if err := WriteFinding(&out, f); err != nil {
			rt.Fatal(err)
		}
		if n := strings.Count(out.String(), `id="step-`); n != len(f.Steps) {
			rt.Fatalf("%d of %d steps are listed", n, len(f.Steps))
		}
	})
}

func TestPageSaysHowManyDifferencesItLacks(t *testing.T) {
	f := reports.Finding{Check: "restored-state", Differences: []string{"- one"}}
	for left, want := range map[int]string{0: "<li>- one</li>\n</ul>", 1037: "<li>- one</li>\n<li>... 1,037 more</li>\n</ul>"} {
		f.DifferencesLeft = left
		var out strings.Builder
		if err := WriteFinding(&out, f); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("%d left: the page lacks %q", left, want)
		}
	}
}
