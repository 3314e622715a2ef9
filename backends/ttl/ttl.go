// Package ttl gives keyed state a time to live, on any backend: Flink's StateTtlConfig.
//
// Start at With: states that are registered through what it returns keep beside
// each value, list element or map value the time of its last access, and what
// has outlived its lifetime is not read any more. The backend below stores
// stamped values like any others, encoded as 8 bytes of milliseconds and then the
// value's own bytes; their codec is called "ttl(...)", so that state with a time
// to live and state without are never taken for each other.
//
// What counts as expired: a value whose stamp is s has expired at s + lifetime,
// that moment included. Stamps are set when a value is created or written and,
// with OnReadAndWrite, when it is read. A value is a whole value state, one
// element of a list, one entry of a map, one reduced value or accumulator.
//
// Where Flink leaves a choice, this package makes these:
//   - A list that is read drops its expired elements, wherever they stand.
//   - A listing of keys, IsEmpty of a map and the default of a value state do not
//     look at stamps: keys whose state has expired count until somebody reads it.
//   - Queryable state has no time to live, as in Flink: registering it is refused.
//   - While a map is gone through, by Range or an Iterator that is not at its end or
//     closed, reading other entries of that state neither drops nor stamps them: to
//     the backend that would be a change of the map, which ends the way through it.
//     Flink's RocksDB lets it pass. Of two ways at once neither drops nor stamps.
//   - Merging namespaces moves stamps along. What is folded of two is stamped anew; if
//     one of them has expired, it counts as absent, and the other keeps its stamp.
//     Flink stamps that anew, too, so that there the result depends on whether a
//     clean-up came first.
package ttl

import (
	"fmt"
	"time"

	"flinch/backends"
)

// Update says when the stamp of a value is set.
type Update uint8

// The update types, as in Flink's StateTtlConfig.UpdateType.
const (
	OnCreateAndWrite Update = iota
	OnReadAndWrite
)

// Visibility says whether a value that has expired and not been dropped yet is
// read.
type Visibility uint8

// The visibilities, as in Flink's StateTtlConfig.StateVisibility.
const (
	NeverReturnExpired Visibility = iota
	// ReturnExpiredIfNotCleanedUp reads an expired value once more: reading drops
	// it.
	ReturnExpiredIfNotCleanedUp
)

// Config is how states live. In Flink a configuration cleans up in the background
// unless told not to: at accesses on the heap, and in RocksDB's compactions. Here
// one that does not ask for it cleans nothing up but what is read.
type Config struct {
	Lifetime   time.Duration // at least a millisecond; parts of one are cut off
	Update     Update
	Visibility Visibility
	// Now is the clock, in milliseconds. It is asked at each access, by the task
	// alone, and may stand still; it is not part of a snapshot.
	Now func() int64
	// The rest is what a backend may drop before anybody reads it, if it can: see
	// backends.CleanUp. Nothing that is read depends on it, but for
	// ReturnExpiredIfNotCleanedUp.
	CleanFullSnapshots bool // full snapshots leave out what has expired
	CleanPerAccess     int  // entries that each access looks at beside its own
	CleanCompactions   bool // compactions leave out what has expired
}

// check tells what makes c impossible, if anything does.
func (c *Config) check() error {
	switch {
	case c.Lifetime < time.Millisecond:
		return fmt.Errorf("lifetime %v: want at least 1ms", c.Lifetime)
	case c.Now == nil:
		return fmt.Errorf("no clock: Now is nil")
	case c.Update > OnReadAndWrite:
		return fmt.Errorf("update type %d is not known", c.Update)
	case c.CleanPerAccess < 0:
		return fmt.Errorf("clean-up of %d entries at each access", c.CleanPerAccess)
	case c.Visibility > ReturnExpiredIfNotCleanedUp:
		return fmt.Errorf("visibility %d is not known", c.Visibility)
	}
	return nil
}

// With returns k for registering states that live as c says. Everything else, and
// queues of timers, are k's, but for what k can do beyond backends.Keyed: ask k
// itself for that. Instances made by With on one k may be used side by
// side, but for one state: whoever registers it without a time to live as well is
// refused for its codec. Two lifetimes of one state are not noticed: each goes by
// its own, and the first registration's default and functions count for both.
func With(k backends.Keyed, c Config) (backends.Keyed, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("time to live: %w", err)
	}
	return &keyed{Keyed: k, open: make(map[string]*int), clock: clock{
		now: c.Now, lifetime: c.Lifetime.Milliseconds(),
		touches: c.Update == OnReadAndWrite, shows: c.Visibility == ReturnExpiredIfNotCleanedUp,
		cleanUp: c.cleanUp(),
	}}, nil
}

// cleanUp is what backends may do, nil if nothing.
func (c *Config) cleanUp() *backends.CleanUp {
	if !c.CleanFullSnapshots && !c.CleanCompactions && c.CleanPerAccess == 0 {
		return nil
	}
	return &backends.CleanUp{
		Stamp: func(v any) int64 { return v.(*stamped).at }, Lifetime: c.Lifetime.Milliseconds(), Now: c.Now,
		FullSnapshots: c.CleanFullSnapshots, PerAccess: c.CleanPerAccess, Compactions: c.CleanCompactions,
	}
}

// keyed registers states behind stamps.
type keyed struct {
	backends.Keyed
	clock clock
	open  map[string]*int // by map state, how many iterators are under way
}

// clock tells the age of values.
type clock struct {
	now      func() int64
	lifetime int64
	touches  bool // reading sets the stamp
	shows    bool // expired values are read once more
	cleanUp  *backends.CleanUp
	touching *stamped // what merging state adds only to have it stamped
}

func (c *clock) expired(s *stamped) bool { return backends.Expired(s.at, c.lifetime, c.now()) }

func (c *clock) stamp(v any) *stamped { return &stamped{value: v, at: c.now()} }

// stampAll stamps values with one time; a nil among them stays nil, for the state
// to refuse.
func (c *clock) stampAll(vs []any) []any {
	at := c.now()
	out := make([]any, len(vs))
	for i, v := range vs {
		if v != nil {
			out[i] = &stamped{value: v, at: at}
		}
	}
	return out
}

func (k *keyed) Value(d backends.Descriptor) (backends.RawValue, error) {
	inner, err := k.clock.stamped(d)
	if err != nil {
		return nil, err
	}
	if d.Default != nil {
		inner.Default = &stamped{value: d.Default, initial: true}
	}
	raw, err := k.Keyed.Value(inner)
	if err != nil {
		return nil, err
	}
	return &valueState{RawValue: raw, clock: &k.clock}, nil
}

func (k *keyed) List(d backends.Descriptor) (backends.RawList, error) {
	inner, err := k.clock.stamped(d)
	if err != nil {
		return nil, err
	}
	raw, err := k.Keyed.List(inner)
	if err != nil {
		return nil, err
	}
	return &listState{RawList: raw, clock: &k.clock}, nil
}

func (k *keyed) Map(d backends.Descriptor) (backends.RawMap, error) {
	inner, err := k.clock.stamped(d)
	if err != nil {
		return nil, err
	}
	raw, err := k.Keyed.Map(inner)
	if err != nil {
		return nil, err
	}
	if k.open[d.Name] == nil {
		k.open[d.Name] = new(int)
	}
	return &mapState{RawMap: raw, clock: &k.clock, open: k.open[d.Name]}, nil
}

func (k *keyed) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	inner, err := k.clock.stamped(d)
	if err != nil {
		return nil, err
	}
	inner.Reduce = k.clock.reduce(d.Reduce)
	raw, err := k.Keyed.Reducing(inner)
	if err != nil {
		return nil, err
	}
	return &mergingState{RawMerging: raw, clock: &k.clock, result: func(v any) any { return v }}, nil
}

func (k *keyed) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	inner, err := k.clock.stamped(d)
	if err != nil {
		return nil, err
	}
	inner.Aggregate = k.clock.aggregate(d.Aggregate)
	raw, err := k.Keyed.Aggregating(inner)
	if err != nil {
		return nil, err
	}
	return &mergingState{RawMerging: raw, clock: &k.clock, aggregates: true, result: d.Aggregate.Result}, nil
}

// stamped is d with a codec for stamped values. What makes d impossible is told of
// d.
func (c *clock) stamped(d backends.Descriptor) (backends.Descriptor, error) {
	if _, err := d.Meta(); err != nil {
		return d, err
	}
	if d.Queryable {
		return d, fmt.Errorf("register state %q with a time to live: queries would return what has expired; leave out Queryable, or the lifetime", d.Name)
	}
	d.Value, d.CleanUp = newCodec(d.Value, c.now), c.cleanUp
	return d, nil
}
