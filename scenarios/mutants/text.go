package mutants

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteJSON writes the report for programs.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteText writes the report as a table, what it comes to, and what could not
// be judged.
func (r Report) WriteText(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "mutant\toutcome\tfirst check\tscenario or tests\tbackend\truns\tCPU s\tsteps drawn > smallest\tfaults left\ttitle")
	for _, m := range r.Mutants {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%.2f\t%s\t%s\t%s\n", m.ID, m.outcome(), dash(m.Check), dash(cmp.Or(m.Scenario, m.Tests)), dash(m.Backend),
			m.Seeds, m.CPUSeconds, m.sizes(), dash(m.Fault), m.Title)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d killed, %d survived, %d neutral reported, %d unusable; up to %d runs on a backend, of %s\n",
		r.Killed, r.Survived, r.NeutralReported, r.Unusable, r.SeedsMax, strings.Join(r.Scenarios, ", "))
	for _, m := range r.Mutants {
		if m.Error != "" {
			fmt.Fprintf(w, "\nmutant %s: %s\n", m.ID, m.Error)
		}
	}
	for _, m := range r.Mutants {
		if m.Replay != "" {
			fmt.Fprintf(w, "replay %s: %s\n", m.ID, m.Replay)
		}
	}
	return nil
}

// outcome is what became of the mutant in one word.
func (m Mutant) outcome() string {
	switch {
	case m.Killed && m.Neutral:
		return "REPORTED"
	case m.Killed:
		return "killed"
	case !m.Applied:
		return "DOES NOT APPLY"
	case !m.Built:
		return "DOES NOT BUILD"
	case m.Error != "":
		return "BROKE OFF"
	case m.Neutral:
		return "neutral"
	}
	return "SURVIVED"
}

// sizes are those of the case before and after shrinking.
func (m Mutant) sizes() string {
	if m.Fault == "" {
		return "-"
	}
	return fmt.Sprintf("%d > %d", m.Before, m.Smallest)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
