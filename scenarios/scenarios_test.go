package scenarios_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"flinch/scenarios"
	"flinch/sim/rng"

	"github.com/google/go-cmp/cmp"
)

// draw makes n cases of every scenario and hands them over.
func draw(t *testing.T, n int, use func(t *testing.T, c scenarios.Case)) {
	t.Helper()
	for _, s := range scenarios.All() {
		for seed := range rng.Seed(n) {
			use(t, s.At(seed))
		}
	}
}

func TestSeedAlwaysDrawsTheSameCase(t *testing.T) {
	draw(t, 8, func(t *testing.T, c scenarios.Case) {
		s, err := scenarios.ByName(c.Scenario)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c, s.At(c.Seed)) {
			t.Fatalf("%s, seed %v: drawn twice, the cases differ", c.Scenario, c.Seed)
		}
		if other := s.At(c.Seed + 1); reflect.DeepEqual(c.Records, other.Records) {
			t.Fatalf("%s: seeds %v and %v draw the same records", c.Scenario, c.Seed, other.Seed)
		}
	})
}

func TestDrawnCasesAreValid(t *testing.T) {
	draw(t, 100, func(t *testing.T, c scenarios.Case) {
		if err := c.Validate(); err != nil {
			t.Fatalf("%s, seed %v:\n%v", c.Scenario, c.Seed, err)
		}
	})
}

func TestCaseFileGivesTheCaseBack(t *testing.T) {
	draw(t, 8, func(t *testing.T, c scenarios.Case) {
		data, err := c.JSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := scenarios.ReadCase(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s, seed %v: %v\n%.2000s", c.Scenario, c.Seed, err, data)
		}
		if !reflect.DeepEqual(c, back) {
			t.Fatalf("%s, seed %v, written and read (-written +read):\n%s", c.Scenario, c.Seed, cmp.Diff(c, back))
		}
	})
}

// plainest gives the simplest answer to every choice.
type plainest struct{}

func (plainest) Uint64N(string, uint64) uint64 { return 0 }

func TestPlainestChoicesDrawThePlainestCase(t *testing.T) {
	for _, s := range scenarios.All() {
		c := s.Generate(plainest{})
		if err := c.Validate(); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		if len(c.Faults) != 0 || c.Cluster.TaskManagers != 1 || len(c.Job.Parallelism) != 1 || c.Job.Parallelism[0] != 1 || !c.Job.Pure {
			t.Errorf("%s: faults %v, %d task managers, parallelism %v, pure %v: want the plainest",
				s.Name, c.Faults, c.Cluster.TaskManagers, c.Job.Parallelism, c.Job.Pure)
		}
	}
}

func TestUnknownScenarioIsAnsweredWithTheKnownOnes(t *testing.T) {
	_, err := scenarios.ByName("failovr")
	var names []string
	for _, s := range scenarios.All() {
		names = append(names, s.Name)
	}
	want := `scenario "failovr" is not known: want one of ` + strings.Join(names, ", ")
	if err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
}
