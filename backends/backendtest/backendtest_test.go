package backendtest_test

import (
	"flag"
	"testing"

	"flinch/backends/backendtest"
	"flinch/backends/backendtest/reference"
)

func TestReferenceKeepsTheContract(t *testing.T) {
	backendtest.Run(t, reference.New(), nil)
}

// fewerRandomJobs makes rapid draw fewer jobs than by default, each with more
// operations: every job opens dozens of databases.
func fewerRandomJobs(t *testing.T) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if checks == nil || checks.Value.String() != checks.DefValue {
		return
	}
	set := func(text string) {
		if err := checks.Value.Set(text); err != nil {
			t.Fatal(err)
		}
	}
	set("10")
	t.Cleanup(func() { set(checks.DefValue) })
}
