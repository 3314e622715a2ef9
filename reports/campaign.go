package reports

import (
	"maps"
	"slices"
	"strings"
	"time"

	"flinch/model/history"
)

// Schema is the version of run.json.
const Schema = 1

// Campaign is the figures of many runs. It marshals as run.json.
type Campaign struct {
	Schema               int              `json:"schema"`
	Scenarios            []string         `json:"scenarios"`
	AllScenarios         bool             `json:"all_scenarios"` // that there are: floors of the mix are judged
	Backends             []string         `json:"backends"`
	ByBackend            []BackendRow     `json:"by_backend"`
	ByCheck              []CheckRow       `json:"by_check"`
	Runs                 int64            `json:"runs"`
	Failures             int64            `json:"failures"`         // runs that broke a guarantee
	Undecided            int64            `json:"undecided"`        // runs with a check that could not decide
	Nondeterministic     int64            `json:"nondeterministic"` // runs whose repetition differed
	Operations           int64            `json:"operations"`       // state operations checked
	CheckpointsCompleted int64            `json:"checkpoints_completed"`
	Restores             int64            `json:"restores"`
	Crashes              int64            `json:"crashes"`
	FaultsFired          map[string]int64 `json:"faults_fired"`
	Heat                 []HeatRow        `json:"heat"`
	Counters             map[string]int64 `json:"counters"`
	Canary               Canary           `json:"canary"`
	SimulatedSeconds     float64          `json:"simulated_seconds"`
	WallSeconds          float64          `json:"wall_seconds"`
	CPUSeconds           float64          `json:"cpu_seconds"`
	Interrupted          bool             `json:"interrupted"` // set it before Finish
	Exit                 int              `json:"exit"`        // set by Finish: see ExitCode
	Floors               []Floor          `json:"floors"`      // set by Finish
	Findings             []FindingRow     `json:"findings"`
	TraceSums            []TraceSum       `json:"trace_sums,omitempty"`
	Report               string           `json:"-"` // path of the page; "" if none was written

	keepSums  bool
	canaries  bool
	checks    []string // in the order of judging
	engines   map[string]Engine
	simulated time.Duration
	audited   map[int64]int64 // entries of an audited restore -> how many had as many
	suites    map[suiteKey]*suite
}

// FindingRow is one finding in run.json.
type FindingRow struct {
	Fingerprint string `json:"fingerprint"`
	Check       string `json:"check"`
	Scenario    string `json:"scenario"`
	Backend     string `json:"backend"`
	Seed        string `json:"seed"`
	Replay      string `json:"replay"`
	Message     string `json:"message"`
	Times       int64  `json:"times"` // failing runs that are put down to it
	// Bundle is the name of its folder beside run.json; "" if there is none.
	Bundle string `json:"bundle,omitempty"`
}

// TraceSum is the checksum of one run's trace.
type TraceSum struct {
	Scenario string `json:"scenario"`
	Backend  string `json:"backend"`
	Seed     string `json:"seed"`
	Sum      string `json:"sum"`
}

// CampaignConfig says what a campaign is made of.
type CampaignConfig struct {
	Scenarios []string
	// AllScenarios: Scenarios are all that there are.
	AllScenarios bool
	Backends     []string
	Engines      map[string]Engine // by backend: those that say something of themselves
	Faults       []string          // kinds that must fire
	Checks       []string          // that must have something to judge
	Counters     []string          // registered names: points to reach
	Canaries     bool              // some runs have a canary: one must be caught
	TraceSums    bool              // keep the sum of every run
}

// The names that a campaign counts by itself. For each phase and each check
// there is one more: see crashCounter and judgedCounter.
const (
	auditedRestores      = "audited_restores"
	auditedEntries       = "audited_entries"
	auditedEntriesMedian = "audited_entries_median"
	crashesInSnapshots   = "crashes_between_barrier_and_publish"
	strictLeakChecks     = "strict_leak_checks"
	legalStops           = "legal_stops"

	crashPrefix  = "crashes_while_"
	judgedPrefix = "judged_"
)

var ownCounters = []string{
	auditedRestores, auditedEntries, auditedEntriesMedian,
	crashesInSnapshots, strictLeakChecks, legalStops,
}

func crashCounter(p history.Phase) string { return crashPrefix + p.String() }

func judgedCounter(check string) string {
	return judgedPrefix + strings.ReplaceAll(check, "-", "_")
}

// own tells whether a campaign counts a name by itself.
func own(counter string) bool {
	return strings.HasPrefix(counter, crashPrefix) || strings.HasPrefix(counter, judgedPrefix) ||
		slices.Contains(ownCounters, counter)
}

// NewCampaign returns a campaign without runs, every name at zero.
func NewCampaign(config CampaignConfig) *Campaign {
	c := &Campaign{
		Schema:       Schema,
		Scenarios:    slices.Clone(config.Scenarios),
		AllScenarios: config.AllScenarios,
		Backends:     slices.Clone(config.Backends),
		FaultsFired:  map[string]int64{},
		Heat:         []HeatRow{},
		Counters:     map[string]int64{},
		Findings:     []FindingRow{},
		keepSums:     config.TraceSums,
		canaries:     config.Canaries,
		checks:       slices.Clone(config.Checks),
		engines:      maps.Clone(config.Engines),
		audited:      map[int64]int64{},
		suites:       map[suiteKey]*suite{},
	}
	c.ByBackend, c.ByCheck = []BackendRow{}, []CheckRow{}
	for _, name := range config.Backends {
		c.backend(name)
	}
	for _, kind := range config.Faults {
		c.FaultsFired[kind] = 0
	}
	for _, name := range slices.Concat(ownCounters, config.Counters) {
		c.Counters[name] = 0
	}
	for _, check := range config.Checks {
		c.Counters[judgedCounter(check)] = 0
		c.checkRow(check)
	}
	for p := range history.PhaseCount {
		c.Counters[crashCounter(p)] = 0
	}
	return c
}

// Add counts one run. The order of runs does not matter for any figure.
func (c *Campaign) Add(r RunSummary) {
	broken, failed := r.Broken()
	if r.Canary {
		c.Canary.add(&r, failed && !r.Nondeterministic)
		return
	}
	c.Runs++
	switch outcomeOf(&r) {
	case nondeterministic:
		c.Nondeterministic++
	case failing:
		c.Failures++
	case undecided:
		c.Undecided++
	}
	c.Operations += r.Operations
	c.CheckpointsCompleted += r.Completed
	c.Restores += r.Restores
	c.Crashes += int64(len(r.CrashPhases))
	c.simulated += r.Simulated
	c.count(&r)
	c.heat(&r)
	c.judged(&r)
	c.suite(r.Scenario, r.Backend).add(&r, broken)
	row := c.backend(r.Backend)
	row.add(&r)
	if c.keepSums && row.Opaque == "" {
		c.TraceSums = append(c.TraceSums, TraceSum{r.Scenario, r.Backend, r.Seed, r.Sum})
	}
}

// count adds what a run exercised.
func (c *Campaign) count(r *RunSummary) {
	for name, n := range r.Counters {
		if !own(name) {
			c.Counters[name] += n
		}
	}
	for kind, n := range r.Fired {
		c.FaultsFired[kind] += n
	}
	for _, v := range r.Verdicts {
		if v.Judged > 0 { // where nothing was expected, nothing is missing
			c.Counters[judgedCounter(v.Check)] += v.Judged
		}
	}
	for _, p := range r.CrashPhases {
		c.Counters[crashCounter(p)]++
		if p >= history.Aligning && p <= history.Publishing {
			c.Counters[crashesInSnapshots]++
		}
	}
	for _, n := range r.AuditedEntries {
		c.Counters[auditedRestores]++
		c.Counters[auditedEntries] += n
		c.audited[n]++
	}
	if r.StrictLeaks {
		c.Counters[strictLeakChecks]++
	}
	if r.LegalStop {
		c.Counters[legalStops]++
	}
}

// AddFinding lists a finding, once for each fingerprint, check and backend.
func (c *Campaign) AddFinding(f Finding) {
	for i := range c.Findings {
		row := &c.Findings[i]
		if row.Fingerprint == f.Fingerprint && row.Check == f.Check && row.Backend == f.Backend {
			row.Times++
			return
		}
	}
	c.Findings = append(c.Findings, FindingRow{
		Fingerprint: f.Fingerprint, Check: f.Check, Scenario: f.Scenario, Backend: f.Backend,
		Seed: f.Seed, Replay: f.Replay, Message: f.Message, Times: 1, Bundle: f.Bundle,
	})
}

// Finish notes the real time and the processor time that the runs took, and
// brings what depends on all runs up to date. Call it before writing; more runs
// may follow.
func (c *Campaign) Finish(wall, cpu time.Duration) {
	c.SimulatedSeconds = c.simulated.Seconds()
	c.WallSeconds, c.CPUSeconds = wall.Seconds(), cpu.Seconds()
	c.Counters[auditedEntriesMedian] = c.median()
	c.Floors, c.Exit = Floors(c), ExitCode(c)
	slices.SortFunc(c.TraceSums, func(a, b TraceSum) int {
		return compareRuns(a.Scenario, b.Scenario, a.Backend, b.Backend, a.Seed, b.Seed)
	})
}

// median is that of the entries per audited restore, the lower one of two.
func (c *Campaign) median() int64 {
	below := int64(0)
	for _, n := range sortedKeys(c.audited) {
		below += c.audited[n]
		if 2*below >= c.Counters[auditedRestores] {
			return n
		}
	}
	return 0
}
