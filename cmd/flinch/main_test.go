package main

import (
	"context"
	"fmt"
	"os"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/cmd/flinch/app"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"flinch":        main,
		"flinch-dying":  func() { os.Exit(app.Main(dying{heap.New()})) },
		"flinch-lossy":  func() { os.Exit(app.Main(lossy{heap.New()})) },
		"flinch-fickle": func() { os.Exit(app.Main(fickle{heap.New(), new(int)})) },
	})
}

// TestCommandLine carries out testdata/script: what each command prints, and the
// exit codes.
func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"code": code},
	})
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
