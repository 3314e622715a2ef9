package scenarios

import (
	"context"
	"fmt"
	"strings"

	"flinch/backends"
	"flinch/sim"
	"flinch/sim/rng"
)

// Canary is a backend that loses something: what it wraps, broken on purpose
// through the contract alone. A run on it must fail, or the harness notices
// nothing. It serves one run. What a backend says of itself beside its name, ask
// the wrapped one.
type Canary struct {
	inner  backends.Backend
	way    way
	draws  *rng.Stream
	keys   map[string]backends.Key // that were ever current, by encoded form
	harmed map[harm][]int          // the key groups in which a snapshot is not what it should be
	given  int64
}

// harm is a snapshot of one operator that lacks something or has too much.
type harm struct {
	operator   string
	checkpoint backends.CheckpointID
}

// way is how a canary breaks its backend.
type way uint64

const (
	dropping way = iota // each checkpoint lacks one value, list or map entry
	late                // what is written is the live state, not that of the barrier
	ways                // not a way: how many there are
)

// NewCanary returns the backend, broken in a way that the seed draws.
func NewCanary(b backends.Backend, seed rng.Seed) *Canary {
	draws := seed.Derive("canary").Stream()
	return &Canary{
		inner: b, draws: draws, way: way(draws.Uint64N("way", uint64(ways))),
		keys: map[string]backends.Key{}, harmed: map[harm][]int{},
	}
}

// Name is that of the wrapped backend, whose handles it takes.
func (c *Canary) Name() string { return c.inner.Name() }

// Does says how the backend is broken, as the end of a sentence.
func (c *Canary) Does() string {
	if c.way == late {
		return "every checkpoint is taken of the live state, after its barrier"
	}
	return "every checkpoint silently lacks one value, list or map entry"
}

// Given is how many instances were opened from a snapshot that was damaged in
// their key groups. Where it is 0, there was nothing to notice.
func (c *Canary) Given() int64 { return c.given }

// OpenKeyed opens an instance of the wrapped backend.
func (c *Canary) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	inner, err := c.inner.OpenKeyed(ctx, p)
	if err != nil {
		return nil, err
	}
	if c.reaches(p) {
		c.given++
	}
	in := &canaryInstance{Keyed: inner, c: c, p: p, states: map[string]*canaryState{}}
	if m, ok := inner.(backends.Maintainer); ok {
		return maintainedCanary{in, m}, nil
	}
	return in, nil
}

// reaches tells whether an instance is restored from something damaged.
func (c *Canary) reaches(p backends.KeyedParams) bool {
	for _, h := range p.Restore {
		for _, group := range c.harmed[harm{p.Operator, h.Checkpoint}] {
			if h.KeyGroups.Contains(group) && p.KeyGroups.Contains(group) {
				return true
			}
		}
	}
	return false
}

// maintainedCanary is an instance whose engine has background work.
type maintainedCanary struct {
	*canaryInstance
	backends.Maintainer
}

// CanaryRun is what became of a case on a Canary.
type CanaryRun struct {
	*Outcome
	Given int64  // see Canary.Given
	Does  string // see Canary.Does
}

// Verdict says in a sentence what the run shows of the harness.
func (r *CanaryRun) Verdict() (sentence string, caught bool) {
	v, broken := r.Broken()
	switch {
	case r.Given == 0:
		return "Nothing was planted: no checkpoint that was read back was damaged.", false
	case !broken:
		return fmt.Sprintf("The harness did not notice a planted loss: %s.", r.Does), false
	}
	return fmt.Sprintf("The planted loss (%s) was noticed by %s: %s", r.Does, v.Check, strings.TrimSpace(v.Message)), true
}

// RunCanary carries out the case on the pair's backend, broken, and judges it;
// against the reference, unless that is nil. No other run may go on meanwhile.
func RunCanary(ctx context.Context, c Case, pair Pair, o sim.Options) (*CanaryRun, error) {
	canary := NewCanary(pair.Backend, c.Seed)
	var outcome *Outcome
	var err error
	if pair.Reference == nil {
		outcome, err = Run(ctx, c, canary, o)
	} else {
		outcome, err = RunAgainst(ctx, c, Pair{Backend: canary, Reference: pair.Reference}, o)
	}
	if err != nil {
		return nil, err
	}
	return &CanaryRun{Outcome: outcome, Given: canary.Given(), Does: canary.Does()}, nil
}
