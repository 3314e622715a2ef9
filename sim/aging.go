package sim

import (
	"fmt"
	"time"

	"flinch/backends"
	"flinch/backends/ttl"
	"flinch/model"
)

// milliseconds is the clock of states with a time to live.
func (w *world) milliseconds() int64 { return w.loop.Now().Milliseconds() }

// states is where state i is registered: where it ages, if it does.
func (k *keyed) states(i int) (backends.Keyed, error) {
	t := k.specs[i].TTL
	if t == nil {
		return k.given(), nil
	}
	c := ttl.Config{
		Lifetime: time.Duration(t.Lifetime) * time.Millisecond, Now: k.w.milliseconds,
		CleanFullSnapshots: t.Snapshots, CleanPerAccess: t.PerAccess, CleanCompactions: t.Compactions,
	}
	if t.OnRead {
		c.Update = ttl.OnReadAndWrite
	}
	if t.Shows {
		c.Visibility = ttl.ReturnExpiredIfNotCleanedUp
	}
	return ttl.With(k.given(), c)
}

// ages tells whether values of the state of that name are stamped.
func (k *keyed) ages(state string) bool {
	for i := range k.specs {
		if k.specs[i].Name == state {
			return k.specs[i].TTL != nil
		}
	}
	return false
}

// unstamp takes the stamp of an entry's value off, if it has one.
func (k *keyed) unstamp(e *backends.Entry) (stamp int64, err error) {
	if !k.aging || !k.ages(e.State) {
		return 0, nil
	}
	if stamp, e.Value, err = ttl.Split(e.Value); err != nil {
		return 0, fmt.Errorf("state %q, key %q: %w", e.State, e.Key, err)
	}
	return stamp, nil
}

// validateTTL checks how long the values of a state live.
func validateTTL(p *problems, field string, s *model.StateSpec) {
	t := s.TTL
	if t == nil {
		return
	}
	p.between(field+".ttl.lifetime_ms", t.Lifetime, 1, int64(24*time.Hour/time.Millisecond))
	p.between(field+".ttl.per_access", int64(t.PerAccess), 0, 1000)
	p.check(s.Kind != model.Timers && !s.Register, field+".ttl", "timers and registers live for good: want none")
	p.check(!t.Shows || !t.Drops(), field+".ttl.shows",
		"what is dropped in the background cannot be counted on: want shows false, or no clean-up")
}
