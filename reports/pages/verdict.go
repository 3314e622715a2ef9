package pages

import (
	"fmt"
	"strings"

	"flinch/reports"
)

// verdictClass is the colour of a campaign's verdict.
func verdictClass(c *reports.Campaign) string {
	switch reports.ExitCode(c) {
	case reports.ExitKept:
		return "good"
	case reports.ExitBroken, reports.ExitNondeterministic:
		return "bad"
	}
	return "unsure"
}

// meaning says in words what a campaign's exit code stands for.
func meaning(c *reports.Campaign) string {
	switch reports.ExitCode(c) {
	case reports.ExitKept:
		if c.Runs < reports.FloorRunsMin {
			return fmt.Sprintf("Every guarantee was kept; what must be reached is judged from %d runs up.", reports.FloorRunsMin)
		}
		return "Every guarantee was kept, and everything that had to be reached was."
	case reports.ExitBroken:
		return "A guarantee was broken: " + reports.Counted(c.Failures, "run", "runs") + " failed."
	case reports.ExitNondeterministic:
		return "The same case left two different traces: nothing else can be relied on."
	case reports.ExitInterrupted:
		text := "This covers the runs that had ended, and judges nothing."
		if c.Failures > 0 {
			text += " Of those, " + reports.Counted(c.Failures, "run", "runs") + " failed."
		}
		return text
	}
	return "It cannot be said whether the guarantees were kept: " + strings.Join(doubts(c), "; ") + "."
}

// doubts are the reasons why a campaign is undecided.
func doubts(c *reports.Campaign) []string {
	var list []string
	if c.Runs == 0 {
		list = append(list, "nothing was run")
	}
	if c.Undecided > 0 {
		list = append(list, "a check could not decide in "+reports.Counted(c.Undecided, "run", "runs"))
	}
	if n := c.Canary.Runs - c.Canary.Caught; n > 0 {
		list = append(list, reports.Counted(n, "canary was", "canaries were")+" not caught")
	}
	if n := len(reports.Missed(c)); n > 0 {
		list = append(list, reports.Counted(int64(n), "floor was", "floors were")+" missed")
	}
	return list
}

// coverage is the headline without its verdict.
func coverage(c *reports.Campaign) string {
	_, figures, _ := strings.Cut(reports.Headline(c), " ")
	return figures
}

// canaryStatus says whether flinch sees what it has to.
func canaryStatus(c reports.Canary) status {
	switch {
	case c.Runs == 0 && c.Idle == 0 && c.Lost == 0:
		return status{"not run", "muted"}
	case c.Runs == 0 && c.Idle == 0:
		return status{"lost", "unsure"}
	case c.Runs == 0:
		return status{"nothing to catch", "unsure"}
	case c.Caught < c.Runs:
		return status{"not caught", "bad"}
	}
	return status{"caught", "good"}
}
