package explore

import (
	"context"
	"fmt"
	"maps"
	"os"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/scenarios"
	"flinch/sim/rng"
)

// exitTuning makes a dying backend end its process.
const exitTuning = "test.exit"

// dying is the heap backend, except that some cases end its process, as an
// engine does that calls abort.
type dying struct{ *heap.Backend }

func (dying) Name() string { return "dying" }

func (b dying) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if p.Tuning[exitTuning] > 0 {
		fmt.Fprintln(os.Stderr, "engine.cc:12: assertion failed")
		os.Exit(134)
	}
	return b.Backend.OpenKeyed(ctx, p)
}

// dyingWorld has the scenario calm, with one seed in 20 that ends the process.
func dyingWorld() World {
	calm, err := scenarios.ByName("calm")
	if err != nil {
		panic(err)
	}
	s := scenarios.Scenario{Name: "dying", Generate: func(src rng.Source) scenarios.Case {
		exit := src.Uint64N("exit", 20) == 19
		c := calm.Generate(src)
		c.Tuning = maps.Clone(c.Tuning)
		if exit {
			c.Tuning[exitTuning] = 1
		}
		return c
	}}
	return World{Scenarios: []scenarios.Scenario{s}, Backends: []backends.Backend{dying{heap.New()}}}
}

// deathIn returns the first of 20 seeds of which exactly one dies, and that one.
func deathIn(s scenarios.Scenario) (first, death rng.Seed) {
	for ; ; first++ {
		deaths := 0
		for i := range rng.Seed(20) {
			if s.At(first + i).Tuning[exitTuning] > 0 {
				deaths, death = deaths+1, first+i
			}
		}
		if deaths == 1 {
			return first, death
		}
	}
}

func TestBackendThatExitsInOneSeedOf20IsOneFindingAnd19Verdicts(t *testing.T) {
	first, death := deathIn(dyingWorld().Scenarios[0])
	c := campaign("dying", 2)
	c.Targets = []Target{{Scenario: "dying", Backend: "dying", FS: Mem}}
	c.First = first
	passed := 0
	var groups Groups
	c.Merge = func(r Ran) {
		groups.Add(r)
		if _, failed := r.Finding(); !failed && r.Broken == "" && len(r.Summary.Verdicts) > 1 {
			passed++
		}
	}
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if passed != 19 {
		t.Errorf("%d verdicts, want 19", passed)
	}
	found := groups.All()
	if len(found) != 1 || found[0].Check != ProcessDied || found[0].Seed != death || found[0].Times != 1 {
		t.Errorf("findings %+v, want one %s of seed %v", found, ProcessDied, death)
	}
}
