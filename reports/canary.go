package reports

import "fmt"

// Canary counts the runs on a backend that was broken on purpose: they have to
// fail, and are no runs of the campaign otherwise.
type Canary struct {
	Runs   int64 `json:"runs"` // that had something to fail for
	Caught int64 `json:"caught"`
	Idle   int64 `json:"idle"` // runs beside those, in which nothing came to harm
	// Replay is the command that shows one that was not caught; "": all were.
	Replay string `json:"replay,omitempty"`
}

// add counts one run. Of several that were not caught, it keeps one that does not
// depend on their order.
func (c *Canary) add(r *RunSummary, caught bool) {
	switch {
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
	switch {
	case c.Runs == 0 && c.Idle == 0:
		return ""
	case c.Runs == 0:
		return "nothing to catch in " + Counted(c.Idle, "run", "runs") + ": nothing that it damaged was restored"
	case c.Caught == c.Runs:
		return fmt.Sprintf("caught %s of %s", Grouped(c.Caught), Grouped(c.Runs))
	}
	text := fmt.Sprintf("caught %s of %s: the harness did not notice a planted loss, so what passes may be broken", Grouped(c.Caught), Grouped(c.Runs))
	if c.Replay != "" {
		text += "; replay: " + c.Replay
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
