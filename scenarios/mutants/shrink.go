package mutants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"flinch/faults"
	"flinch/scenarios"
)

// caseName is the file of a bundle that holds the case.
const caseName = "case.json"

// shrinkTime is what shrinking one case may take; most need a few seconds.
const shrinkTime = 2 * time.Minute

// shrink makes the killing run small, and notes what the smallest case is like.
// With Options.Out the case and the binary are kept, in a folder of the mutant's
// own, which is made anew.
func (b *bench) shrink(ctx context.Context, dir, binary string, m *Mutant) error {
	out := filepath.Join(dir, "small")
	if b.o.Out != "" {
		kept := filepath.Join(b.o.Out, m.ID)
		if err := os.RemoveAll(kept); err != nil {
			return fmt.Errorf("make the folder anew: %w", err)
		}
		var err error
		if binary, err = keep(binary, kept); err != nil {
			return err
		}
		out = kept
	}
	cmd := exec.CommandContext(ctx, binary, "shrink", m.Seed, "--scenario", m.Scenario, "--backend", m.Backend,
		"--time", shrinkTime.String(), "--progress", "none", "--jobs", "1", "--out", out)
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("shrink: %w", err)
	}
	paths, err := filepath.Glob(filepath.Join(out, "*", caseName))
	if err != nil {
		return fmt.Errorf("shrink: %w", err)
	}
	if len(paths) != 1 {
		return fmt.Errorf("shrink seed %s of %s: got %d cases: %s", m.Seed, m.Scenario, len(paths), firstLines(string(text)))
	}
	if b.o.Out != "" {
		m.Case, m.Replay = paths[0], binary+" replay "+paths[0]
	}
	return m.measure(paths[0])
}

// measure notes what the smallest case is like.
func (m *Mutant) measure(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the smallest case: %w", err)
	}
	small, err := scenarios.ParseCase(text)
	if err != nil {
		return fmt.Errorf("read the smallest case: %w", err)
	}
	m.Smallest, m.Fault = size(small), kinds(small.Faults)
	if s, err := scenarios.ByName(m.Scenario); err == nil {
		m.Before = size(s.At(small.Seed))
	}
	return nil
}

// keep copies a binary into a folder, and returns where it is.
func keep(binary, dir string) (string, error) {
	kept := filepath.Join(dir, filepath.Base(binary))
	if err := copyFile(binary, kept); err != nil {
		return "", fmt.Errorf("keep the binary: %w", err)
	}
	return kept, os.Chmod(kept, 0o755)
}

// size is what explore.Size is: records, their operations, and faults.
func size(c scenarios.Case) int {
	n := len(c.Records) + len(c.Faults)
	for _, r := range c.Records {
		for _, ops := range r.Ops {
			n += len(ops)
		}
	}
	return n
}

// kinds names the kinds of faults in a plan.
func kinds(plan faults.Plan) string {
	var names []string
	for _, f := range plan {
		names = append(names, f.Kind())
	}
	slices.Sort(names)
	return cmp.Or(strings.Join(slices.Compact(names), "+"), "none")
}
