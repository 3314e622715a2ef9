package app

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"flinch/scenarios/explore"
	"flinch/sim/rng"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// defaultSeed is where campaigns begin unless told otherwise; defaultCount is
// how many seeds each scenario and backend gets.
const (
	defaultSeed  = rng.Seed(1)
	defaultCount = 100
)

// targetFlags choose what is run.
type targetFlags struct {
	scenarios, backends, fs []string
}

func (f *targetFlags) register(flags *pflag.FlagSet, scenario, backend string) {
	var names []string
	if scenario != "" {
		names = []string{scenario}
	}
	flags.StringSliceVar(&f.scenarios, "scenario", names, "`names` of scenarios, or all: see flinch list scenarios")
	flags.StringSliceVar(&f.backends, "backend", []string{backend}, "`names` of backends: see flinch list backends")
	flags.StringSliceVar(&f.fs, "fs", []string{explore.Mem}, "where machines keep their files: mem, os (temporary folders); traces are the same")
}

// targets returns all combinations, after checking each name.
func (f *targetFlags) targets(w explore.World) ([]explore.Target, error) {
	if slices.Contains(f.scenarios, "all") {
		f.scenarios = nil
		for _, s := range w.Scenarios {
			f.scenarios = append(f.scenarios, s.Name)
		}
	}
	var targets []explore.Target
	for _, s := range unique(f.scenarios) {
		if _, err := w.Scenario(s); err != nil {
			return nil, fmt.Errorf("--scenario: %w, or all", err)
		}
		for _, b := range unique(f.backends) {
			if _, err := w.Backend(b); err != nil {
				return nil, fmt.Errorf("--backend: %w", err)
			}
			for _, fs := range unique(f.fs) {
				if fs != explore.Mem && fs != explore.OS {
					return nil, fmt.Errorf("--fs: %q is not known: want mem or os", fs)
				}
				targets = append(targets, explore.Target{Scenario: s, Backend: b, FS: fs})
			}
		}
	}
	if len(targets) == 0 {
		return nil, fmt.Errorf("--scenario, --backend or --fs is empty: want one name or more")
	}
	return targets, nil
}

// unique returns names without repetitions, in the order in which they first occur.
func unique(names []string) []string {
	var once []string
	for _, n := range names {
		if !slices.Contains(once, n) {
			once = append(once, n)
		}
	}
	return once
}

// seedFlags choose the seeds of a campaign.
type seedFlags struct {
	seed, seeds string
	count       int
	length      time.Duration
}

func (f *seedFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.seed, "seed", "", "`seed` to begin with, in hex, decimal, or as a commit hash (default "+defaultSeed.String()+"); without --count or --for, the only one")
	flags.StringVar(&f.seeds, "seeds", "", "all seeds from `A..B`, both included")
	flags.IntVar(&f.count, "count", defaultCount, "how many seeds, for each scenario and backend: the first one, and those that follow it")
	flags.DurationVar(&f.length, "for", 0, "begin new seeds for this long, as 10m")
	cmd.MarkFlagsMutuallyExclusive("seed", "seeds")
	cmd.MarkFlagsMutuallyExclusive("seeds", "count", "for")
}

// apply sets the seeds of a campaign.
func (f *seedFlags) apply(flags *pflag.FlagSet, c *explore.Campaign) error {
	c.First, c.Count, c.For = defaultSeed, f.count, f.length
	switch {
	case f.seeds != "":
		return f.applyRange(c)
	case flags.Changed("count") && f.count < 1:
		return fmt.Errorf("--count: %d: want 1 or more", f.count)
	case flags.Changed("for") && f.length <= 0:
		return fmt.Errorf("--for: %v: want a span of time such as 10m", f.length)
	case flags.Changed("for"):
		c.Count = 0
	case f.seed != "" && !flags.Changed("count"):
		c.Count = 1
	}
	if f.seed == "" {
		return nil
	}
	seed, err := rng.ParseSeed(f.seed)
	if err != nil {
		return fmt.Errorf("--seed: %w", err)
	}
	c.First = seed
	return nil
}

// seedsMax bounds a range of seeds: more would not end.
const seedsMax = 1 << 40

func (f *seedFlags) applyRange(c *explore.Campaign) error {
	from, to, found := strings.Cut(f.seeds, "..")
	if !found {
		return fmt.Errorf("--seeds: %q: want two seeds with two dots between, as 1..100", f.seeds)
	}
	first, err := rng.ParseSeed(from)
	if err != nil {
		return fmt.Errorf("--seeds: %w", err)
	}
	last, err := rng.ParseSeed(to)
	if err != nil {
		return fmt.Errorf("--seeds: %w", err)
	}
	if last < first || last-first >= seedsMax {
		return fmt.Errorf("--seeds: %s: want the smaller seed first, and at most 2^40 of them", f.seeds)
	}
	c.First, c.Count = first, int(last-first)+1
	return nil
}

// workFlags say how a campaign is carried out.
type workFlags struct {
	jobs     int
	watchdog time.Duration
	progress string
}

func (f *workFlags) register(flags *pflag.FlagSet) {
	flags.IntVar(&f.jobs, "jobs", runtime.NumCPU(), "how many child processes work at once")
	flags.DurationVar(&f.watchdog, "watchdog", explore.DefaultWatchdog, "how long a run may take, in real time")
	flags.StringVar(&f.progress, "progress", "auto", "auto, plain or none: a bar on a terminal, else a line every 10 s")
}

func (f *workFlags) apply(c *explore.Campaign) error {
	switch {
	case f.jobs < 1:
		return fmt.Errorf("--jobs: %d: want 1 or more", f.jobs)
	case f.watchdog <= 0:
		return fmt.Errorf("--watchdog: %v: want a span of time such as 60s", f.watchdog)
	case !slices.Contains([]string{"auto", "plain", "none"}, f.progress):
		return fmt.Errorf("--progress: %q is not known: want auto, plain or none", f.progress)
	}
	c.Jobs, c.Watchdog, c.Command = f.jobs, f.watchdog, explore.Command("child")
	return nil
}

// The formats of results.
const (
	formatText = "text"
	formatJSON = "json"
)

func formatFlag(flags *pflag.FlagSet, format *string) {
	flags.StringVar(format, "format", formatText, "text or json")
}

func checkFormat(format string) error {
	if format != formatText && format != formatJSON {
		return fmt.Errorf("--format: %q is not known: want text or json", format)
	}
	return nil
}
