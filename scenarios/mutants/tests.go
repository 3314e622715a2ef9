package mutants

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"time"
)

// Mutants of the harness itself take a sense from it: no run of a right backend
// can show that. They are killed by the tests of the packages that their header
// names, which give it wrong backends.

// failedTest finds the name of a test in what go test writes of its failure.
var failedTest = regexp.MustCompile(`--- FAIL: (\S+)`)

// notice has the tests of a package judge a patched tree. The clean tree has to
// pass them.
func (b *bench) notice(ctx context.Context, tree string, p patch, m *Mutant) error {
	if err := b.passes(ctx, p.tests); err != nil {
		return fmt.Errorf("clean tree: %w", err)
	}
	if err := command(ctx, tree, nil, "go", "vet", p.tests); err != nil {
		return fmt.Errorf("the patched tree does not build: %w", err)
	}
	m.Built = true
	failed, cpu, err := test(ctx, tree, p.tests)
	m.Killed, m.Check, m.CPUSeconds = failed != "", failed, cpu.Seconds()
	return err
}

// passes tells why the clean tree cannot be compared with: it fails the tests.
func (b *bench) passes(ctx context.Context, pkg string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.passed[pkg] {
		return nil
	}
	failed, _, err := test(ctx, b.tree, pkg)
	if err == nil && failed != "" {
		err = fmt.Errorf("tests of %s: %s fails", pkg, failed)
	}
	b.passed[pkg] = err == nil
	return err
}

// test runs the tests of a package and returns the first that fails, "" if all
// pass, and the processor time that it took.
func test(ctx context.Context, tree, pkg string) (failed string, cpu time.Duration, err error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", pkg)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = tree, &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		return "", 0, fmt.Errorf("tests of %s: %w", pkg, errors.Join(err, ctx.Err()))
	}
	cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if err == nil {
		return "", cpu, nil
	}
	found := failedTest.FindStringSubmatch(out.String())
	if found == nil {
		return "", cpu, fmt.Errorf("tests of %s: %w: %s", pkg, err, firstLines(out.String()))
	}
	return found[1], cpu, nil
}
