package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"flinch/model/history"
	"flinch/reports"
	"flinch/scenarios"
	"flinch/scenarios/explore"
	"flinch/sim/rng"

	"github.com/spf13/cobra"
)

// reference is a case that the command line names: a seed with its scenario, a
// case file, or the folder of a bundle.
type reference struct {
	target explore.Target
	one    scenarios.Case
	path   string // of the case file; "" for a seed
}

// replayOf is the command that replays the reference.
func (a *app) replayOf(r reference) string {
	if r.path == "" {
		return replaySeed(r.target, r.one.Seed)
	}
	return a.replayFile(r.target, r.path)
}

// resolve reads a reference.
func (a *app) resolve(ref string, f *targetFlags) (reference, error) {
	info, err := os.Stat(ref)
	switch {
	case err == nil && info.IsDir():
		return a.resolveFolder(ref, f)
	case err == nil:
		return a.resolveFile(ref, f)
	}
	seed, err := rng.ParseSeed(ref)
	if err != nil {
		return reference{}, fmt.Errorf("%q is no file or folder, and no seed either: %w", ref, err)
	}
	if len(f.scenarios) == 0 {
		return reference{}, errors.New("a seed needs its scenario: add --scenario NAME")
	}
	t, err := a.single(f)
	if err != nil {
		return reference{}, err
	}
	c, err := a.world.At(t, seed)
	if err != nil {
		return reference{}, err
	}
	return reference{target: t, one: c}, nil
}

// resolveFolder reads the case of a bundle: the folder of one finding.
func (a *app) resolveFolder(dir string, f *targetFlags) (reference, error) {
	path := filepath.Join(dir, caseFile)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return a.resolveFile(path, f)
	}
	const want = "want the folder of one finding, which holds " + caseFile + " and " + reportFile
	inside, _ := filepath.Glob(filepath.Join(dir, "*", caseFile))
	if len(inside) == 0 {
		return reference{}, fmt.Errorf("%s: no %s in it: %s", dir, caseFile, want)
	}
	for i, found := range inside {
		inside[i] = filepath.Dir(found)
	}
	return reference{}, fmt.Errorf("%s: %s: one of %s", dir, want, strings.Join(inside, ", "))
}

// resolveFile reads a case file. Its scenario has to be one that this binary knows:
// the name stands in all that is told of the run. Unless the flags name a backend,
// it is the one that the case was kept of; if this binary does not know that one,
// flags have to.
func (a *app) resolveFile(path string, f *targetFlags) (reference, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return reference{}, err
	}
	c, err := scenarios.ParseCase(text)
	if err != nil {
		return reference{}, fmt.Errorf("%s: %w", path, err)
	}
	if _, err := a.world.Scenario(c.Scenario); err != nil {
		return reference{}, fmt.Errorf("%s: case: %w", path, err)
	}
	f.scenarios = []string{c.Scenario}
	if c.Kept.Backend != "" && !f.flags.Changed("backend") {
		if !a.world.Knows(c.Kept.Backend) {
			return reference{}, fmt.Errorf("%s: the case was kept of backend %q, which is not one of this program: replay it with the program that has it, or say with --backend on what", path, c.Kept.Backend)
		}
		f.backends = []string{c.Kept.Backend}
	}
	t, err := a.single(f)
	if err != nil {
		return reference{}, err
	}
	return reference{target: t, one: c, path: path}, nil
}

// single returns the one target that the flags name.
func (a *app) single(f *targetFlags) (explore.Target, error) {
	targets, err := f.targets(a.world)
	if err != nil {
		return explore.Target{}, err
	}
	if len(targets) != 1 {
		return explore.Target{}, errors.New("one run has one scenario, backend and file system: give one name to each of --scenario, --backend and --fs")
	}
	return targets[0], nil
}

// replayFlags are the flags of replay.
type replayFlags struct {
	targetFlags
	workFlags
	trace  bool
	canary bool
}

func (a *app) replayCommand() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay REF",
		Short: "Show one run again: a seed (with --scenario), a case file, or the folder of a finding",
		Example: "  flinch replay out/F-7c1e\n" +
			"  flinch replay --trace out/F-7c1e/case.json\n" +
			"  flinch replay 0x15 --scenario failover",
		Args: oneReference,
		RunE: func(cmd *cobra.Command, args []string) error { return a.replay(cmd, args[0], &f) },
	}
	f.targetFlags.register(cmd.Flags(), "", a.defaultBackend())
	f.workFlags.register(cmd.Flags())
	cmd.Flags().BoolVar(&f.trace, "trace", false, "print everything that happened")
	cmd.Flags().BoolVar(&f.canary, "canary", false, "run it on the backend broken on purpose, as campaigns do now and then: something has to be noticed")
	return cmd
}

func oneReference(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("want one reference: a seed with --scenario, a case file, or the folder of a finding")
	}
	return nil
}

// replay carries out replay.
func (a *app) replay(cmd *cobra.Command, ref string, f *replayFlags) error {
	r, err := a.resolve(ref, &f.targetFlags)
	if err != nil {
		return err
	}
	var c explore.Campaign
	if err := f.apply(&c); err != nil {
		return err
	}
	tell := c.Tell
	command := a.replayOf(r)
	if f.canary {
		tell = c.TellCanary
		command += " --canary"
	}
	told, err := tell(cmd.Context(), r.target, r.one)
	if err != nil {
		return err
	}
	if told.Broken != "" {
		return &bugError{told.Broken, command}
	}
	if f.trace {
		a.printEvents(told.Events)
	}
	if f.canary {
		return a.printCanary(&told, command)
	}
	told.Finding.Replay = command
	a.compareKept(&told.Ran, r.one.Kept)
	a.code = exitOf(&told.Ran)
	switch a.code {
	case reports.ExitKept:
		trace := fmt.Sprintf("trace %s, twice", told.Summary.Sum)
		if why := a.world.Engine(told.Backend).Opaque; why != "" {
			trace = "traces are not compared: " + why
		}
		_, err = fmt.Fprintf(a.out, "PASS scenario %s   backend %s   seed %s   %s\n", told.Scenario, told.Backend, told.Seed, trace)
		if told.Storage != "" && err == nil {
			_, err = fmt.Fprintf(a.out, "  %s\n", told.Storage)
		}
	case reports.ExitUndecided:
		v, _ := told.Summary.Undecided()
		_, err = fmt.Fprintf(a.out, "UNDECIDED %s   scenario %s   backend %s   seed %s\n  %s\n  replay: %s\n",
			v.Check, told.Scenario, told.Backend, told.Seed, v.Message, told.Finding.Replay)
	default:
		err = reports.WriteFailure(a.out, told.Finding)
	}
	return err
}

// compareKept holds a run against what the case's run had left when it was kept,
// if both were of one backend. Between versions of its engine, sums say nothing.
func (a *app) compareKept(r *explore.Ran, k scenarios.Kept) {
	version := a.world.Engine(r.Backend).Version
	switch {
	case k.Backend != r.Backend:
	case k.Version != version:
		fmt.Fprintf(a.log, "flinch: traces are not compared: the case was kept with %s, and this is %s\n", named(k.Version), named(version))
	case k.Sum == "" || r.Summary.Sum == "" || r.Summary.Nondeterministic:
	case k.Sum != r.Summary.Sum:
		fmt.Fprintf(a.log, "flinch: trace %s, but %s when the case was kept: flinch, the backend, the machine or the case was another one, or the run is not deterministic\n", r.Summary.Sum, k.Sum)
	}
}

// named is a version in a sentence.
func named(version string) string {
	if version == "" {
		return "a backend that names no version"
	}
	return version
}

// exitOf is the exit code of a single run.
func exitOf(r *explore.Ran) int {
	_, failed := r.Finding()
	_, undecided := r.Summary.Undecided()
	switch {
	case r.Summary.Nondeterministic:
		return reports.ExitNondeterministic
	case failed:
		return reports.ExitBroken
	case undecided:
		return reports.ExitUndecided
	}
	return reports.ExitKept
}

// printEvents prints the narrative of a run, a line for each event.
func (a *app) printEvents(events []history.Event) {
	for _, e := range events {
		fault := ""
		if e.Fault {
			fault = "FAULT "
		}
		fmt.Fprintf(a.out, "%8d  %11.6f s  %s%s  %s\n", e.Step, e.At.Seconds(), fault, e.Machine, oneLine(e.Text))
	}
}
