package scenarios_test

import (
	"testing"

	"flinch/backends/heap"
	"flinch/scenarios"
	"flinch/sim"

	"pgregory.net/rapid"
)

func TestHeapKeepsEveryGuarantee(t *testing.T) {
	scenarios.Check(t, heap.New(), scenarios.CheckOptions{Count: 15, Short: testing.Short()})
}

func TestNoDrawnCaseBreaksTheHeap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(scenarios.All()).Draw(t, "scenario").Generate(rapidSource{t})
		outcome, err := scenarios.Run(t.Context(), c, heap.New(), sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v, broken := outcome.Broken(); broken {
			t.Fatalf("%s: %s\n%q", v.Check, v.Message, v.Details)
		}
	})
}

// rapidSource lets rapid choose, and so shrink, what a generator draws.
type rapidSource struct{ *rapid.T }

func (s rapidSource) Uint64N(label string, n uint64) uint64 {
	return rapid.Uint64Range(0, n-1).Draw(s.T, label)
}
