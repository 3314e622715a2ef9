package explore

import (
	"context"

	"flinch/scenarios"
)

// ShrinkParams is what Shrink needs beside the case.
type ShrinkParams struct {
	// Fails runs a candidate and tells whether it still fails in the way that is
	// being shrunk. A candidate that cannot be run does not. It must answer the
	// same for equal cases.
	Fails func(ctx context.Context, c scenarios.Case) bool
	// RunsMax bounds how many candidates are run; 0: DefaultShrinkRuns.
	RunsMax int
}

// DefaultShrinkRuns is how many candidates Shrink tries unless told otherwise.
const DefaultShrinkRuns = 3000

// ShrinkStats says what shrinking achieved. Sizes are in steps: see Size.
type ShrinkStats struct {
	Before int  `json:"before"`
	After  int  `json:"after"`
	Runs   int  `json:"runs"`
	Cut    bool `json:"cut,omitempty"` // it ended for want of runs or time, not of ideas
}

// Size returns how many steps a case asks for: its records, their state
// operations, and its faults.
func Size(c scenarios.Case) int {
	size := len(c.Records) + len(c.Faults) + len(c.Actions)
	for _, r := range c.Records {
		for _, ops := range r.Ops {
			size += len(ops)
		}
	}
	return size
}

// Shrink returns a smaller case that fails in the same way: delta debugging
// over faults, records and operations, then plainer faults and a plainer
// cluster, over and over until nothing more can go. It is deterministic unless
// ctx ends it. The case itself, which must fail, is not changed; it is returned
// if nothing smaller was found.
//
// The draws of a running simulation are keyed, so that taking something out
// leaves the draws of everything else as they were.
func Shrink(ctx context.Context, c scenarios.Case, p ShrinkParams) (scenarios.Case, ShrinkStats) {
	s := &shrinker{ctx: ctx, fails: p.Fails, runsMax: p.RunsMax, best: c}
	if s.runsMax == 0 {
		s.runsMax = DefaultShrinkRuns
	}
	stats := ShrinkStats{Before: Size(c)}
	for s.improved = true; s.improved && !s.over(); {
		s.improved = false
		for _, pass := range passes {
			pass(s)
		}
	}
	stats.After, stats.Runs, stats.Cut = Size(s.best), s.runs, s.over()
	return s.best, stats
}

// passes are carried out in this order: the ones that make runs short and take
// away the most come first.
var passes = []func(*shrinker){
	(*shrinker).fewRestarts,
	(*shrinker).plainActions,
	(*shrinker).dropFaults,
	(*shrinker).dropRecords,
	(*shrinker).dropOps,
	(*shrinker).plainCluster,
	(*shrinker).plainJob,
	(*shrinker).plainFaults,
}

// shrinker is one call of Shrink.
type shrinker struct {
	ctx      context.Context
	fails    func(context.Context, scenarios.Case) bool
	best     scenarios.Case
	runs     int
	runsMax  int
	improved bool
}

// over tells whether runs or time have run out.
func (s *shrinker) over() bool { return s.runs >= s.runsMax || s.ctx.Err() != nil }

// try makes c the best case if it still fails.
func (s *shrinker) try(c scenarios.Case) bool {
	if s.over() {
		return false
	}
	s.runs++
	// A run that ctx has cut short says nothing about the case.
	if !s.fails(s.ctx, c) || s.ctx.Err() != nil {
		return false
	}
	s.best, s.improved = c, true
	return true
}

// dropFaults takes faults out.
func (s *shrinker) dropFaults() {
	drop(len(s.best.Faults), func(from, to int) bool {
		c := s.best
		c.Faults = without(c.Faults, from, to)
		return s.try(c)
	})
}

// dropRecords takes records out, the last ones first: what comes after the
// failure is the easiest to lose.
func (s *shrinker) dropRecords() {
	drop(len(s.best.Records), func(from, to int) bool {
		c := s.best
		c.Records = without(c.Records, from, to)
		return s.try(c)
	})
}

// dropOps takes state operations out, all records' operations being one list.
func (s *shrinker) dropOps() {
	ops := Size(s.best) - len(s.best.Records) - len(s.best.Faults)
	drop(ops, func(from, to int) bool {
		c := s.best
		c.Records = withoutOps(c.Records, from, to)
		return s.try(c)
	})
}

// drop has try remove parts of a list of n elements, given as [from, to): large
// parts first, single elements last, each from the end to the beginning. try
// returns whether the elements are gone.
func drop(n int, try func(from, to int) bool) {
	for size := n; size > 0; size /= 2 {
		for to := n; to > 0; {
			from := max(0, to-size)
			if try(from, to) {
				n -= to - from
			}
			to = from
		}
		size = min(size, max(n, 1))
	}
}

// without returns a copy of list without the elements of [from, to).
func without[T any](list []T, from, to int) []T {
	kept := make([]T, 0, len(list)-(to-from))
	return append(append(kept, list[:from]...), list[to:]...)
}
