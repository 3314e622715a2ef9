package reports

import (
	"fmt"
	"strings"
)

// Canary counts the runs on a backend that was broken on purpose: they have to
// fail, and are no runs of the campaign otherwise.
type Canary struct {
	Runs   int64 `json:"runs"` // that had something to fail for
	Caught int64 `json:"caught"`
	Idle   int64 `json:"idle"` // runs beside those, in which nothing came to harm
	Lost   int64 `json:"lost"` // runs beside those, of which nothing is known: the process died or hung
	// Replay is the command that shows one that was not caught; "": all were.
	Replay string `json:"replay,omitempty"`
}

// add counts one run. Of several that were not caught, it keeps one that does not
// depend on their order.
func (c *Canary) add(r *RunSummary, caught bool) {
	switch {
	case r.Lost:
		c.Lost++
		return
	case r.Idle:
		c.Idle++
		return
	case caught:
		c.Caught++
	case c.Replay == "" || r.Replay < c.Replay:
		c.Replay = r.Replay
	}
	c.Runs++
}

// String says how the canary fared; "": there was none.
func (c Canary) String() string {
	var parts []string
	if c.Runs > 0 {
		parts = append(parts, c.caughtText())
	}
	if c.Idle > 0 && c.Runs == 0 {
		parts = append(parts, "nothing to catch in "+Counted(c.Idle, "run", "runs")+": nothing that it damaged was restored")
	}
	if c.Lost > 0 {
		parts = append(parts, "nothing is known of "+Counted(c.Lost, "run", "runs")+": the process died or hung")
	}
	if c.Caught < c.Runs && c.Replay != "" {
		parts = append(parts, "replay: "+c.Replay)
	}
	return strings.Join(parts, "; ")
}

// caughtText is about the runs that had something to fail for.
func (c Canary) caughtText() string {
	text := fmt.Sprintf("caught %s of %s", Grouped(c.Caught), Grouped(c.Runs))
	if c.Caught < c.Runs {
		text += ": the harness did not notice a planted loss, so what passes may be broken"
	}
	return text
}

// canarySuite is the canary in junit.xml.
func canarySuite(c Canary) junitSuite {
	one := junitCase{Name: "planted losses are noticed", Class: "canary"}
	if c.Caught < c.Runs {
		one.Error = &junitProblem{Type: "canary", Message: c.String(), Text: "replay: " + c.Replay}
	}
	return junitSuite{Name: "canary", Cases: []junitCase{one}}
}
