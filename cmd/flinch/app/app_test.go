package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/scenarios"
	"flinch/scenarios/explore"
	"flinch/sim/rng"
)

func TestPanicOfFlinchIsExit70WithItsStackAndTheCommand(t *testing.T) {
	bad := scenarios.Scenario{Name: "bad", Generate: func(rng.Source) scenarios.Case { panic("out of ideas") }}
	var out, log bytes.Buffer
	a := &app{
		world: explore.World{Scenarios: []scenarios.Scenario{bad}, Backends: []backends.Backend{heap.New()}},
		out:   &out, log: &log,
	}
	if code := a.run(t.Context(), []string{"run", "--scenario", "bad", "--count", "1"}); code != ExitInternal {
		t.Errorf("exit code %d, want %d", code, ExitInternal)
	}
	for _, want := range []string{"a bug of flinch itself: panic: out of ideas", "app_test.go:", "\nshow it again: ", " run --scenario bad --count 1\n"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("standard error lacks %q:\n%s", want, log.String())
		}
	}
	if out.Len() > 0 {
		t.Errorf("standard output: %s", out.String())
	}
}

func TestBackendsThatCannotBeNamedAreBadUsage(t *testing.T) {
	for _, tc := range []struct {
		list []backends.Backend
		want string
	}{
		{nil, "flinch: app.Main: there is no backend: give one at least, as mine.New()\n"},
		{[]backends.Backend{nil}, "flinch: app.Main: backend 1 of 1 is nil: give an instance, as mine.New()\n"},
		{[]backends.Backend{heap.New(), heap.New()}, "flinch: app.Main: backends 1 and 2 of 2 are both called \"heap\": have the Name of each return another one\n"},
	} {
		var out, log bytes.Buffer
		a := &app{world: explore.World{Scenarios: scenarios.All(), Backends: tc.list}, out: &out, log: &log}
		if code := a.run(t.Context(), []string{"list"}); code != ExitUsage || log.String() != tc.want || out.Len() > 0 {
			t.Errorf("exit code %d, output %q, standard error %q, want %d and %q", code, &out, &log, ExitUsage, tc.want)
		}
	}
}

func TestCommandsAreQuotedForAShell(t *testing.T) {
	got := quoted([]string{"go run ./cmd/flinch", "replay", "out dir/it's/case.json", "", "plain"})
	if want := `go run ./cmd/flinch replay 'out dir/it'\''s/case.json' '' plain`; got != want {
		t.Errorf("command %s, want %s", got, want)
	}
}

func TestCaseOfAScenarioThatIsNotKnownIsNotReplayed(t *testing.T) {
	calm, err := scenarios.ByName("calm")
	if err != nil {
		t.Fatal(err)
	}
	c := calm.At(1)
	c.Scenario = "moon"
	text, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "case.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, log bytes.Buffer
	a := &app{world: explore.World{Scenarios: scenarios.All(), Backends: []backends.Backend{heap.New()}}, out: &out, log: &log}
	want := fmt.Sprintf("flinch: %s: case: scenario %q is not known: want one of at-least-once, ", path, "moon")
	if code := a.run(t.Context(), []string{"replay", path}); code != ExitUsage || !strings.HasPrefix(log.String(), want) {
		t.Errorf("exit code %d, standard error %q, want %d and %s", code, &log, ExitUsage, want)
	}
}
