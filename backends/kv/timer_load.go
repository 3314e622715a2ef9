package kv

import "fmt"

// load fills the caches of all groups, once. That is when the queue is first
// used, after what was restored is in the store.
func (t *timers) load() error {
	if t.loaded {
		return nil
	}
	r := t.in.params.KeyGroups
	t.groups = make([]*timerGroup, r.Len())
	for from := r.Start; from <= r.End; {
		t.key = t.in.keys.appendGroup(t.key[:0], from)
		t.to = t.in.keys.appendGroup(t.to[:0], r.End+1)
		full, err := t.read()
		if err != nil {
			return err
		}
		if full == nil {
			break
		}
		from = full.group + 1
	}
	for _, g := range t.groups {
		if g != nil {
			g.settle()
			t.heads.fix(g)
		}
	}
	t.loaded = true
	return nil
}

// refill reads on from what the cache of a group covers, of which nothing is left.
func (t *timers) refill(g *timerGroup) error {
	t.key = append(t.in.keys.appendGroup(t.key[:0], g.group), g.covered...)
	t.to = t.in.keys.appendGroup(t.to[:0], g.group+1)
	g.whole = true
	if _, err := t.read(); err != nil {
		g.cached, g.whole = g.cached[:0], false
		return err
	}
	g.settle()
	t.in.count(countTimerRefills)
	return nil
}

// read appends the timers from t.key to t.to to the caches of their groups. It
// ends where one is full and there are more, and returns that group.
func (t *timers) read() (full *timerGroup, err error) {
	var g *timerGroup
	var damaged error
	err = t.family.Scan(t.key, t.to, func(key, value []byte) bool {
		var p parts
		if p, damaged = t.split(key); damaged == nil {
			damaged = t.check(p.userKey, value)
		}
		if damaged != nil {
			damaged = fmt.Errorf("entry %q: %w", key, damaged)
			return false
		}
		if g == nil || g.group != p.group {
			g = t.groupOf(p.group)
		}
		if len(g.cached) == t.most {
			g.whole, full = false, g
			return false
		}
		g.cached = append(g.cached, string(key[t.in.keys.groupBytes:]))
		return true
	})
	if err == nil {
		err = damaged
	}
	if err != nil {
		return nil, fmt.Errorf("timers %q: scan: %w", t.meta.Name, err)
	}
	return full, nil
}
