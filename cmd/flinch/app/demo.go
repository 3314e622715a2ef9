package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"flinch/reports"
	"flinch/scenarios/explore"
	"flinch/scenarios/mutants"

	"github.com/spf13/cobra"
)

// demoSeeds is how many seeds each scenario gets on each backend: about a minute
// on two cores, and enough for every point that a campaign must reach.
const demoSeeds = 15

// demoMutant is the planted bug that a demonstration finds.
const demoMutant = "A16"

// demoFlags are the flags of demo.
type demoFlags struct {
	out string
	workFlags
}

func (a *app) demoCommand() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show in some minutes what flinch does: real backends that hold, and a planted bug that does not",
		Long: "Runs every scenario on every backend, then plants a known bug in a copy of the source tree and finds it.\n" +
			"Needs go, git and the source tree. Exit code 0: the backends kept all guarantees, and the bug was found.",
		Example: "  flinch demo\n  flinch demo --out /tmp/demo",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.demo(cmd, &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", filepath.Join(defaultOut, "demo"), "`folder` for reports, and for the binary with the planted bug")
	f.register(flags)
	return cmd
}

// demo carries out demo. What goes wrong in its first half ends it.
func (a *app) demo(cmd *cobra.Command, f *demoFlags) error {
	if _, err := mutants.FindRoot(""); err != nil {
		return fmt.Errorf("plant a bug: %w", err)
	}
	var names []string
	for _, b := range a.world.Backends {
		if explore.Unavailable(b) == "" && explore.EngineOf(b).Opaque == "" {
			names = append(names, b.Name())
		}
	}
	args := []string{
		"--backend", strings.Join(names, ","), "--count", strconv.Itoa(demoSeeds), "--out", f.out,
		"--jobs", strconv.Itoa(f.jobs), "--watchdog", f.watchdog.String(), "--progress", f.progress,
	}
	run := a.runCommand()
	run.SetContext(cmd.Context())
	if err := run.ParseFlags(args); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "1 of 2: every scenario on %s, %d seeds each\n\n", strings.Join(names, " and "), demoSeeds)
	if err := run.RunE(run, nil); err != nil || a.code != reports.ExitKept {
		return err
	}
	return a.plant(cmd.Context(), f.out)
}

// plant finds the planted bug. One that is not found says that this program's
// silence means nothing.
func (a *app) plant(ctx context.Context, out string) error {
	fmt.Fprintf(a.log, "building a copy of the source tree with the planted bug %s\n", demoMutant)
	report, err := mutants.Run(ctx, mutants.Options{Only: []string{demoMutant}, Out: out})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := errors.Join(err, report.Err()); err != nil {
		return fmt.Errorf("plant a bug: %w", err)
	}
	m := report.Mutants[0]
	if !m.Killed {
		a.code = reports.ExitUndecided
		_, err := fmt.Fprintf(a.out, "\n2 of 2: UNDECIDED the planted bug %s was not found in %d runs: %s\n", m.ID, m.Seeds, m.Title)
		return err
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(m.Case), reportFile))
	if err != nil {
		return fmt.Errorf("read what the planted bug did: %w", err)
	}
	_, err = fmt.Fprintf(a.out, "\n2 of 2: a bug was planted in a copy of flinch, and found after %d runs, as it should be\n  %s: %s\n\n%s", m.Seeds, m.ID, m.Title, text)
	return err
}
