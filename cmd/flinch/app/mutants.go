package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"flinch/reports"
	"flinch/scenarios/mutants"
	"flinch/sim/rng"

	"github.com/spf13/cobra"
)

// mutantsFlags are the flags of mutants.
type mutantsFlags struct {
	options  mutants.Options
	seed     string
	format   string
	progress string
}

func (a *app) mutantsCommand() *cobra.Command {
	var f mutantsFlags
	cmd := &cobra.Command{
		Use:   "mutants",
		Short: "Plant known bugs, one at a time, and say which are found",
		Long: "Plants known bugs, one at a time, in copies of the source tree, and says which of them a run of all\n" +
			"scenarios at default settings finds. Needs go, git and the source tree. Exit code 1: a bug survived, or\n" +
			"a harmless change was reported. Exit code 64: a patch does not apply, does not build, or breaks off.",
		Example: "  flinch mutants\n  flinch mutants --only A15,A16 --seeds 20 --out out/mutants",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.mutants(cmd.Context(), &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.options.Dir, "dir", "", "`folder` of patches (default scenarios/mutants/testdata of the source tree)")
	flags.StringSliceVar(&f.options.Only, "only", nil, "`ids` of the patches to run")
	flags.StringSliceVar(&f.options.Backends, "backend", nil, "`names` of the backends to hunt on (default those that the header of a patch names, else "+mutants.BackendDefault+")")
	flags.IntVar(&f.options.Seeds, "seeds", mutants.SeedsDefault, "how many seeds each scenario gets at most")
	flags.StringVar(&f.seed, "seed", rng.Seed(mutants.FirstDefault).String(), "`seed` to begin with, in hex, decimal, or as a commit hash (the default is one that no other default begins with, so that scenarios were not tuned on it)")
	flags.IntVar(&f.options.Jobs, "jobs", 0, "how many patches are worked on at once (default one for each core)")
	flags.StringVar(&f.options.Out, "out", "", "`folder` to keep the binary and the smallest case of each finding in")
	flags.BoolVar(&f.options.NoShrink, "no-shrink", false, "do not make the killing cases smaller, and keep none")
	formatFlag(flags, &f.format)
	flags.StringVar(&f.progress, "progress", "auto", "auto, plain or none: a line for each patch")
	return cmd
}

// mutants carries out mutants.
func (a *app) mutants(ctx context.Context, f *mutantsFlags) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	if f.options.Seeds < 1 {
		return fmt.Errorf("--seeds: %d: want 1 or more", f.options.Seeds)
	}
	if f.options.Jobs < 0 {
		return fmt.Errorf("--jobs: %d: want 1 or more", f.options.Jobs)
	}
	seed, err := rng.ParseSeed(f.seed)
	if err != nil {
		return fmt.Errorf("--seed: %w", err)
	}
	f.options.First = uint64(seed)
	if err := checkOut(f.options.Out); err != nil {
		return err
	}
	if f.progress != "none" {
		f.options.Progress = a.mutantDone
	}
	report, err := mutants.Run(ctx, f.options)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	write := report.WriteText
	if f.format == formatJSON {
		write = report.WriteJSON
	}
	if err := write(a.out); err != nil {
		return err
	}
	switch {
	case err != nil:
		a.code = ExitInterrupted
	case report.Err() != nil:
		return report.Err()
	case report.Survived+report.NeutralReported > 0:
		a.code = reports.ExitBroken
	}
	return nil
}

// mutantDone writes a line of progress.
func (a *app) mutantDone(m mutants.Mutant) {
	text := "survived"
	switch {
	case m.Error != "":
		text, _, _ = strings.Cut(m.Error, "\n")
	case m.Killed:
		text = "found by " + m.Check
	case m.Neutral:
		text = "not reported, as it should be"
	}
	fmt.Fprintf(a.log, "%s: %s after %d runs\n", m.ID, text, m.Seeds)
}
