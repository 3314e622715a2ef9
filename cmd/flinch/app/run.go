package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"flinch/checks"
	"flinch/reports"
	"flinch/scenarios/explore"
	"flinch/sim/rng"

	"github.com/spf13/cobra"
)

// runFlags are the flags of run.
type runFlags struct {
	targetFlags
	seedFlags
	workFlags
	format     string
	out        string
	traceSums  bool
	twiceEvery int
	noShrink   bool
	canary     bool
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run scenarios over many seeds and judge every run",
		Long: "Runs each scenario on each backend with many seeds, and judges every run. The case of a finding is made\n" +
			"small and kept below out/ in the working folder (--out names another), so that its last line replays it.",
		Example: "  flinch run\n" +
			"  flinch run --scenario failover,snapshot-crash --count 1000\n" +
			"  flinch run --backend heap,rocksdb --count 300\n" +
			"  flinch run --seed 0x15 --scenario failover\n" +
			"  flinch run --for 10m --out results",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.campaign(cmd, &f) },
	}
	flags := cmd.Flags()
	f.targetFlags.register(flags, "all", a.defaultBackend())
	f.seedFlags.register(cmd)
	f.workFlags.register(flags)
	formatFlag(flags, &f.format)
	flags.StringVar(&f.out, "out", "", "`folder` to write index.html, summary.md, run.json, junit.xml and a bundle for each finding to (without it, they go to "+defaultOut+" if there is a finding)")
	flags.BoolVar(&f.traceSums, "trace-sums", false, "report the checksum of every run's trace")
	flags.IntVar(&f.twiceEvery, "twice-every", 10, "run every seed that this divides twice, and compare the traces; 0: only what fails")
	flags.BoolVar(&f.noShrink, "no-shrink", false, "do not make failing cases smaller")
	flags.BoolVar(&f.canary, "canary", true, fmt.Sprintf("run one seed in %d once more on a backend broken on purpose, and count whether that was noticed", explore.DefaultCanaryEvery))
	return cmd
}

func (a *app) defaultBackend() string { return a.world.Backends[0].Name() }

// campaign carries out run.
func (a *app) campaign(cmd *cobra.Command, f *runFlags) error {
	c, err := a.prepare(cmd, f)
	if err != nil {
		return err
	}
	config, err := a.config(f, c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(cmd.Context())
	defer cancel(nil)
	k := &keeper{report: reports.NewCampaign(config), stop: cancel}
	began, cpu := time.Now(), explore.CPU()
	progress := a.progress(f.progress, c.Count*len(c.Targets))
	c.Merge, c.Progress = k.merge, progress.step
	ended := c.Run(ctx)
	progress.stop()
	var bug *bugError
	switch {
	case errors.As(ended, &bug):
		return bug
	case ended != nil && !errors.Is(ended, context.Canceled):
		return &bugError{ended.Error(), quoted(append([]string{self()}, os.Args[1:]...))}
	}
	budget := explore.Budget{}
	if f.noShrink || ended != nil {
		budget.Runs = explore.NoRuns
	} else {
		a.sayShrinking(f, k.groups.All())
	}
	if err := c.LookInto(cmd.Context(), k.groups.All(), budget); err != nil && ended == nil {
		ended = err
	}
	k.report.Interrupted = ended != nil
	k.report.Finish(time.Since(began), explore.CPU()-cpu)
	if err := a.publish(f, k); err != nil {
		return err
	}
	a.code = reports.ExitCode(k.report)
	if ended != nil {
		fmt.Fprintf(a.log, "flinch: interrupted: the report covers the %d runs that had ended\n", k.report.Runs)
	}
	return nil
}

// sayShrinking tells what the time goes to when all runs have ended.
func (a *app) sayShrinking(f *runFlags, groups []*explore.Group) {
	n := min(len(groups), explore.ShrunkMax)
	if n > 0 && f.progress != "none" {
		fmt.Fprintf(a.log, "making failing cases small: %d, at most %v each (--no-shrink leaves it)\n", n, explore.DefaultShrinkTime)
	}
}

// prepare checks the flags and makes a campaign of them.
func (a *app) prepare(cmd *cobra.Command, f *runFlags) (c explore.Campaign, err error) {
	if c.Targets, err = f.targets(a.world); err != nil {
		return c, err
	}
	if err := f.seedFlags.apply(cmd, &c); err != nil {
		return c, err
	}
	if err := f.workFlags.apply(&c); err != nil {
		return c, err
	}
	if f.twiceEvery < 0 {
		return c, fmt.Errorf("--twice-every: %d: want 0 or more", f.twiceEvery)
	}
	c.TwiceEvery = f.twiceEvery
	if f.canary {
		c.CanaryEvery = explore.DefaultCanaryEvery
	}
	if err := checkFormat(f.format); err != nil {
		return c, err
	}
	if err := checkOut(f.out); err != nil {
		return c, err
	}
	if f.fresh != "" {
		fmt.Fprintf(a.log, "first seed %v, of %s\n", c.First, f.fresh)
	}
	return c, nil
}

// config says what the campaign's report is about.
func (a *app) config(f *runFlags, c explore.Campaign) (reports.CampaignConfig, error) {
	planned, err := a.planned(c)
	config := reports.CampaignConfig{
		Scenarios: unique(f.scenarios), Backends: unique(f.backends), TraceSums: f.traceSums,
		Faults: planned, Canaries: f.canary, Engines: map[string]reports.Engine{},
		AllScenarios: len(unique(f.scenarios)) == len(a.world.Scenarios),
	}
	for _, b := range config.Backends {
		config.Engines[b] = a.world.Engine(b)
		config.Counters = append(config.Counters, a.world.CounterNames(b)...)
	}
	compares := slices.ContainsFunc(c.Targets, a.world.Compares)
	for _, check := range checks.All() {
		if compares || !check.Compares {
			config.Checks = append(config.Checks, check.Name)
		}
	}
	return config, err
}

// plannedSeedsMax is how many seeds of each scenario are looked at, at most, to
// learn which kinds of faults it draws.
const plannedSeedsMax = 200

// planned returns the kinds of faults that the campaign's scenarios draw: those
// that have to fire.
func (a *app) planned(c explore.Campaign) ([]string, error) {
	kinds := map[string]bool{}
	seeds := plannedSeedsMax
	if c.Count > 0 {
		seeds = min(seeds, c.Count)
	}
	for _, t := range c.Targets {
		for i := range seeds {
			drawn, err := a.world.At(t, c.First+rng.Seed(i))
			if err != nil {
				return nil, err
			}
			for _, f := range drawn.Faults {
				kinds[f.Kind()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(kinds)), nil
}

// keeper gathers what a campaign finds.
type keeper struct {
	report *reports.Campaign
	groups explore.Groups
	stop   context.CancelCauseFunc
}

// merge takes one run. A bug of flinch itself ends the campaign.
func (k *keeper) merge(r explore.Ran) {
	r.Summary.Replay = replaySeed(r.Target, r.Seed)
	if r.Summary.Canary {
		r.Summary.Replay += " --canary"
	}
	if r.Broken != "" {
		k.stop(&bugError{text: r.Broken, command: r.Summary.Replay})
		return
	}
	k.report.Add(r.Summary)
	k.groups.Add(r)
}

// replaySeed returns the command that replays a seed.
func replaySeed(t explore.Target, seed rng.Seed) string {
	words := []string{self(), "replay", seed.String(), "--scenario", t.Scenario, "--backend", t.Backend}
	if t.FS != explore.Mem {
		words = append(words, "--fs", t.FS)
	}
	return quoted(words)
}
