package mutants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flinch/faults"
	"flinch/scenarios"
)

// caseName is the file of a bundle that holds the case.
const caseName = "case.json"

// shrink runs the killing seed again with the shrinker on, and notes what the
// smallest case is like. With Options.Out the bundle and the binary are kept.
func (b *bench) shrink(ctx context.Context, dir, binary string, m *Mutant) error {
	out := filepath.Join(dir, "out")
	if b.o.Out != "" {
		kept, err := filepath.Abs(filepath.Join(b.o.Out, m.ID))
		if err != nil {
			return err
		}
		if binary, err = keep(binary, kept); err != nil {
			return err
		}
		out = kept
	}
	found, _, err := campaign(ctx, binary, dir, "--scenario", m.Scenario, "--seed", m.Seed, "--out", out)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(found, func(f finding) bool { return f.Check == m.Check })
	if at < 0 {
		return fmt.Errorf("seed %s of %s breaks %s in a campaign, not when it is run alone", m.Seed, m.Scenario, m.Check)
	}
	path := filepath.Join(out, found[at].Fingerprint, caseName)
	small, err := readCase(path)
	switch {
	case errors.Is(err, fs.ErrNotExist): // of a process that died there is no smaller case
		return nil
	case err != nil:
		return err
	}
	m.Smallest, m.Fault = size(small), kinds(small.Faults)
	if s, err := scenarios.ByName(m.Scenario); err == nil {
		m.Before = size(s.At(small.Seed))
	}
	if b.o.Out != "" {
		m.Replay = binary + " replay " + path
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

func readCase(path string) (scenarios.Case, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return scenarios.Case{}, err
	}
	return scenarios.ParseCase(text)
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
