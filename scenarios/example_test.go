package scenarios_test

import (
	"context"
	"fmt"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/scenarios"
	"flinch/sim"
)

// mine stands for a backend of one's own; here it is the heap under another name.
type mine struct{}

func (mine) Name() string { return "mine" }

func (mine) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	return heap.New().OpenKeyed(ctx, p)
}

// A test of one's own backend is one call. It is what a _test.go file of the
// backend's package holds.
func ExampleCheck() {
	_ = func(t *testing.T) {
		scenarios.Check(t, mine{}, scenarios.CheckOptions{Short: testing.Short()})
	}
}

// One seed of one scenario, carried out and judged.
func ExampleRun() {
	scenario, err := scenarios.ByName("snapshot-crash")
	if err != nil {
		fmt.Println(err)
		return
	}
	outcome, err := scenarios.Run(context.Background(), scenario.At(1), mine{}, sim.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range outcome.Verdicts {
		fmt.Println(v.Check, v.Outcome)
	}
	// Output:
	// no-regress pass
	// restored-state pass
	// backends-agree pass
	// needed-files pass
	// exactly-once pass
	// channel-state pass
	// operator-state pass
	// timers pass
	// sink pass
	// linearizable pass
	// left-over-files pass
	// progress pass
}
