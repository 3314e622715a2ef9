package scenarios

import (
	"strings"
	"testing"

	"flinch/backends/heap"
)

func TestFailureSaysHowManyDetailsItLacks(t *testing.T) {
	r := &checkRun{backend: heap.New()}
	f := failure{check: "restored-state", details: []string{"- one"}}
	if text := r.text(Case{}, f); strings.Contains(text, "more") {
		t.Errorf("nothing is left out of\n%s", text)
	}
	f.more = 37
	if text := r.text(Case{}, f); !strings.Contains(text, "- one\n    ... 37 more\n") {
		t.Errorf("37 rows are left out of\n%s", text)
	}
}
