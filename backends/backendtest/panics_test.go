package backendtest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/backendtest/reference"
)

// unfinished is a backend that somebody has only begun to write. What it lacks
// panics, or is nil.
type unfinished struct {
	backends.Backend
	lacks string
}

func (b unfinished) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if b.lacks == "instances" {
		return nil, nil
	}
	k, err := b.Backend.OpenKeyed(ctx, p)
	return unfinishedKeyed{k, b.lacks}, err
}

type unfinishedKeyed struct {
	backends.Keyed
	lacks string
}

func (k unfinishedKeyed) List(d backends.Descriptor) (backends.RawList, error) {
	switch k.lacks {
	case "lists":
		panic("no lists yet")
	case "answers":
		return nil, nil
	}
	return k.Keyed.List(d)
}

func (k unfinishedKeyed) Close() error {
	if k.lacks == "closing" {
		panic("cannot be closed yet")
	}
	return k.Keyed.Close()
}

const lacksVariable = "FLINCH_TEST_LACKS"

func TestUnfinishedBackend(t *testing.T) {
	lacks := os.Getenv(lacksVariable)
	if lacks == "" {
		t.Skip("for TestRunGoesOnAfterAPanic")
	}
	// Enough operations that some are on lists, whatever rapid draws.
	backendtest.Run(t, unfinished{reference.New(), lacks}, map[string]int64{backendtest.TuneOperations: 3_000})
}

// Whoever begins with a backend sees what it can do, whatever it cannot.
func TestRunGoesOnAfterAPanic(t *testing.T) {
	for _, x := range []struct {
		lacks  string
		says   []string
		passes string // a clause that has to pass
	}{
		{
			"instances",
			[]string{`backend "reference": open operator op, subtask 0: the backend returned nil as backends.Keyed, and no error`},
			"",
		},
		{
			"lists",
			[]string{"--- FAIL: TestUnfinishedBackend/ListKeepsTheOrderOfAdding", "panic: no lists yet\n", "\n        flinch/backends/backendtest_test.unfinishedKeyed.List("},
			"MapWithoutUserKeysIsGone",
		},
		{"answers", []string{"the backend returned nil as backends.RawList, and no error"}, "MapWithoutUserKeysIsGone"},
		{"closing", []string{"Close: panic: cannot be closed yet\n", "backendtest_test.unfinishedKeyed.Close("}, ""},
	} {
		// A short test makes a fifth of the random jobs.
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestUnfinishedBackend$", "-test.v", "-test.short", "-rapid.nofailfile", "-rapid.checks=5")
		cmd.Env = append(os.Environ(), lacksVariable+"="+x.lacks)
		out, err := cmd.CombinedOutput()
		text := string(out)
		if err == nil || strings.Contains(text, "goroutine ") || !strings.Contains(text, "--- FAIL: TestUnfinishedBackend/StateAndSnapshotsEqualTheModel") {
			t.Errorf("without %s: %v, want the last clause to fail, and no more:\n%s", x.lacks, err, text)
			continue
		}
		for _, want := range append(x.says, "--- PASS: TestUnfinishedBackend/"+x.passes) {
			if x.passes == "" && strings.HasPrefix(want, "--- PASS") {
				continue
			}
			if !strings.Contains(text, want) {
				t.Errorf("without %s: nothing says %q:\n%s", x.lacks, want, text)
			}
		}
	}
}
