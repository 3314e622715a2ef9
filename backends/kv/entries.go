package kv

import (
	"fmt"

	"flinch/backends"
)

// Entries reports what the store holds as it is stored: nothing is decoded.
func (in *instance) Entries(r backends.KeyGroupRange, yield func(backends.Entry) error) error {
	if in.closed {
		return in.errClosed()
	}
	r = r.Intersect(in.params.KeyGroups)
	w := newWalk(in.keys, r, len(in.states))
	w.scan = func(state int, from, to []byte, yield func(key, value []byte) bool) error {
		return in.states[state].family.Scan(from, to, yield)
	}
	x := exporter{keys: in.keys, yield: yield}
	for group := r.Start; group <= r.End; group++ {
		err := w.group(group, func(state int, key, value []byte) bool {
			x.failed = x.export(in.states[state], key, value)
			return x.failed == nil
		})
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
	keys   keyLayout
	yield  func(backends.Entry) error
	failed error
	entry  backends.Entry // the last one: its strings serve again
}

// export reports one stored entry, which is several for a list.
func (x *exporter) export(s *state, key, value []byte) error {
	p, err := x.keys.split(key)
	if err == nil {
		err = s.check(p.userKey, value)
	}
	if err != nil {
		return fmt.Errorf("state %q: entry %q: %w", s.meta.Name, key, err)
	}
	e := &x.entry
	e.State, e.Group, e.Index = s.meta.Name, p.group, 0
	e.UserKey = string(p.userKey)
	if string(p.key) != e.Key {
		e.Key = string(p.key)
	}
	if ns := namespaceOf(p.namespace); ns != e.Namespace {
		e.Namespace = ns
	}
	switch s.meta.Kind {
	case backends.ListKind:
		return x.exportList(s, value)
	case backends.MapKind:
		value = value[1:]
	}
	e.Value = value
	return x.yield(*e)
}

func (x *exporter) exportList(s *state, value []byte) error {
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
