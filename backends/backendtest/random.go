package backendtest

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flinch/backends"

	"pgregory.net/rapid"
)

// randomClauses run random jobs beside the naive model.
var randomClauses = []clause{
	{"StateAndSnapshotsEqualTheModel", func(t *testing.T, world func() *World) {
		randomJobs(t, func() []*World { return []*World{world()} })
	}},
}

// Differential runs random jobs on two backends in lock step: each operation must
// get the same answer from both, and from the model, whatever snapshots are under
// way; both must hold the same, and restore the same. It skips if one of them says
// it is unavailable.
func Differential(t *testing.T, a, b Side) {
	t.Helper()
	for _, s := range []Side{a, b} {
		if u, ok := s.Backend.(backends.Unavailable); ok && u.Unavailable() != "" {
			t.Skip(u.Unavailable())
		}
	}
	randomJobs(t, func() []*World { return []*World{a.world(), b.world()} })
}

// Side is a backend and the tuning of its instances.
type Side struct {
	Backend backends.Backend
	Tuning  map[string]int64
}

func (s Side) world() *World {
	w := NewWorld(s.Backend)
	w.Tuning = s.Tuning
	return w
}

// tally counts the operations of random jobs by kind of state, and what else they
// did.
type tally struct {
	operations int
	by         map[string]int
}

func newTally() *tally { return &tally{by: make(map[string]int)} }

func (c *tally) add(o *tally) {
	c.operations += o.operations
	for _, name := range slices.Sorted(maps.Keys(o.by)) {
		c.by[name] += o.by[name]
	}
}

func (c *tally) count(o operation) {
	c.operations++
	c.by[randomStates[o.state].String()]++
}

func (c *tally) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(c.by)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, c.by[name]))
	}
	return fmt.Sprintf("%d operations on state: %s", c.operations, strings.Join(parts, ", "))
}

// TuneOperations is the name in a tuning under which a test says how many
// operations the random jobs of one Run do at least, if not 100,000: where a
// backend is run with several tunings, each may do a part. FLINCH_COUNT multiplies
// it, and short tests do a tenth.
const TuneOperations = "backendtest.operations"

const operationsDefault = 100_000

// wanted is how many operations to do.
func wanted(tuning map[string]int64) (int, error) {
	n, err := times()
	operations := operationsDefault
	if tuned, found := tuning[TuneOperations]; found {
		operations = int(tuned)
	}
	if testing.Short() {
		operations /= 10
	}
	return n * operations, err
}

// randomJobs: snapshots overlap, state changes in place while they are written,
// and each is restored elsewhere. There are as many jobs as rapid is told to make,
// or as many times that as it takes to have enough operations.
func randomJobs(t *testing.T, worlds func() []*World) {
	enough, err := wanted(worlds()[0].Tuning)
	must(t, err)
	burst := min(max(8, enough/(6*rapidChecks())), burstMost)
	all := newTally()
	checkUntil(t, enough, &all.operations, func(t *rapid.T) {
		// Counted at its end: a job that failed is carried out again.
		job := newTally()
		randomJob(newMachine(t, job, worlds()), burst)
		all.add(job)
	})
	t.Log(all)
}

// checkUntil has rapid draw jobs until they have done enough operations.
func checkUntil(t *testing.T, enough int, done *int, job func(t *rapid.T)) {
	for *done < enough && !t.Failed() {
		drawn := false // a job may have no operations
		rapid.Check(t, func(t *rapid.T) {
			drawn = true
			if *done < enough {
				job(t)
			}
		})
		if !drawn && !t.Failed() {
			t.Fatal("rapid draws no job: give -rapid.checks 5 or more")
		}
	}
}

// burstMost is the most operations in a row.
const burstMost = 1500

func randomJob(m *machine, burst int) {
	m.t.Repeat(map[string]func(*rapid.T){
		"change":       func(*rapid.T) { m.step() },
		"changes":      func(*rapid.T) { m.steps(8) },
		"many changes": func(*rapid.T) { m.steps(burst) },
		"snapshot":     func(*rapid.T) { m.snapshot() },
		"write":        func(*rapid.T) { m.write() },
		"write again":  func(*rapid.T) { m.write() },
		"discard":      func(*rapid.T) { m.discard() },
		"there and back": func(*rapid.T) {
			if rapid.IntRange(0, 2).Draw(m.t, "rescale") == 0 {
				m.thereAndBack()
			}
		},
		"": func(*rapid.T) { m.check() },
	})
}

// rapidChecks is how many jobs rapid makes.
func rapidChecks() int {
	if f := flag.Lookup("rapid.checks"); f != nil {
		if n, err := strconv.Atoi(f.Value.String()); err == nil && n > 0 {
			return n
		}
	}
	return 100
}
