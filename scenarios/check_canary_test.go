package scenarios_test

import (
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/checks"
	"flinch/scenarios"

	"github.com/spf13/afero"
)

// checkFailover runs Check on failover cases, with an environment of its own.
func checkFailover(b backends.Backend, count int, environment map[string]string) *recorder {
	r := &recorder{name: "TestMine"}
	scenarios.Check(r, b, scenarios.CheckOptions{
		Scenarios: []string{"failover"}, Count: count, Files: afero.NewMemMapFs(), Package: "./mine",
		LookupEnv: func(name string) (string, bool) {
			value, found := environment[name]
			return value, found
		},
	})
	return r
}

func TestCheckHasACanaryWhereItCostsNextToNothing(t *testing.T) {
	for count, want := range map[int]bool{16: false, 17: true} {
		r := checkFailover(heap.New(), count, nil)
		if got := strings.Contains(r.logs[0], "; canary caught; seeds from"); got != want || len(r.failures) > 0 {
			t.Errorf("%d seeds: failures %q, log %q, want a canary: %v", count, r.failures, r.logs, want)
		}
	}
}

func TestCheckCanRunTheCanaryOfOneCase(t *testing.T) {
	r := checkFailover(heap.New(), 1, map[string]string{"FLINCH_CASE": "failover@3", "FLINCH_CANARY": "1"})
	if len(r.failures) > 0 || len(r.logs) != 1 || !strings.HasSuffix(r.logs[0], "; canary caught") {
		t.Errorf("failures %q, log %q, want that the canary was caught", r.failures, r.logs)
	}
}

func TestCheckFailsIfTheCanaryIsNotCaught(t *testing.T) {
	s, err := scenarios.ByName("failover")
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{name: "TestMine"}
	blind := &scenarios.CanaryRun{Outcome: &scenarios.Outcome{Verdicts: []checks.Verdict{{Check: "all"}}}, Given: 3, Does: "all is lost"}
	scenarios.JudgeCanary(r, heap.New(), s.At(3), blind)
	want := "replay: FLINCH_CANARY=1 FLINCH_CASE=failover@0x000000000003 go test -run '^TestMine$' ./mine"
	if len(r.failures) != 1 || !strings.HasSuffix(r.failures[0], want) || !strings.Contains(r.failures[0], "all is lost") {
		t.Errorf("failures %q, want one that says what was lost and ends in %q", r.failures, want)
	}
}
