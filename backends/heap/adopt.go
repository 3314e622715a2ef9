package heap

import (
	"fmt"

	"flinch/backends"
)

// adopt makes the state what the job describes, at its first registration. What
// was restored as bytes becomes live values, read by the codec that d evolves from.
func (s *state) adopt(d backends.Descriptor, meta backends.StateMeta) error {
	read, err := d.Evolve(s.meta)
	if err != nil {
		return err
	}
	if s.meta.Kind == backends.TimerKind {
		s.queue = newQueue(&s.tables)
		s.registered = true
		s.in.queries.add(s)
		return nil
	}
	if read == nil {
		read = d.Value
	}
	if err := s.decode(func(v any) (any, error) { return read.Decode(v.([]byte)) }); err != nil {
		return err
	}
	s.use(d.Value)
	for _, t := range s.tables.all() {
		t.copyValue = s.copy
	}
	s.meta, s.initial, s.folding, s.cleanUp, s.registered = meta, d.Default, foldingOf(d), d.CleanUp, true
	s.sweeper = newSweeper(d.CleanUp)
	if d.Queryable {
		s.shared = &shared{codec: d.Value.Duplicate()}
	}
	s.in.queries.add(s)
	return nil
}

// decode replaces the elements of all values, or none if one cannot be decoded.
// Snapshots that are open go on with the old tables.
func (s *state) decode(decode func(any) (any, error)) error {
	decoded := make([][]any, 0, s.tables.count)
	for group, t := range s.tables.all() {
		values := make([]any, 0, t.size)
		for e := range t.all() {
			value, err := s.layout.apply(e.value, decode)
			if err != nil {
				return fmt.Errorf("key group %d, key %q: %w", s.in.params.KeyGroups.Start+group, e.key.Encoded, err)
			}
			values = append(values, value)
		}
		decoded = append(decoded, values)
	}
	for group, t := range s.tables.all() {
		s.tables.put(group, t.with(decoded[0]))
		decoded = decoded[1:]
	}
	return nil
}

// with returns the table with other values, which stand in the order of its
// entries. If snapshots share the table, it is another one.
func (t *table) with(values []any) *table {
	out := t
	if len(t.open) > 0 {
		out = newTable(len(t.buckets), nil)
	}
	i := 0
	for e := range t.all() {
		if out == t {
			e.value = values[i]
		} else {
			out.put(&e.address, values[i])
		}
		i++
	}
	return out
}
