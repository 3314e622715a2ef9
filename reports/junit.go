package reports

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"

	"flinch/checks"
)

// badRunsMax is how many runs of a scenario and backend are kept by name.
const badRunsMax = 100

// suiteKey names the runs of one scenario on one backend.
type suiteKey struct{ scenario, backend string }

// suite is what became of them.
type suite struct {
	passed, dropped int64
	bad             []badRun
}

// badRun is a run that did not pass.
type badRun struct {
	seed, check, message, replay string
	undecided                    bool
}

func (c *Campaign) suite(scenario, backend string) *suite {
	key := suiteKey{scenario, backend}
	s := c.suites[key]
	if s == nil {
		s = &suite{}
		c.suites[key] = s
	}
	return s
}

// add notes a run. Broken is its first broken guarantee, if there is one.
func (s *suite) add(r *RunSummary, broken checks.Verdict) {
	bad := badRun{seed: r.Seed, check: broken.Check, message: broken.Message, replay: r.Replay}
	unknown, undecided := r.Undecided()
	switch {
	case r.Nondeterministic:
		bad.check, bad.message = "determinism", "A repetition of the run had another trace."
	case broken.Outcome == checks.Fail:
	case undecided:
		bad.check, bad.message, bad.undecided = unknown.Check, unknown.Message, true
	default:
		s.passed++
		return
	}
	if len(s.bad) == badRunsMax {
		s.dropped++
		return
	}
	s.bad = append(s.bad, bad)
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
	Skipped *junitSkipped `xml:"skipped"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

type junitProblem struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes a finished campaign as junit.xml: a suite for each scenario
// and backend, in it a case for all runs that passed and one for each that did
// not; undecided runs are errors, and so is a canary that was not caught. From
// FloorRunsMin runs up the floors are a suite of their own: missed ones are
// errors, or skipped if they are not judged. An interruption is an error, too.
func WriteJUnit(w io.Writer, c *Campaign) error {
	doc := junitSuites{Name: "flinch", Time: fmt.Sprintf("%.3f", c.WallSeconds)}
	keys := make([]suiteKey, 0, len(c.suites))
	for key := range c.suites {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b suiteKey) int { return compareRuns(a.scenario, b.scenario, a.backend, b.backend, "", "") })
	for _, key := range keys {
		doc.add(c.suites[key].junit(key.scenario + "." + key.backend))
	}
	if c.Canary.Runs > 0 {
		doc.add(canarySuite(c.Canary))
	}
	if c.Runs >= FloorRunsMin {
		doc.add(floorSuite(c))
	}
	if c.Interrupted {
		doc.add(interruptedSuite(c))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(doc); err != nil {
		return fmt.Errorf("write junit.xml: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (d *junitSuites) add(s junitSuite) {
	for _, c := range s.Cases {
		s.Tests++
		if c.Failure != nil {
			s.Failures++
		}
		if c.Error != nil {
			s.Errors++
		}
		if c.Skipped != nil {
			s.Skipped++
		}
	}
	d.Tests, d.Failures, d.Errors = d.Tests+s.Tests, d.Failures+s.Failures, d.Errors+s.Errors
	d.Suites = append(d.Suites, s)
}

func (s *suite) junit(name string) junitSuite {
	out := junitSuite{Name: name}
	if s.passed > 0 {
		out.Cases = append(out.Cases, junitCase{Name: Counted(s.passed, "seed", "seeds") + " passed", Class: name})
	}
	bad := slices.Clone(s.bad)
	slices.SortFunc(bad, func(a, b badRun) int { return cmp.Or(compareSeeds(a.seed, b.seed), cmp.Compare(a.check, b.check)) })
	for _, b := range bad {
		problem := &junitProblem{Type: b.check, Message: OneLine(b.message), Text: "replay: " + b.replay}
		one := junitCase{Name: "seed " + b.seed, Class: name}
		if b.undecided {
			one.Error = problem
		} else {
			one.Failure = problem
		}
		out.Cases = append(out.Cases, one)
	}
	if s.dropped > 0 {
		text := Counted(s.dropped, "more seed", "more seeds") + " did not pass"
		out.Cases = append(out.Cases, junitCase{Name: text, Class: name, Failure: &junitProblem{Type: "more", Message: text}})
	}
	return out
}

func floorSuite(c *Campaign) junitSuite {
	out := junitSuite{Name: "floors"}
	for _, f := range Floors(c) {
		one := junitCase{Name: f.Name, Class: "floors"}
		switch {
		case f.Met:
		case f.Judged:
			one.Error = &junitProblem{Type: "floor", Message: f.String()}
		default:
			one.Skipped = &junitSkipped{Message: "not judged: " + f.String()}
		}
		out.Cases = append(out.Cases, one)
	}
	return out
}

func interruptedSuite(c *Campaign) junitSuite {
	text := "the campaign was interrupted after " + Counted(c.Runs, "run", "runs")
	return junitSuite{Name: "campaign", Cases: []junitCase{{
		Name: "carried through", Class: "campaign", Error: &junitProblem{Type: "interrupted", Message: text},
	}}}
}
