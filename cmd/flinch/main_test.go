package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/backends/rocksdb"
	"flinch/cmd/flinch/app"
	"flinch/scenarios/explore"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"flinch":        main,
		"flinch-dying":  func() { os.Exit(app.Main(dying{heap.New()})) },
		"flinch-lossy":  func() { os.Exit(app.Main(lossy{heap.New()})) },
		"flinch-fickle": func() { os.Exit(app.Main(fickle{heap.New(), new(int)})) },
		"flinch-engine": func() { os.Exit(app.Main(heap.New(), engine{heap.New()})) },
		"flinch-opaque": func() { os.Exit(app.Main(opaque{fickle{heap.New(), new(int)}})) },
		"flinch-absent": func() { os.Exit(app.Main(heap.New(), absent{heap.New()})) },
	})
}

// TestCommandLine carries out testdata/script: what each command prints, and the
// exit codes.
func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"code": code},
		Condition:           condition,
		Setup: func(env *testscript.Env) error {
			setup, err := filepath.Abs("../../.ci/setup")
			env.Setenv("SETUP", setup)
			return err
		},
	})
}

// condition holds [norocksdb] if this build has no RocksDB.
func condition(name string) (bool, error) {
	if name != "norocksdb" {
		return false, fmt.Errorf("condition %q is not known", name)
	}
	return explore.Unavailable(rocksdb.New()) != "", nil
}

// code runs a program and demands an exit code: code 64 flinch run --count x.
func code(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: code N program argument...")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var status interface{ ExitCode() int }
		if !asExit(err, &status) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = fmt.Sprint(status.ExitCode())
	}
	if got != args[0] {
		ts.Fatalf("%s: exit code %s, want %s", args[1], got, args[0])
	}
}

func asExit(err error, status *interface{ ExitCode() int }) bool {
	s, ok := err.(interface{ ExitCode() int })
	*status = s
	return ok
}

// engine is a backend around an engine that has a version and counts. The
// environment says which version, and whether it forgets to restore.
type engine struct{ *heap.Backend }

func (engine) Name() string       { return "engine" }
func (engine) Version() string    { return "Engine " + os.Getenv("ENGINE_VERSION") }
func (engine) Counters() []string { return []string{"compactions", "stalls"} }

func (b engine) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if p.Count != nil {
		p.Count("compactions", 2)
	}
	if os.Getenv("ENGINE_FORGETS") != "" {
		p.Restore = nil
	}
	return b.Backend.OpenKeyed(ctx, p)
}

// opaque is a fickle backend that says so.
type opaque struct{ fickle }

func (opaque) Name() string   { return "opaque" }
func (opaque) Opaque() string { return "it does as it likes" }

// absent is a backend of this name that cannot run.
type absent struct{ *heap.Backend }

func (absent) Name() string        { return "rocksdb" }
func (absent) Unavailable() string { return "no engine: run make engine" }

// dying is a backend whose process ends when it is opened.
type dying struct{ *heap.Backend }

func (dying) Name() string { return "dying" }

func (dying) OpenKeyed(context.Context, backends.KeyedParams) (backends.Keyed, error) {
	fmt.Fprintln(os.Stderr, "engine.cc:12: assertion failed")
	os.Exit(6)
	return nil, nil
}

// lossy is a backend that forgets to snapshot: it restores nothing.
type lossy struct{ *heap.Backend }

func (lossy) Name() string { return "lossy" }

func (b lossy) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	p.Restore = nil
	return b.Backend.OpenKeyed(ctx, p)
}

// fickle is a backend that does something else each time: of the instances of
// one process, every third makes a folder first.
type fickle struct {
	*heap.Backend
	opened *int
}

func (fickle) Name() string { return "fickle" }

func (b fickle) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if *b.opened++; *b.opened%3 == 0 {
		if err := p.Local.MkdirAll(p.Dir, 0o755); err != nil {
			return nil, err
		}
	}
	return b.Backend.OpenKeyed(ctx, p)
}
