package reference

import (
	"fmt"

	"flinch/backends"
)

// iterator goes through a copy of a map's entries.
type iterator struct {
	s      mapState
	at     place
	writes int    // to the map, as far as the iterator knows
	rest   []part // still to come
	key    string // "": at no entry
	value  any
	err    error
}

var _ backends.MapIterator = (*iterator)(nil)

// Next notices changes of others.
func (i *iterator) Next() bool {
	i.key, i.value = "", nil
	if i.err != nil || len(i.rest) == 0 {
		i.rest = nil
		return false
	}
	if i.err = i.check(); i.err != nil {
		return false
	}
	i.key = i.rest[0].user
	if i.value, i.err = i.s.decode(i.rest[0]); i.err != nil {
		i.key = ""
	}
	i.rest = i.rest[1:]
	return i.err == nil
}

func (i *iterator) check() error {
	switch {
	case i.s.in.closed:
		return errClosed
	case i.s.in.writes[i.at] != i.writes:
		return fmt.Errorf("map state %q: %w", i.s.d.Name, errChanged)
	}
	return nil
}

// Key is "" at no entry.
func (i *iterator) Key() string { return i.key }

// Value is nil at no entry.
func (i *iterator) Value() any { return i.value }

// Remove leaves the iterator at no entry.
func (i *iterator) Remove() error {
	if err := i.there(); err != nil {
		return err
	}
	i.s.remove(i.at, i.key)
	i.key, i.value, i.writes = "", nil, i.s.in.writes[i.at]
	return nil
}

// SetValue leaves the iterator where it is.
func (i *iterator) SetValue(v any) error {
	if err := i.there(); err != nil {
		return err
	}
	if err := i.s.put(i.at, i.key, v); err != nil {
		return err
	}
	i.value, i.writes = v, i.s.in.writes[i.at]
	return nil
}

// there tells why there is no entry to change, if so.
func (i *iterator) there() error {
	if i.key == "" {
		return fmt.Errorf("map state %q: %w", i.s.d.Name, errNowhere)
	}
	return i.check()
}

// Err is what ended the iteration early.
func (i *iterator) Err() error { return i.err }

// Close leaves the iterator at no entry, with none to come.
func (i *iterator) Close() { i.key, i.value, i.rest = "", nil, nil }
