package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/model"
	"flinch/model/history"
)

// TestVerdictCountsTheRowsThatItLeavesOut: what is shown and what is left out add
// up to all that there is.
func TestVerdictCountsTheRowsThatItLeavesOut(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(e *Evidence)
		judge  func(context.Context, *Evidence) Verdict
		all    int
	}{
		{"entries", func(e *Evidence) {
			k := &e.Audits[0].Keyed[0]
			k.Expected = slices.Clone(k.Expected)
			for i := range 57 {
				k.Expected = append(k.Expected, model.Entry{Group: 7, State: "zero", Key: fmt.Sprintf("k%02d", i)})
			}
		}, judgeRestoredState, 57},
		{"keys that came back", func(e *Evidence) {
			e.Audits[0].Keyed[0].Dumps[0].Ghosts = make([]string, 30)
		}, judgeRestoredState, 30},
		{"answers", func(e *Evidence) {
			e.Run.Mismatches = make([]history.Mismatch, 30)
		}, judgeRestoredState, 30},
		{"errors", func(e *Evidence) {
			e.Run.Unexpected = make([]history.Unexpected, 30)
		}, judgeRestoredState, 29}, // beside the one that the message tells
		{"files", func(e *Evidence) {
			e.Run.Leftovers = make([]history.Leftover, 25)
		}, judgeLeftOverFiles, 25},
		{"subtasks", func(e *Evidence) {
			e.Audits[0].Lists = []ListAudit{{Old: [][]string{{"a"}}, New: make([][]string, 30)}}
		}, judgeOperatorState, 30},
		{"records", func(e *Evidence) {
			e.Facts.Records = append(e.Facts.Records, make([]RecordFacts, 44)...)
		}, judgeSink, 44},
	} {
		t.Run(x.name, func(t *testing.T) {
			e := goodEvidence()
			e.Audits = e.Audits[:1]
			x.change(e)
			v := x.judge(context.Background(), e)
			if v.Outcome != Fail || len(v.Details) < DetailsMax-1 || len(v.Details)+v.More != x.all {
				t.Errorf("%v, %d rows and %d more, want %d together\n%s\n%s",
					v.Outcome, len(v.Details), v.More, x.all, v.Message, strings.Join(v.Details, "\n"))
			}
		})
	}
}
