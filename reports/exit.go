package reports

// The exit codes that a campaign can end in.
const (
	ExitKept             = 0 // all guarantees kept, everything reached
	ExitBroken           = 1 // a guarantee was broken
	ExitUndecided        = 2 // a check could not decide, or something was never reached
	ExitNondeterministic = 3 // one seed, two traces

	ExitInterrupted = 130 // it covers the runs that had ended
)

// ExitCode judges a finished campaign. An interrupted one is not judged.
// Non-determinism comes first, since where there is any, nothing else can be
// relied on; then what was broken.
func ExitCode(c *Campaign) int {
	switch {
	case c.Interrupted:
		return ExitInterrupted
	case c.Nondeterministic > 0:
		return ExitNondeterministic
	case c.Failures > 0:
		return ExitBroken
	case c.Undecided > 0 || c.Runs == 0 || c.Canary.Caught < c.Canary.Runs:
		return ExitUndecided
	case len(Missed(c)) > 0:
		return ExitUndecided
	}
	return ExitKept
}
