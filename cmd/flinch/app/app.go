// Package app is the command line of flinch, for any set of backends. Main is
// all of it:
//
//	func main() { os.Exit(app.Main(mybackend.New())) }
//
// demo shows all of it; run carries out a campaign of seeds; replay shows one run
// again; shrink makes a failing case small; list says what there is; mutants says
// which known bugs are found. Results go to standard output, progress and errors
// to standard error. The exit codes are those of Exit... and of reports.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"flinch/backends"
	"flinch/reports"
	"flinch/scenarios"
	"flinch/scenarios/explore"

	"github.com/spf13/cobra"
)

// The exit codes beside those of reports.
const (
	ExitUsage       = 64                      // bad usage or bad input file
	ExitInternal    = 70                      // a bug of flinch itself
	ExitInterrupted = reports.ExitInterrupted // the partial report was written
)

// Main runs the command line of this process and returns its exit code. The
// first backend is the default one. There has to be one, and each needs a proper
// name of its own: see scenarios.ValidateBackends.
func Main(list ...backends.Backend) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	a := &app{
		world: explore.World{Scenarios: scenarios.All(), Backends: list},
		out:   os.Stdout, log: os.Stderr,
	}
	return a.run(ctx, os.Args[1:])
}

// app is one execution of the command line.
type app struct {
	world explore.World
	out   io.Writer // results
	log   io.Writer // progress and errors
	code  int
}

// run executes the arguments and returns the exit code.
func (a *app) run(ctx context.Context, args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			code = a.bug(fmt.Sprintf("panic: %v\n\n%s", p, debug.Stack()), quoted(append([]string{self()}, args...)))
		}
	}()
	if err := scenarios.ValidateBackends(a.world.Backends...); err != nil {
		fmt.Fprintf(a.log, "flinch: app.Main: %s\n", oneLine(err.Error()))
		return ExitUsage
	}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var bug *bugError
	var panicked *explore.PanicError
	switch {
	case err == nil:
		return a.code
	case errors.As(err, &panicked):
		return a.bug(panicked.Error(), quoted(append([]string{self()}, args...)))
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	case errors.As(err, &bug):
		return a.bug(bug.text, bug.command)
	}
	fmt.Fprintf(a.log, "flinch: %s\n", oneLine(err.Error()))
	return ExitUsage
}

// commandNames lists the commands for error messages.
const commandNames = "demo, run, replay, shrink, list, mutants"

// root is the command that holds all others.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "flinch",
		Short:         "Tells whether a state backend flinches when the power goes out",
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("no command: want one of " + commandNames + "; --help explains them")
		},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("no command %q: want one of %s; --help explains them", args[0], commandNames)
			}
			return nil
		},
	}
	root.SetFlagErrorFunc(flagError)
	root.SetOut(a.out)
	root.SetErr(a.log)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(a.demoCommand(), a.runCommand(), a.replayCommand(), a.shrinkCommand(), a.listCommand(), a.mutantsCommand(), a.childCommand())
	return root
}

// childCommand is what campaigns start: see explore.World.Serve.
func (a *app) childCommand() *cobra.Command {
	return &cobra.Command{
		Use: "child", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// An interrupt from the terminal is the parent's affair.
			signal.Ignore(os.Interrupt)
			out := os.Stdout
			os.Stdout = os.Stderr // what backends print is not for the parent
			return a.world.Serve(context.WithoutCancel(cmd.Context()), os.Stdin, out)
		},
	}
}

// bugError is a bug of flinch itself.
type bugError struct{ text, command string }

// Error returns what went wrong.
func (e *bugError) Error() string { return e.text }

// bug reports a bug of flinch itself.
func (a *app) bug(text, command string) int {
	fmt.Fprintf(a.log, "flinch: this is a bug of flinch itself: %s\nshow it again: %s\n", strings.TrimSpace(text), command)
	return ExitInternal
}

// oneLine joins the lines of an error that has several.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
