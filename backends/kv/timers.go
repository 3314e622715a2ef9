package kv

import (
	"fmt"

	"flinch/backends"
)

// timers is a queue of timers: a family of keys without values, and in front of
// it a cache of the first of each key group. All is written through.
type timers struct {
	*state
	most   int // cached for each group
	loaded bool
	groups []*timerGroup // from the first of the instance's; nil: never had a timer
	heads  timerHeads
	key    []byte // scratch
	to     []byte
}

var _ backends.RawTimers = (*timers)(nil)

const (
	tuneTimerCache = "kv.timer_cache"

	timerCacheDefault = 128
	timerCacheMax     = 1 << 12
)

// timerCache is the drawn size of a cache, made usable.
func timerCache(tuning map[string]int64) int {
	wanted, ok := tuning[tuneTimerCache]
	if !ok {
		return timerCacheDefault
	}
	return int(min(max(wanted, 1), timerCacheMax))
}

// noValue is that of a timer.
var noValue = []byte{}

func (t *timers) Register(time int64, namespace string) (bool, error) {
	g, at, has, err := t.locateTimer(time, namespace)
	if has || err != nil {
		return false, err
	}
	if err := t.put(t.key, noValue); err != nil {
		return false, err
	}
	if at >= 0 {
		g.insert(at, t.key[t.in.keys.groupBytes:], t.most)
		t.heads.fix(g)
	}
	return true, nil
}

func (t *timers) Delete(time int64, namespace string) (bool, error) {
	g, at, has, err := t.locateTimer(time, namespace)
	if !has || err != nil {
		return false, err
	}
	return true, t.delete(g, at)
}

func (t *timers) Peek() (backends.Timer, bool, error) {
	g, err := t.first()
	if g == nil || err != nil {
		return backends.Timer{}, false, err
	}
	first, err := t.in.keys.timerOf(g.group, g.head())
	return first, err == nil, err
}

func (t *timers) Poll() (backends.Timer, bool, error) {
	first, ok, err := t.Peek()
	if !ok || err != nil {
		return backends.Timer{}, false, err
	}
	g := t.heads[0]
	t.key = append(t.in.keys.appendGroup(t.key[:0], g.group), g.head()...)
	if err := t.delete(g, len(g.cached)-1); err != nil {
		return backends.Timer{}, false, err
	}
	return first, true, nil
}

// locateTimer puts the composite key of a timer of the current key into t.key and
// tells whether the queue has it. at is its place in the cache of its group, -1 if
// the cache does not cover it.
func (t *timers) locateTimer(time int64, namespace string) (g *timerGroup, at int, has bool, err error) {
	in := t.in
	switch {
	case !in.hasKey:
		return nil, 0, false, t.nowhere()
	case namespace == "":
		return nil, 0, false, fmt.Errorf("timers %q of %s: %w", t.meta.Name, in.params.Operator, errNoNamespace)
	}
	if err := t.load(); err != nil {
		return nil, 0, false, err
	}
	t.key = in.keys.appendTimer(t.key[:0], in.key[:in.keyEnd], time, namespace)
	group, err := in.keys.group(t.key)
	if err != nil {
		return nil, 0, false, err
	}
	g = t.groupOf(group)
	if timer := t.key[in.keys.groupBytes:]; g.covers(timer) {
		at, has = g.find(timer)
		return g, at, has, nil
	}
	_, has, err = t.get(t.key)
	return g, -1, has, err
}

// delete removes the timer in t.key.
func (t *timers) delete(g *timerGroup, at int) error {
	if err := t.remove(t.key); err != nil {
		return err
	}
	if at >= 0 {
		g.remove(at)
		t.heads.fix(g)
	}
	return nil
}

// first is the group with the first timer of all; nil: there is none.
func (t *timers) first() (*timerGroup, error) {
	if err := t.in.unusable(); err != nil {
		return nil, err
	}
	if err := t.load(); err != nil {
		return nil, err
	}
	for len(t.heads) > 0 {
		g := t.heads[0]
		if len(g.cached) > 0 {
			return g, nil
		}
		if err := t.refill(g); err != nil {
			return nil, err
		}
		t.heads.fix(g)
	}
	return nil, nil
}

// groupOf returns a group of the instance's, made if it is missing.
func (t *timers) groupOf(group int) *timerGroup {
	place := &t.groups[group-t.in.params.KeyGroups.Start]
	if *place == nil {
		*place = &timerGroup{group: group, at: -1, whole: true}
	}
	return *place
}
