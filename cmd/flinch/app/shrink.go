package app

import (
	"fmt"
	"time"

	"flinch/reports"
	"flinch/scenarios/explore"

	"github.com/spf13/cobra"
)

// shrinkFlags are the flags of shrink.
type shrinkFlags struct {
	targetFlags
	workFlags
	time time.Duration
	out  string
}

func (a *app) shrinkCommand() *cobra.Command {
	var f shrinkFlags
	cmd := &cobra.Command{
		Use:   "shrink REF",
		Short: "Make a failing case small: a seed (with --scenario), a case file, or the folder of a finding",
		Args:  oneReference,
		Example: "  flinch shrink out/F-7c1e --time 5m\n" +
			"  flinch shrink 0x15 --scenario failover",
		RunE: func(cmd *cobra.Command, args []string) error { return a.shrink(cmd, args[0], &f) },
	}
	f.targetFlags.register(cmd.Flags(), "", a.defaultBackend())
	f.workFlags.register(cmd.Flags())
	cmd.Flags().DurationVar(&f.time, "time", time.Minute, "how long it may take")
	cmd.Flags().StringVar(&f.out, "out", defaultOut, "`folder` to write the small case to")
	return cmd
}

// shrink carries out shrink.
func (a *app) shrink(cmd *cobra.Command, ref string, f *shrinkFlags) error {
	r, err := a.resolve(ref, &f.targetFlags)
	if err != nil {
		return err
	}
	var c explore.Campaign
	if err := f.apply(&c); err != nil {
		return err
	}
	if f.time <= 0 {
		return fmt.Errorf("--time: %v: want a span of time such as 60s", f.time)
	}
	if err := checkOut(f.out); err != nil {
		return err
	}
	told, err := c.Tell(cmd.Context(), r.target, r.one)
	if err != nil {
		return err
	}
	if told.Broken != "" {
		return &bugError{told.Broken, a.replayOf(r)}
	}
	if a.code = exitOf(&told.Ran); a.code == reports.ExitKept {
		_, err := fmt.Fprintln(a.out, "PASS nothing to shrink: the case breaks no guarantee")
		return err
	}
	var groups explore.Groups
	groups.Add(told.Ran)
	for _, g := range groups.All() {
		// A budget in runs would end a patient search early.
		if err := c.LookInto(cmd.Context(), groups.All(), explore.Budget{Runs: 1 << 30, Time: f.time}); err != nil {
			return err
		}
		if err := a.printSmall(f.out, g); err != nil {
			return err
		}
	}
	return nil
}

// printSmall writes what became of a case that was to be shrunk.
func (a *app) printSmall(out string, g *explore.Group) error {
	b := bundles{app: a, out: out}
	b.add(g)
	switch {
	case g.Small == nil:
		fmt.Fprintln(a.out, "not shrunk: a run of this case says nothing about smaller ones")
	default:
		s := g.Small.Stats
		fmt.Fprintf(a.out, "from %d to %d records, operations and faults, in %d runs\n", s.Before, s.After, s.Runs)
		if s.Cut {
			fmt.Fprintln(a.out, "time ran out: more may be possible with a larger --time")
		}
	}
	return reports.WriteFailure(a.out, g.Finding)
}
