package explore

import (
	"time"

	"flinch/checks"
	"flinch/model/history"
	"flinch/reports"
	"flinch/scenarios"
	"flinch/sim/rng"
)

// Parent and child talk in JSON lines: a request on the child's standard input,
// answers on its standard output. An answer is one of a started seed, a finished
// one, a shrunk case, or a sign of life.

// Target is what runs are made of, the seed apart.
type Target struct {
	Scenario string `json:"scenario"`
	Backend  string `json:"backend"`
	FS       string `json:"fs"` // Mem or OS
}

// Where the simulated machines keep their files. Traces are the same.
const (
	Mem = "mem" // in memory
	OS  = "os"  // in temporary folders of the real file system
)

// request asks a child for the runs of Count seeds from First, or to shrink a
// case, or to tell one.
type request struct {
	Target
	First      rng.Seed        `json:"first"`
	Count      int             `json:"count"`
	TwiceEvery int             `json:"twice_every"`
	Shrink     *toShrink       `json:"shrink,omitempty"`
	Tell       *scenarios.Case `json:"tell,omitempty"`
	// CanaryEvery: see Campaign. CanaryOwed asks for a canary whatever the seed,
	// until one had something to break. Canary tells the case on a broken backend.
	CanaryEvery int  `json:"canary_every,omitempty"`
	CanaryOwed  bool `json:"canary_owed,omitempty"`
	Canary      bool `json:"canary,omitempty"`
}

// toShrink is a case and the check that it breaks.
type toShrink struct {
	Case  scenarios.Case `json:"case"`
	Check string         `json:"check"`
	Budget
}

// Budget bounds the shrinking of one case. 0 stands for a default.
type Budget struct {
	Runs int           `json:"runs"` // NoRuns: it is not shrunk
	Time time.Duration `json:"time"` // real
}

// answer is one line from a child. Exactly one field is set.
type answer struct {
	Started *rng.Seed `json:"started,omitempty"`
	Ran     *Ran      `json:"ran,omitempty"`
	Small   *Small    `json:"small,omitempty"`
	Told    *Told     `json:"told,omitempty"`
	Alive   bool      `json:"alive,omitempty"`
}

// NoRuns is a budget that has cases told as they are.
const NoRuns = -1

// Ran is one run, carried out and judged.
type Ran struct {
	Target
	Seed rng.Seed `json:"seed"`
	// Summary lacks the command that replays the run.
	Summary reports.RunSummary `json:"summary"`
	// Case is set if the run failed and its process lived to tell.
	Case *scenarios.Case `json:"case,omitempty"`
	// Broken says that flinch itself is at fault: a panic with its stack, or a
	// generated case that could not be run.
	Broken string `json:"broken,omitempty"`
	// CanaryFollows says that the next run is of the same seed, on a backend broken
	// on purpose.
	CanaryFollows bool `json:"canary_follows,omitempty"`
}

// Finding returns the verdict that names what is wrong with the run.
func (r *Ran) Finding() (checks.Verdict, bool) { return r.Summary.Broken() }

// Small is a failing case that was made small, and its story.
type Small struct {
	Case  scenarios.Case `json:"case"`
	Sum   string         `json:"sum"` // of the trace; "" for opaque backends
	Stats ShrinkStats    `json:"stats"`
	// Finding lacks what only the parent knows: where it is kept, and the command
	// that replays it.
	Finding reports.Finding `json:"finding"`
}

// Told is one case, carried out twice and put into words.
type Told struct {
	Ran
	Events  []history.Event `json:"events"`
	Finding reports.Finding `json:"finding"` // if it failed; see Small
	Canary  string          `json:"canary"`  // of a canary: what the run shows, in a sentence
	Storage string          `json:"storage"` // what was on checkpoint storage in the end; "": it was not counted
}

// The findings that are no checks.
const (
	// ProcessDied: the process ended in the middle of a run.
	ProcessDied = "process-died"
	// ProcessHung: nothing happened for as long as the watchdog waits, or nothing
	// could happen any more.
	ProcessHung = "process-hung"
	// Nondeterministic: the same case gave two different traces.
	Nondeterministic = "nondeterministic"
)
