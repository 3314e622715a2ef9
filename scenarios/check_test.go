package scenarios_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/scenarios"

	"github.com/spf13/afero"
)

// recorder is a test that writes down what it is told.
type recorder struct {
	name     string
	failures []string
	logs     []string
	fatal    bool
}

func (r *recorder) Helper()      {}
func (r *recorder) Name() string { return r.name }

func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = true
	r.Errorf(format, args...)
}

// check runs Check on calm cases, with files and environment of its own.
func check(b backends.Backend, files afero.Fs, environment ...string) *recorder {
	r := &recorder{name: "TestMine/heap"}
	scenarios.Check(r, b, scenarios.CheckOptions{
		Scenarios: []string{"calm"}, Count: 2, Package: "./mine", Files: files,
		LookupEnv: func(name string) (string, bool) {
			for _, e := range environment {
				if value, found := strings.CutPrefix(e, name+"="); found {
					return value, true
				}
			}
			return "", false
		},
	})
	return r
}

// forgetful is a heap that cannot be opened.
type forgetful struct{ *heap.Backend }

func (forgetful) OpenKeyed(context.Context, backends.KeyedParams) (backends.Keyed, error) {
	return nil, errors.New("the heap is full")
}

// fickle is a heap that looks at the disk the first time.
type fickle struct {
	*heap.Backend
	opened *int
}

func (f fickle) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if *f.opened++; *f.opened == 1 {
		_, _ = p.Local.Stat("/")
	}
	return f.Backend.OpenKeyed(ctx, p)
}

func TestCheckPassesARightBackendAndSaysWhatItCovered(t *testing.T) {
	r := check(heap.New(), afero.NewMemMapFs())
	if len(r.failures) > 0 {
		t.Fatal(r.failures)
	}
	const begin, end = "flinch: 2 runs, 0 crashes, 0 restores, ", " operations compared; seeds from 0x000000000001 to 0x000000000002 of calm"
	if len(r.logs) != 1 || !strings.HasPrefix(r.logs[0], begin) || !strings.HasSuffix(r.logs[0], end) {
		t.Errorf("log %q, want %s...%s", r.logs, begin, end)
	}
}

func TestFailureEndsWithTheLineThatReplaysIt(t *testing.T) {
	files := afero.NewMemMapFs()
	r := check(forgetful{heap.New()}, files, "FLINCH_OUT=/kept", "FLINCH_SEED=0x7")
	if len(r.failures) != 1 || !strings.Contains(r.failures[0], "scenario calm   backend heap   seed 0x000000000007\n") {
		t.Fatalf("failures %q, want one of seed 7", r.failures)
	}
	lines := strings.Split(r.failures[0], "\n")
	const name = "/kept/calm-0x000000000007.json"
	if got, want := lines[len(lines)-1], "  replay: FLINCH_CASE="+name+" go test -run '^TestMine$/^heap$' ./mine"; got != want {
		t.Errorf("last line\n%s\nwant\n%s", got, want)
	}
	again := check(forgetful{heap.New()}, files, "FLINCH_CASE="+name)
	if len(again.failures) != 1 || again.failures[0] != r.failures[0] {
		t.Errorf("replayed from its file:\n%q\nwant\n%q", again.failures, r.failures)
	}
}

// A seed that failed elsewhere, and is to be kept.
func TestCaseOfASeedIsKeptInTheFolder(t *testing.T) {
	files := afero.NewMemMapFs()
	r := check(forgetful{heap.New()}, files, "FLINCH_OUT=/kept", "FLINCH_CASE=calm@0x2")
	const name = "/kept/calm-0x000000000002.json"
	if len(r.failures) != 1 || !strings.Contains(r.failures[0], "  replay: FLINCH_CASE="+name+" go test") {
		t.Errorf("failures %q, want one with %s", r.failures, name)
	}
	if there, err := afero.Exists(files, name); err != nil || !there {
		t.Errorf("%s is there: %v (%v)", name, there, err)
	}
}

func TestCaseOfAScenarioThatIsNotKnownIsRefused(t *testing.T) {
	files := afero.NewMemMapFs()
	data := edited(t, `"scenario": "failover"`, `"scenario": "moon"`)
	if err := afero.WriteFile(files, "moon.json", data, 0o600); err != nil {
		t.Fatal(err)
	}
	r := check(heap.New(), files, "FLINCH_CASE=moon.json")
	const want = `flinch: FLINCH_CASE: moon.json: case: scenario "moon" is not known: want one of at-least-once, `
	if !r.fatal || len(r.failures) != 1 || !strings.HasPrefix(r.failures[0], want) {
		t.Errorf("failures %q, want %s", r.failures, want)
	}
}

func TestFailureWithoutAFolderNamesScenarioAndSeed(t *testing.T) {
	r := check(forgetful{heap.New()}, afero.NewMemMapFs())
	const ref = "FLINCH_CASE=calm@0x000000000001"
	if len(r.failures) != 1 || !strings.Contains(r.failures[0], "  replay: "+ref+" go test") {
		t.Fatalf("failures %q, want one with %s", r.failures, ref)
	}
	if again := check(heap.New(), afero.NewMemMapFs(), ref); len(again.failures) > 0 || !strings.HasPrefix(again.logs[0], "flinch: 1 runs") {
		t.Errorf("replayed on a right backend: failures %q, logs %q", again.failures, again.logs)
	}
}

func TestCheckOfNoSeedsIsRefused(t *testing.T) {
	r := &recorder{name: "TestMine"}
	scenarios.Check(r, heap.New(), scenarios.CheckOptions{Scenarios: []string{"calm"}, Count: -1})
	if want := "flinch: option Count: -1: want a number of seeds, as 100"; !r.fatal || len(r.failures) != 1 || r.failures[0] != want {
		t.Errorf("failures %q, want %q alone", r.failures, want)
	}
}

// withArtifacts is a test that has a folder for artefacts.
type withArtifacts struct{ *recorder }

func (withArtifacts) ArtifactDir() string { return "/artifacts" }

func TestCaseIsKeptAmongArtifactsOnlyIfTheyAre(t *testing.T) {
	flags := flag.Lookup("test.artifacts")
	before := flags.Value.String()
	defer func() { _ = flags.Value.Set(before) }()
	for kept, want := range map[string]string{"true": "FLINCH_CASE=/artifacts/calm-0x000000000001.json ", "false": "FLINCH_CASE=calm@0x000000000001 "} {
		if err := flags.Value.Set(kept); err != nil {
			t.Fatal(err)
		}
		r, files := withArtifacts{&recorder{name: "TestMine"}}, afero.NewMemMapFs()
		scenarios.Check(r, forgetful{heap.New()}, scenarios.CheckOptions{
			Scenarios: []string{"calm"}, Count: 1, Files: files, LookupEnv: func(string) (string, bool) { return "", false },
		})
		if len(r.failures) != 1 || !strings.Contains(r.failures[0], want) {
			t.Errorf("artefacts kept: %s: failures %q, want one with %s", kept, r.failures, want)
		}
		if there, _ := afero.Exists(files, "/artifacts"); fmt.Sprint(there) != kept {
			t.Errorf("artefacts kept: %s, written: %v", kept, there)
		}
	}
}

func TestTwoTracesOfOneCaseAreAFailure(t *testing.T) {
	r := check(fickle{heap.New(), new(int)}, afero.NewMemMapFs())
	if len(r.failures) != 1 || !strings.HasPrefix(r.failures[0], "FAIL determinism   scenario calm ") {
		t.Fatalf("failures %q, want one of determinism", r.failures)
	}
}

// opaque is a fickle heap that says so.
type opaque struct{ fickle }

func (opaque) Opaque() string { return "it looks at the disk when it likes" }

func TestTracesOfAnOpaqueBackendAreNotCompared(t *testing.T) {
	opened := 0
	r := check(opaque{fickle{heap.New(), &opened}}, afero.NewMemMapFs())
	if len(r.failures) > 0 || opened == 0 {
		t.Errorf("failures %q after %d instances, want none after some", r.failures, opened)
	}
}

// absent is a heap that cannot run here.
type absent struct{ forgetful }

func (absent) Unavailable() string { return "no engine: run make engine" }

// skippable is a test that can be skipped.
type skippable struct {
	*recorder
	skipped string
}

func (s *skippable) Skipf(format string, args ...any) { s.skipped = fmt.Sprintf(format, args...) }

func TestUnavailableBackendIsSkippedOrFailsButNeverPasses(t *testing.T) {
	const want = "flinch: backend heap cannot run here: no engine: run make engine"
	s := &skippable{recorder: &recorder{name: "TestMine"}}
	scenarios.Check(s, absent{}, scenarios.CheckOptions{Scenarios: []string{"calm"}})
	if s.skipped != want || len(s.failures) > 0 || len(s.logs) > 0 {
		t.Errorf("skipped %q, failures %q, logs %q, want it skipped alone", s.skipped, s.failures, s.logs)
	}
	if r := check(absent{}, afero.NewMemMapFs()); !r.fatal || len(r.failures) != 1 || r.failures[0] != want {
		t.Errorf("failures %q, want %q alone", r.failures, want)
	}
}

func TestKeptCasesRunBeforeNewSeeds(t *testing.T) {
	files := afero.NewMemMapFs()
	data, err := smallCase().JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"a.json": string(data), "b.json": `{"schema": 9}`, "notes.txt": "no case"} {
		if err := afero.WriteFile(files, "testdata/cases/"+name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := check(forgetful{heap.New()}, files)
	if len(r.failures) != 3 {
		t.Fatalf("%d failures, want 3: %q", len(r.failures), r.failures)
	}
	for i, want := range []string{
		"replay: FLINCH_CASE=testdata/cases/a.json go test",
		"flinch: testdata/cases/b.json: case: schema: 9: this flinch reads version 1",
		"replay: FLINCH_CASE=calm@0x000000000001 go test",
	} {
		if !strings.Contains(r.failures[i], want) {
			t.Errorf("failure %d:\n%s\nwant %s", i, r.failures[i], want)
		}
	}
}

func TestBadEnvironmentIsOneClearLine(t *testing.T) {
	for _, tc := range []struct{ env, want string }{
		{"FLINCH_SEED=x", `flinch: FLINCH_SEED: parse seed "x": want hex such as`},
		{"FLINCH_COUNT=0", `flinch: FLINCH_COUNT "0": want a number of seeds, as 100`},
		{"FLINCH_COUNT=many", `flinch: FLINCH_COUNT "many": want a number of seeds, as 100`},
		{"FLINCH_CASE=none.json", "flinch: FLINCH_CASE: open none.json: file does not exist"},
		{"FLINCH_CASE=calmer@1", `flinch: FLINCH_CASE: scenario "calmer" is not known: want one of at-least-once, `},
	} {
		r := check(heap.New(), afero.NewMemMapFs(), tc.env)
		if !r.fatal || len(r.failures) != 1 || !strings.HasPrefix(r.failures[0], tc.want) || strings.Contains(r.failures[0], "\n") {
			t.Errorf("%s: %q, want %s", tc.env, r.failures, tc.want)
		}
	}
}
