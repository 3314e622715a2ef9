// Package backendtest holds the contract of package backends against a backend:
// whoever writes one calls Run in a test. Every promise is a subtest; the last of
// them does 100,000 random operations or more (FLINCH_COUNT multiplies them) beside
// a model of its own, with snapshots under way while state changes, checkpoints
// that complete, are aborted and subsumed, and restores at other parallelisms.
// Differential does so with two backends in lock step. State with a time to live,
// which package ttl makes of any backend's, has such a model as well.
//
// The rows of the contract are what Flink's backends do, by number; rows.go says
// which tests hold each of them. Names without a folder are of clauses of this suite.
// The others are of flinch's own packages, and never see another backend. Without
// a counterpart are
//   - K10, the number of entries: a hook for Flink's own tests, which differs between
//     its backends: here Entries tells all of them
//   - Q4, the names of the queues: whoever has a timer service names its queues; a
//     backend takes any name
//   - Q8, watermarks are not restored: a backend knows no watermark: the job does
//   - O8, raw streams: users write typed state alone: no stream is handed to them
//
// The suite itself is developed on package reference, a backend of plain maps.
//
// World is what surrounds the instances of a test: a simulated disk, a checkpoint
// storage in memory (Streams) whose operations can be failed and used to run
// something in between, and the parameters that go with them. A backend's own
// tests stand on it as well.
package backendtest

import (
	"context"
	"errors"
	"testing"

	"flinch/backends"
)

// TB is what *testing.T, *testing.B and *rapid.T have in common and this package
// uses.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Run holds the contract against b. tuning is passed to every instance: what
// makes pieces, tables and thresholds small, so that small states meet their
// boundaries. It skips a backend that says it is unavailable. A panic fails its
// promise, and the others are gone through all the same.
func Run(t *testing.T, b backends.Backend, tuning map[string]int64) {
	t.Helper()
	if u, ok := b.(backends.Unavailable); ok && u.Unavailable() != "" {
		t.Skip(u.Unavailable())
	}
	for _, c := range contract() {
		piece(t, c.promise, func(t *testing.T) {
			c.check(t, func() *World {
				w := NewWorld(b)
				w.Tuning = tuning
				return w
			})
		})
	}
}

// clause is one promise of the contract, and the test of it.
type clause struct {
	promise string
	check   func(t *testing.T, world func() *World)
}

func contract() []clause {
	var all []clause
	for _, part := range [][]clause{
		accessClauses, kindClauses, defaultClauses, mapClauses, iteratorClauses,
		foldingClauses, mergeClauses, listingClauses, timerClauses, typedClauses, entriesClauses,
		snapshotClauses, endingClauses, restoreClauses, savepointClauses, savepointRefusals, goldenClauses,
		evolutionClauses, evolutionRefusals, queryClauses, ttlClauses, randomClauses,
	} {
		all = append(all, part...)
	}
	return all
}

var background = context.Background()

// errTest is what tests inject.
var errTest = errors.New("injected by the test")

// must ends the test on an error.
func must(t TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// must2 passes a result on, or ends the test on an error.
func must2[T any](t TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		must(t, nothing(v))
		return v
	}
}
