package kv

import (
	"fmt"

	"flinch/backends"
)

// Entries reports what the store holds as it is stored: nothing is decoded.
func (in *instance) Entries(r backends.KeyGroupRange, yield func(backends.Entry) error) error {
	if err := in.unusable(); err != nil {
		return err
	}
	r = r.Intersect(in.params.KeyGroups)
	w := newWalk(in.keys, r, len(in.states))
	w.scan = func(state int, from, to []byte, yield func(key, value []byte) bool) error {
		return in.states[state].family.Scan(from, to, yield)
	}
	x := exporter{yield: yield}
	for group := r.Start; group <= r.End; group++ {
		err := w.group(group, func(state int, key, value []byte) bool {
			x.failed = x.export(&in.states[state].shape, key, value)
			return x.failed == nil
		})
		if x.failed == nil && err == nil {
			x.failed = x.exportTimers()
		}
		if x.failed != nil {
			return x.failed
		}
		if err != nil {
			return fmt.Errorf("entries of key group %d of %s/%d: %w", group, in.params.Operator, in.params.Subtask, err)
		}
	}
	return nil
}

// exporter hands entries to whoever asked for them.
type exporter struct {
	yield  func(backends.Entry) error
	failed error
	entry  backends.Entry // the last one: its strings serve again
	timers heldTimers     // of the queue and group that entries came from last
}

// export reports one stored entry, which is several for a list. Timers wait until
// all of their group are there.
func (x *exporter) export(s *shape, key, value []byte) error {
	if x.timers.of != nil && x.timers.of != s {
		if err := x.exportTimers(); err != nil {
			return err
		}
	}
	p, err := s.split(key)
	if err == nil {
		err = s.check(p.userKey, value)
	}
	if err != nil {
		return fmt.Errorf("state %q: entry %q: %w", s.meta.Name, key, err)
	}
	switch s.meta.Kind {
	case backends.TimerKind:
		x.timers.add(s, p)
		return nil
	case backends.ListKind:
		x.address(s, p)
		return x.exportList(s, value)
	case backends.MapKind:
		value = value[1:]
	}
	x.address(s, p)
	x.entry.Value = value
	return x.yield(x.entry)
}

// address makes the entry one of that state and composite key.
func (x *exporter) address(s *shape, p parts) {
	e := &x.entry
	e.State, e.Group, e.Index = s.meta.Name, p.group, 0
	e.UserKey = string(p.userKey)
	if string(p.key) != e.Key {
		e.Key = string(p.key)
	}
	if ns := namespaceOf(p.namespace); ns != e.Namespace {
		e.Namespace = ns
	}
}

func (x *exporter) exportList(s *shape, value []byte) error {
	index := 0
	for element := range s.elements(value) {
		x.entry.Index, x.entry.Value = index, element
		if err := x.yield(x.entry); err != nil {
			return err
		}
		index++
	}
	return nil
}
