package heap

import (
	"errors"
	"fmt"

	"flinch/backends"
)

// layout is what the kinds of state differ in: how a table's value is made of
// elements, which the codec is for.
type layout interface {
	// apply returns a new value whose elements are f of the old ones.
	apply(value any, f func(any) (any, error)) (any, error)
	write(w *backends.ChunkWriter, codec backends.Codec, value any) error
	// read returns a value whose elements are encoded bytes, lent from the cursor. It
	// completes the address if the rest of it is part of the value.
	read(c *backends.Cursor, at *address, group int) any
	// load returns the value with an entry of a savepoint taken in: an encoded value
	// that is lent for good. old is nil at the first entry, else it may be changed.
	load(old any, e backends.Entry) (any, error)
	// without returns what is left of the value without the elements that are gone,
	// nil if none is, and whether any is. The value stays as it is, and shares the
	// elements that are left.
	without(value any, gone func(any) bool) (left any, fewer bool)
	// entries completes base for each element of the value.
	entries(base backends.Entry, value any, x exporter) error
}

var layouts = [...]layout{
	backends.ValueKind:       valueLayout{},
	backends.ListKind:        listLayout{},
	backends.MapKind:         mapLayout{},
	backends.ReducingKind:    valueLayout{},
	backends.AggregatingKind: valueLayout{},
	backends.TimerKind:       timerLayout{},
}

// state is one named state: a table for each key group that has had an entry.
type state struct {
	in     *instance
	meta   backends.StateMeta
	layout layout
	codec  backends.Codec // asStored until the job registers the state
	copy   func(any) (any, error)
	tables directory

	registered bool    // by the job: what follows is of its first descriptor
	initial    any     // value state: its default, or nil
	folding    folding // reducing and aggregating state
	cleanUp    *backends.CleanUp
	sweeper    *sweeper // nil: nothing is dropped at accesses
	shared     *shared  // nil: the task alone sees the state
	queue      queue    // timers: all that are in the tables
	changes    int      // map state: how many changes its maps have seen

	at            address // scratch of the access under way; the namespace lasts
	namespaceHash uint32
}

func newState(in *instance, meta backends.StateMeta) *state {
	s := &state{in: in, meta: meta, layout: layouts[meta.Kind], tables: newDirectory(in.params.KeyGroups.Len())}
	s.use(asStored{id: meta.Codec})
	s.SetNamespace(backends.VoidNamespace)
	return s
}

// use makes codec the one of the live values.
func (s *state) use(codec backends.Codec) {
	s.codec = codec
	s.copy = func(v any) (any, error) { return s.layout.apply(v, codec.Copy) }
}

// SetNamespace chooses the namespace of the calls that follow.
func (s *state) SetNamespace(ns string) {
	s.at.namespace, s.namespaceHash = ns, hashString(ns)
}

// locate points s.at at the current key and returns its table, which is nil if
// the key group has none yet. Every access begins here, and some come twice.
func (s *state) locate() (*table, error) {
	in := s.in
	if !in.hasKey || s.at.namespace == "" {
		return nil, s.nowhere()
	}
	s.at.key = in.key
	s.at.hash = backends.BitMix(uint32(in.key.Hash) ^ s.namespaceHash)
	if s.sweeper != nil {
		s.sweep()
	}
	return s.current(), nil
}

// current returns the table of the current key, which is nil if its key group has
// none yet.
func (s *state) current() *table { return s.of(s.in.group) }

// of returns the table of a group, or nil.
func (s *state) of(group int) *table { return s.tables.at(group - s.in.params.KeyGroups.Start) }

// nowhere says why there is no current entry to go to.
func (s *state) nowhere() error {
	switch {
	case s.in.closed:
		return errClosed
	case !s.in.hasKey:
		return fmt.Errorf("state %q of %s: no current key is set", s.meta.Name, s.in.params.Operator)
	}
	return fmt.Errorf("state %q of %s: the namespace is empty", s.meta.Name, s.in.params.Operator)
}

// get returns the value of the current key, free to be changed, or nil.
func (s *state) get() (any, error) {
	t, err := s.locate()
	if t == nil || err != nil {
		return nil, err
	}
	v, err := t.get(&s.at)
	if err != nil {
		return nil, s.notCopied(err)
	}
	return v, nil
}

// notCopied says that a value which a snapshot holds could not be copied.
func (s *state) notCopied(err error) error {
	return fmt.Errorf("state %q: copy for a snapshot: %w", s.meta.Name, err)
}

// peek returns the value of the current key, not to be handed out, or nil.
func (s *state) peek() (any, error) {
	t, err := s.locate()
	if t == nil || err != nil {
		return nil, err
	}
	return t.peek(&s.at), nil
}

func (s *state) put(value any) error {
	if _, err := s.locate(); err != nil {
		return err
	}
	s.table(s.in.group).put(&s.at, value)
	return nil
}

// Clear removes the entry of the current key.
func (s *state) Clear() error {
	t, err := s.locate()
	if t != nil {
		t.remove(&s.at)
	}
	return err
}

// table returns the table of a group, which it makes if need be.
func (s *state) table(group int) *table {
	t := s.of(group)
	if t == nil {
		t = newTable(s.in.capacity, s.copy)
		s.tables.put(group-s.in.params.KeyGroups.Start, t)
	}
	return t
}

var errNil = errors.New("nil cannot be stored")

// hashString is FNV-1a.
func hashString(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// asStored is the codec of restored states that the job has not registered:
// their live values are the bytes. Nobody can reach them to change them.
type asStored struct{ id backends.CodecID }

func (c asStored) ID() backends.CodecID           { return c.id }
func (c asStored) Encode(v any) ([]byte, error)   { return v.([]byte), nil }
func (c asStored) Decode(src []byte) (any, error) { return append([]byte(nil), src...), nil }
func (c asStored) Copy(v any) (any, error)        { return v, nil }
func (c asStored) Duplicate() backends.Codec      { return c }
