// Package mutants measures which known bugs flinch finds. A bug is a patch file:
// unified diff behind a header. The production code has no switch for it.
//
// Start at Run. For each patch it copies the source tree, applies the patch,
// builds the command, and has it run seeds of all scenarios at default settings
// until one of them breaks a guarantee that the clean tree keeps on that seed.
// Neutral patches change something that no guarantee is about: they must not be
// reported.
//
// A header says on which backends a bug is hunted, and if need be with which
// scenarios; the clean tree is asked about the same runs:
//
//	backend: rocksdb
//	scenarios: local-disk, snapshot-crash
//
// The patches of this project are in testdata. They are kept in step with the
// code, in the same commit: a test applies each of them. Ids that begin with A
// are those of bugs that other projects had, B bugs met while building this one,
// C copy-on-write, D engines with files of their own, E shared state, K coordinator,
// L local copies, N neutral changes, P publishing, R bugs that once passed, S sink,
// V layouts of keys and values. Those with H take a sense from the harness itself,
// which no run of a right backend shows: "tests" in their header names the package
// whose tests have to fail instead.
package mutants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// Schema is the version of the report's JSON.
const Schema = 1

// Options say what to run. The zero value runs this project's patches on the
// tree that holds the current folder.
type Options struct {
	Root string // of the source tree; "": the module around the current folder
	Dir  string // of the patches; "": this project's
	// Only are the ids of the patches to run; empty: all.
	Only []string
	// Backends are the ones to hunt on, whatever the patches' headers name; empty:
	// those.
	Backends []string
	// Seeds is how many seeds each scenario gets at most; 0: SeedsDefault.
	Seeds int
	// First is the first seed; 0: FirstDefault.
	First uint64
	// Jobs is how many patches are worked on at a time; 0: one for each core.
	Jobs int
	// NoShrink leaves the killing cases as they are, which takes less time.
	NoShrink bool
	// Out is a folder that keeps what was found: of each killed mutant the binary
	// and the smallest case. "": nothing is kept.
	Out string
	// Progress, if set, is called for each patch as it is done with, in any order.
	Progress func(Mutant)
}

// The defaults of Options, and the backend of patches that name none. Seeds begin where no other default begins, so that
// they are not the ones that scenarios were looked at with.
const (
	SeedsDefault = 100
	FirstDefault = 0x6d75740000

	BackendDefault = "heap"
)

// Report is what became of all patches, in the order of their files.
type Report struct {
	Schema          int      `json:"schema"`
	Scenarios       []string `json:"scenarios"`
	SeedsMax        int      `json:"seeds_max"` // runs of all scenarios that a patch got at most on one backend
	Killed          int      `json:"killed"`
	Survived        int      `json:"survived"`
	NeutralReported int      `json:"neutral_reported"`
	Unusable        int      `json:"unusable"` // patches that did not apply or build, or whose runs broke off
	Mutants         []Mutant `json:"mutants"`
}

// Mutant is what became of one patch.
type Mutant struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Component string `json:"component"`
	Expected  string `json:"expected"` // the checks that the header names
	Tests     string `json:"tests"`    // of a mutant of the harness: the package whose tests are to fail
	Neutral   bool   `json:"neutral"`
	Applied   bool   `json:"applied"`
	Built     bool   `json:"built"`
	Killed    bool   `json:"killed"` // of a neutral patch: reported
	Check     string `json:"check"`  // that killed it; of a mutant of the harness: the test
	Scenario  string `json:"scenario"`
	Backend   string `json:"backend"` // that the killing run was on
	Seed      string `json:"seed"`
	// Fault has the kinds of faults in the smallest case, joined by "+"; "none" if
	// it needs no fault, "" if there is no smallest case. So it is with NoShrink.
	Fault string `json:"fault"`
	// Seeds is how many runs it took to kill it, one seed of every scenario after
	// the other; of a survivor, how many it survived; 0 of a mutant of the harness.
	Seeds int `json:"seeds"`
	// CPUSeconds is what these runs took, without build and shrinking, and with
	// the few runs beyond the killing one that were under way.
	CPUSeconds float64 `json:"cpu_seconds"`
	Before     int     `json:"before"`   // size of the killing case: records, operations and faults
	Smallest   int     `json:"smallest"` // size of the smallest case: 0 if nothing at all must happen
	Case       string  `json:"case"`     // file of the smallest case, if Options.Out kept it
	Replay     string  `json:"replay"`   // the command that shows it, if Options.Out kept the binary
	Error      string  `json:"error"`    // why the patch could not be judged
}

// Run judges every patch. An error means that nothing could be judged; what is
// wrong with a single patch is in its entry. If ctx ends, so does Run, with its
// error and the entries that are complete.
func Run(ctx context.Context, o Options) (Report, error) {
	b, err := prepare(o)
	if err != nil {
		return Report{}, err
	}
	defer os.RemoveAll(b.temp)
	patches, err := readDir(b.o.Dir, b.o.Only)
	if err != nil {
		return Report{}, err
	}
	if err := b.clean(ctx); err != nil {
		return Report{}, fmt.Errorf("clean tree: %w", err)
	}
	mutants := b.judgeAll(ctx, patches)
	return b.report(mutants), ctx.Err()
}

// prepare fills in the defaults and makes a folder to work in.
func prepare(o Options) (*bench, error) {
	if o.Seeds < 0 || o.Jobs < 0 {
		return nil, fmt.Errorf("run mutants: %d seeds, %d jobs: want none below 0", o.Seeds, o.Jobs)
	}
	o.Seeds = cmp.Or(o.Seeds, SeedsDefault)
	o.First = cmp.Or(o.First, FirstDefault)
	o.Jobs = cmp.Or(o.Jobs, runtime.NumCPU())
	root, err := FindRoot(o.Root)
	if err != nil {
		return nil, err
	}
	o.Dir = cmp.Or(o.Dir, filepath.Join(root, "scenarios", "mutants", "testdata"))
	temp, err := os.MkdirTemp("", "flinch-mutants-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to build in: %w", err)
	}
	return &bench{o: o, root: root, temp: temp, known: map[seeded]bool{}, passed: map[string]bool{}}, nil
}

// judgeAll judges the patches, Options.Jobs of them at a time.
func (b *bench) judgeAll(ctx context.Context, patches []patch) []Mutant {
	mutants := make([]Mutant, len(patches))
	queue := make(chan int, len(patches))
	for i := range patches {
		queue <- i
	}
	close(queue)
	var workers sync.WaitGroup
	for range min(b.o.Jobs, len(patches)) {
		workers.Go(func() {
			for i := range queue {
				mutants[i] = b.judge(ctx, patches[i])
				if b.o.Progress != nil {
					b.mu.Lock()
					b.o.Progress(mutants[i])
					b.mu.Unlock()
				}
			}
		})
	}
	workers.Wait()
	return mutants
}

// judge does all that is to be done with one patch.
func (b *bench) judge(ctx context.Context, p patch) Mutant {
	m := Mutant{ID: p.id, Title: p.title, Component: p.component, Expected: p.expected, Tests: p.tests, Neutral: p.neutral}
	if err := b.examine(ctx, p, &m); err != nil {
		m.Error = err.Error()
	}
	return m
}

// report sums up.
func (b *bench) report(mutants []Mutant) Report {
	r := Report{Schema: Schema, Scenarios: b.scenarios, SeedsMax: b.o.Seeds * len(b.scenarios), Mutants: mutants}
	for _, m := range mutants {
		switch {
		case m.Error != "" && !m.Killed:
			r.Unusable++
		case m.Neutral && m.Killed:
			r.NeutralReported++
		case m.Neutral:
		case m.Killed:
			r.Killed++
		default:
			r.Survived++
		}
	}
	return r
}

// Err says what keeps the report from being a good one: patches that cannot be
// judged. Survivors are no error.
func (r Report) Err() error {
	var all []error
	for _, m := range r.Mutants {
		if m.Error != "" {
			all = append(all, fmt.Errorf("mutant %s: %s", m.ID, m.Error))
		}
	}
	return errors.Join(all...)
}
