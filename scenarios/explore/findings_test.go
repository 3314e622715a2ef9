package explore

import (
	"testing"

	"flinch/checks"
	"flinch/reports"
)

func TestFindingKnowsHowManyDifferencesItLacks(t *testing.T) {
	verdicts := []checks.Verdict{{Check: "restored-state", Outcome: checks.Fail, Details: []string{"- one"}, More: 37}}
	var shrunk reports.Finding
	judged(&shrunk, verdicts, "restored-state")
	unseen := plain(&Ran{Summary: reports.RunSummary{Verdicts: verdicts}})
	if shrunk.DifferencesLeft != 37 || unseen.DifferencesLeft != 37 {
		t.Errorf("%d and %d are left, want 37", shrunk.DifferencesLeft, unseen.DifferencesLeft)
	}
}
