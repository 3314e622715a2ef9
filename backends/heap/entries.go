package heap

import (
	"cmp"
	"fmt"
	"slices"

	"flinch/backends"
)

// exporter hands entries to whoever asked for them, encoded by a codec that is
// not the table's own: its scratch memory may be lent out.
type exporter struct {
	codec backends.Codec
	yield func(backends.Entry) error
}

func (x exporter) element(e backends.Entry, v any) error {
	encoded, err := x.codec.Encode(v)
	if err != nil {
		return fmt.Errorf("state %q, key group %d, key %q: %w", e.State, e.Group, e.Key, err)
	}
	e.Value = encoded
	return x.yield(e)
}

func (in *instance) Entries(r backends.KeyGroupRange, yield func(backends.Entry) error) error {
	if in.closed {
		return errClosed
	}
	states := slices.SortedFunc(slices.Values(in.states), func(a, b *state) int { return cmp.Compare(a.meta.Name, b.meta.Name) })
	exporters := make([]exporter, len(states))
	for i, s := range states {
		exporters[i] = exporter{codec: s.codec.Duplicate(), yield: yield}
	}
	r = r.Intersect(in.params.KeyGroups)
	for group := range occupied(states) {
		if group += in.params.KeyGroups.Start; !r.Contains(group) {
			continue
		}
		for i, s := range states {
			if err := s.entries(group, exporters[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// entries reports one key group of the state in order.
func (s *state) entries(group int, x exporter) error {
	t := s.of(group)
	if t == nil {
		return nil
	}
	for _, e := range t.sorted(nil) {
		base := backends.Entry{State: s.meta.Name, Group: group, Key: e.key.Encoded, Namespace: e.namespace}
		if err := s.layout.entries(base, e.value, x); err != nil {
			return err
		}
	}
	return nil
}
