package app

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"flinch/scenarios/explore"

	"github.com/spf13/pflag"
)

// targetFlags choose what is run.
type targetFlags struct {
	scenarios, backends, fs []string

	flags *pflag.FlagSet
}

func (f *targetFlags) register(flags *pflag.FlagSet, scenario, backend string) {
	f.flags = flags
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
