package mutants

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// bench is one call of Run: where it builds, and what it knows of the clean tree.
type bench struct {
	o         Options
	root      string
	temp      string
	tree      string // copy of the clean tree, from which all others are copied
	binary    string // of the clean tree
	scenarios []string

	mu     sync.Mutex      // guards the rest, and calls of Options.Progress
	known  map[seeded]bool // whether the clean tree breaks a guarantee there
	passed map[string]bool // packages whose tests the clean tree passes
}

// clean copies and builds the clean tree, and asks it for the scenarios.
func (b *bench) clean(ctx context.Context) error {
	b.tree, b.binary = filepath.Join(b.temp, "clean", "tree"), filepath.Join(b.temp, "clean", "flinch")
	if err := copyTree(ctx, b.root, b.tree); err != nil {
		return err
	}
	if err := build(ctx, b.tree, b.binary); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, b.binary, "list", "scenarios", "--format", "json").Output()
	if err != nil {
		return fmt.Errorf("list scenarios: %w", err)
	}
	var rows []struct{ Name string }
	if err := json.Unmarshal(out, &rows); err != nil {
		return fmt.Errorf("list scenarios: %w", err)
	}
	for _, r := range rows {
		b.scenarios = append(b.scenarios, r.Name)
	}
	return nil
}

// examine builds the mutant, hunts for a run that kills it, and makes that small.
func (b *bench) examine(ctx context.Context, p patch, m *Mutant) error {
	dir := filepath.Join(b.temp, "mutant-"+filepath.Base(p.path))
	defer os.RemoveAll(dir)
	tree, binary := filepath.Join(dir, "tree"), filepath.Join(dir, "flinch")
	if err := os.CopyFS(tree, os.DirFS(b.tree)); err != nil {
		return fmt.Errorf("copy the source tree: %w", err)
	}
	if err := apply(ctx, tree, p.path); err != nil {
		return err
	}
	m.Applied = true
	if p.tests != "" {
		return b.notice(ctx, tree, p, m)
	}
	if err := build(ctx, tree, binary); err != nil {
		return err
	}
	m.Built = true
	h := hunt{bench: b, binary: binary, targets: b.targets(p)}
	kill, seeds, err := h.first(ctx)
	m.Seeds, m.CPUSeconds = seeds, h.cpu.Seconds()
	if err != nil || kill == nil {
		return err
	}
	m.Killed, m.Check, m.Scenario, m.Backend, m.Seed = true, kill.Check, kill.Scenario, kill.Backend, kill.Seed
	if b.o.NoShrink {
		return nil
	}
	return b.shrink(ctx, dir, binary, m)
}

// hunt is the search for a run that kills one mutant.
type hunt struct {
	*bench
	binary  string
	targets []target
	cpu     time.Duration
}

// finding is a row of the findings in run.json.
type finding struct {
	Fingerprint, Check, Scenario, Backend, Seed string
}

// first returns the first finding, in the order of seeds and then of targets,
// that the clean tree does not give, and how many runs it took; nil if there is
// none. Seeds are run in batches that grow: a bug that is found at once should
// not cost more, and one that is rare should not cost a process for each seed.
func (h *hunt) first(ctx context.Context) (*finding, int, error) {
	for from, size := 0, 2; from < h.o.Seeds; from, size = from+size, 2*size {
		kill, seeds, err := h.batch(ctx, from, min(from+size, h.o.Seeds))
		if kill != nil || err != nil {
			return kill, seeds, err
		}
	}
	return nil, h.o.Seeds * len(h.targets), nil
}

// batch looks for the first finding among the seeds [from, to), counted from the
// first one.
func (h *hunt) batch(ctx context.Context, from, to int) (kill *finding, seeds int, err error) {
	for i, t := range h.targets {
		found, at, err := h.search(ctx, t, from, to)
		if err != nil {
			return nil, 0, err
		}
		if found != nil {
			kill, seeds = found, at*len(h.targets)+i+1
			to = at // later targets can only come first with an earlier seed
		}
	}
	return kill, seeds, nil
}

// search looks for the first finding of one target.
func (h *hunt) search(ctx context.Context, t target, from, to int) (*finding, int, error) {
	for from < to {
		found, cpu, err := campaign(ctx, h.binary, h.dir(), h.seeds(t, from, to)...)
		h.cpu += cpu
		if err != nil || len(found) == 0 {
			return nil, 0, err
		}
		// A finding of each check is listed, for the first seed that breaks it.
		at := to
		var first finding
		for _, f := range found {
			seed, err := strconv.ParseUint(f.Seed, 0, 64)
			if err != nil {
				return nil, 0, fmt.Errorf("seed of a finding: %w", err)
			}
			n := int(seed - h.o.First)
			if n < from || n >= to {
				return nil, 0, fmt.Errorf("a finding has the seed %s, which was not run", f.Seed)
			}
			if n < at {
				at, first = n, f
			}
		}
		dirty, err := h.cleanBreaks(ctx, seeded{t, h.o.First + uint64(at)})
		if err != nil || !dirty {
			return &first, at, err
		}
		from = at + 1
	}
	return nil, 0, nil
}

func (h *hunt) dir() string { return filepath.Dir(h.binary) }

// seeds are the arguments that choose the seeds [from, to) of a target.
func (b *bench) seeds(t target, from, to int) []string {
	return []string{
		"--scenario", t.scenario, "--backend", t.backend, "--no-shrink",
		"--seeds", fmt.Sprintf("%d..%d", b.o.First+uint64(from), b.o.First+uint64(to)-1),
	}
}

// cleanBreaks tells whether the clean tree breaks a guarantee in a run, too.
func (b *bench) cleanBreaks(ctx context.Context, run seeded) (bool, error) {
	b.mu.Lock()
	known, asked := b.known[run]
	b.mu.Unlock()
	if asked {
		return known, nil
	}
	at := int(run.seed - b.o.First)
	found, _, err := campaign(ctx, b.binary, b.temp, b.seeds(run.target, at, at+1)...)
	if err != nil {
		return false, fmt.Errorf("clean tree: %w", err)
	}
	b.mu.Lock()
	b.known[run] = len(found) > 0
	b.mu.Unlock()
	return len(found) > 0, nil
}

// The exit codes of flinch run that come with a verdict: see flinch/reports.
var judgedCodes = []int{0, 1, 2, 3}

// campaign has a binary run seeds, in folder dir, and returns what it found and
// the processor time that it took. Coverage that was missed, exit code 2, is no
// finding.
func campaign(ctx context.Context, binary, dir string, args ...string) ([]finding, time.Duration, error) {
	args = append([]string{"run", "--format", "json", "--progress", "none", "--jobs", "1", "--canary=false"}, args...)
	cmd := exec.CommandContext(ctx, binary, args...)
	var out, complaint bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, 0, fmt.Errorf("flinch %s: %w", strings.Join(args, " "), err)
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if ctx.Err() != nil {
		return nil, cpu, ctx.Err()
	}
	code := cmd.ProcessState.ExitCode()
	if !slices.Contains(judgedCodes, code) {
		return nil, cpu, fmt.Errorf("flinch %s: exit code %d: %s", strings.Join(args, " "), code, firstLines(complaint.String()))
	}
	var report struct{ Findings []finding }
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		return nil, cpu, fmt.Errorf("flinch %s: %w", strings.Join(args, " "), err)
	}
	return report.Findings, cpu, nil
}

// complaintLinesMax is how much of a long complaint is worth repeating.
const complaintLinesMax = 12

func firstLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[:min(len(lines), complaintLinesMax)], "\n")
}
