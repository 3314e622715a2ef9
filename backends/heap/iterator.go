package heap

import (
	"errors"
	"fmt"

	"flinch/backends"
)

// mapIterator goes through the user keys that its map had at the beginning. It
// looks the map up at each step: a snapshot may have frozen it meanwhile, and only
// a copy may be handed out and changed then.
type mapIterator struct {
	state  *state
	group  int
	at     address
	change int      // the map's last change, by the iterator itself maybe; noMap: there is none
	left   []string // user keys that are to come

	key    string // "": there is no current entry
	value  any
	closed bool
	err    error
}

var _ backends.MapIterator = (*mapIterator)(nil)

// noMap stands for the last change of a map that is not there.
const noMap = -1

func (s mapState) Iterator() (backends.MapIterator, error) {
	it, err := s.iterator()
	if err != nil {
		return nil, err // no nil *mapIterator
	}
	return it, nil
}

func (s mapState) iterator() (*mapIterator, error) {
	m, err := s.userMap()
	if err != nil {
		return nil, err
	}
	if _, err := s.locate(); err != nil {
		return nil, err
	}
	it := &mapIterator{state: s.state, group: s.in.group, at: s.at, change: noMap}
	if m != nil {
		it.change, it.left = m.change, m.keys()
		s.sweeper.hold(&it.at)
	}
	return it, nil
}

func (it *mapIterator) Next() bool {
	it.key, it.value = "", nil
	if it.closed {
		return false
	}
	m, err := it.userMap()
	if err != nil {
		it.end(err)
		return false
	}
	if len(it.left) == 0 {
		it.Close()
		return false
	}
	it.key, it.left = it.left[0], it.left[1:]
	it.value = m.values[it.key]
	return true
}

func (it *mapIterator) Key() string { return it.key }
func (it *mapIterator) Value() any  { return it.value }

func (it *mapIterator) Remove() error {
	m, err := it.current("remove")
	if err != nil {
		return err
	}
	it.change = it.state.changed(m)
	if len(m.values) == 1 {
		it.table().remove(&it.at)
		it.change = noMap
	} else {
		delete(m.values, it.key)
		m.sorted = nil
	}
	it.key, it.value = "", nil
	return nil
}

func (it *mapIterator) SetValue(v any) error {
	if v == nil {
		return it.failed("set value", errNil)
	}
	m, err := it.current("set value")
	if err != nil {
		return err
	}
	m.values[it.key], it.value = v, v
	it.change = it.state.changed(m)
	return nil
}

func (it *mapIterator) Err() error { return it.err }

func (it *mapIterator) Close() {
	it.key, it.value, it.left, it.closed = "", nil, nil, true
	it.state.sweeper.let(&it.at)
}

// end closes the iterator because of err.
func (it *mapIterator) end(err error) {
	it.Close()
	it.err = err
}

// current returns the map for a change of the current entry.
func (it *mapIterator) current(what string) (*userMap, error) {
	if it.key == "" && !it.state.in.closed {
		return nil, it.failed(what, errNoEntry)
	}
	m, err := it.userMap()
	if err != nil {
		it.end(err)
	}
	return m, err
}

// userMap returns the map, free to be changed; nil if there is none. Somebody
// else's change is an error.
func (it *mapIterator) userMap() (*userMap, error) {
	if it.state.in.closed {
		return nil, errClosed
	}
	var v any
	if t := it.table(); t != nil {
		var err error
		if v, err = t.get(&it.at); err != nil {
			return nil, it.state.notCopied(err)
		}
	}
	m, _ := v.(*userMap)
	if change := m.lastChange(); change != it.change {
		return nil, it.failed("iterate", errChanged)
	}
	return m, nil
}

func (it *mapIterator) table() *table {
	return it.state.of(it.group)
}

func (it *mapIterator) failed(what string, err error) error {
	return fmt.Errorf("map state %q: %s: %w", it.state.meta.Name, what, err)
}

var errNoEntry = errors.New("the iterator is at no entry")
