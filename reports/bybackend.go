package reports

import (
	"cmp"
	"fmt"
	"slices"
)

// Engine is what a backend says of itself.
type Engine struct {
	Version string // of its engine; "": it names none
	Opaque  string // why equal seeds may leave different traces; "": they may not
}

// BackendRow is the figures of one backend in run.json. Those of all backends
// add up to the campaign's.
type BackendRow struct {
	Backend string `json:"backend"`
	Version string `json:"version,omitempty"` // see Engine
	// Opaque: traces are neither reported nor compared, and no run counts as
	// nondeterministic. See Engine.
	Opaque               string `json:"opaque,omitempty"`
	Runs                 int64  `json:"runs"`
	Failures             int64  `json:"failures"`
	Undecided            int64  `json:"undecided"`
	Nondeterministic     int64  `json:"nondeterministic"`
	Operations           int64  `json:"operations"`
	CheckpointsCompleted int64  `json:"checkpoints_completed"`
	Restores             int64  `json:"restores"`
	Crashes              int64  `json:"crashes"`
}

// backend returns the row of a backend, adding it if need be. The rows stand in
// the order in which the campaign names the backends, those it does not name at
// the end.
func (c *Campaign) backend(name string) *BackendRow {
	at, found := slices.BinarySearchFunc(c.ByBackend, name, func(row BackendRow, name string) int {
		return cmp.Or(cmp.Compare(c.place(row.Backend), c.place(name)), cmp.Compare(row.Backend, name))
	})
	if !found {
		engine := c.engines[name]
		c.ByBackend = slices.Insert(c.ByBackend, at, BackendRow{Backend: name, Version: engine.Version, Opaque: engine.Opaque})
	}
	return &c.ByBackend[at]
}

// place is where the campaign names a backend.
func (c *Campaign) place(backend string) int {
	if i := slices.Index(c.Backends, backend); i >= 0 {
		return i
	}
	return len(c.Backends)
}

// add counts one run.
func (row *BackendRow) add(r *RunSummary) {
	row.Runs++
	switch outcomeOf(r) {
	case nondeterministic:
		row.Nondeterministic++
	case failing:
		row.Failures++
	case undecided:
		row.Undecided++
	}
	row.Operations += r.Operations
	row.CheckpointsCompleted += r.Completed
	row.Restores += r.Restores
	row.Crashes += int64(len(r.CrashPhases))
}

// outcome is what a run counts as.
type outcome int

const (
	passing outcome = iota
	nondeterministic
	failing
	undecided
)

func outcomeOf(r *RunSummary) outcome {
	_, broken := r.Broken()
	_, open := r.Undecided()
	switch {
	case r.Nondeterministic:
		return nondeterministic
	case broken:
		return failing
	case open:
		return undecided
	}
	return passing
}

// backendLines tells the backends apart: nothing if there is one that says
// nothing of itself.
func backendLines(c *Campaign) []string {
	var lines []string
	told := len(c.ByBackend) > 1
	for _, row := range c.ByBackend {
		told = told || row.Version != "" || row.Opaque != ""
		lines = append(lines, row.line())
	}
	if !told {
		return nil
	}
	return lines
}

// line prints the row.
func (row *BackendRow) line() string {
	name := row.Backend
	if row.Version != "" {
		name += " (" + OneLine(row.Version) + ")"
	}
	line := fmt.Sprintf("  %s: %s, %s, %s, %s", name, Counted(row.Runs, "run", "runs"),
		Counted(row.Operations, "operation", "operations"), Counted(row.Crashes, "crash", "crashes"),
		Counted(row.Restores, "restore", "restores"))
	if bad := troubles(row.Failures, row.Undecided, row.Nondeterministic); bad != "" {
		line += ", " + bad
	}
	if row.Opaque != "" {
		line += "; traces are not compared: " + OneLine(row.Opaque)
	}
	return line
}
