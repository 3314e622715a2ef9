package heap

import (
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
)

// mapState is map state; the table's value is a *userMap. A read copies the whole
// map if a snapshot holds it, since the values handed out are live.
type mapState struct{ *state }

var _ backends.RawMap = mapState{}

// userMap is the user keys and values of one key, at least one.
type userMap struct {
	values map[string]any
	sorted []string // the user keys in order; nil if not known. Maybe shared: it only grows
	change int      // the state's count of changes at this map's last one; copies share it
}

// lastChange tells whether two looks at a map saw the same.
func (m *userMap) lastChange() int {
	if m == nil {
		return noMap
	}
	return m.change
}

// changed notes a change of m and returns the number by which it is known.
func (s *state) changed(m *userMap) int {
	s.changes++
	m.change = s.changes
	return m.change
}

// keys returns the user keys in order, and remembers them.
func (m *userMap) keys() []string {
	if m.sorted == nil {
		m.sorted = make([]string, 0, len(m.values))
		for k := range m.values { //tidy:anyorder sorted below
			m.sorted = append(m.sorted, k)
		}
		slices.Sort(m.sorted)
	}
	return m.sorted
}

// added notes a user key that was just put in. Keys that come in order, as ids and times
// do, need no sorting.
func (m *userMap) added(userKey string) {
	if n := len(m.sorted); n == len(m.values)-1 && (n == 0 || m.sorted[n-1] < userKey) {
		m.sorted = append(m.sorted, userKey)
		return
	}
	m.sorted = nil
}

func (s mapState) Get(userKey string) (any, error) {
	// Most maps that are asked in vain need no copy.
	if has, err := s.Contains(userKey); !has || err != nil {
		return nil, err
	}
	m, err := s.userMap()
	if err != nil {
		return nil, err
	}
	return m.values[userKey], nil
}

func (s mapState) Put(userKey string, v any) error {
	if v == nil {
		return fmt.Errorf("map state %q: put: %w", s.meta.Name, errNil)
	}
	if userKey == "" {
		return fmt.Errorf("map state %q: put: the encoded user key is empty", s.meta.Name)
	}
	m, err := s.userMap()
	switch {
	case err != nil:
		return err
	case m == nil:
		m = &userMap{values: map[string]any{userKey: v}, sorted: []string{userKey}}
		s.changed(m)
		return s.put(m)
	}
	s.changed(m)
	if _, known := m.values[userKey]; !known {
		m.values[userKey] = v
		m.added(userKey)
		return nil
	}
	m.values[userKey] = v
	return nil
}

func (s mapState) Remove(userKey string) error {
	if has, err := s.Contains(userKey); !has || err != nil {
		return err
	}
	m, err := s.userMap()
	if err != nil {
		return err
	}
	s.changed(m)
	if len(m.values) == 1 {
		return s.state.Clear()
	}
	delete(m.values, userKey)
	m.sorted = nil
	return nil
}

func (s mapState) Clear() error {
	if v, err := s.peek(); v != nil && err == nil {
		s.changed(v.(*userMap))
	}
	return s.state.Clear()
}

func (s mapState) Contains(userKey string) (bool, error) {
	v, err := s.peek()
	if v == nil || err != nil {
		return false, err
	}
	_, has := v.(*userMap).values[userKey]
	return has, nil
}

func (s mapState) IsEmpty() (bool, error) {
	v, err := s.peek()
	return v == nil, err
}

func (s mapState) Range(yield func(userKey string, v any) bool) error {
	m, err := s.userMap()
	if m == nil || err != nil {
		return err
	}
	if w := s.sweeper; w != nil {
		at := s.at // s moves on if yield reads other maps of the state
		w.hold(&at)
		defer w.let(&at)
	}
	change := m.change
	for _, k := range m.keys() {
		if !yield(k, m.values[k]) {
			return nil
		}
		if m.change != change {
			return fmt.Errorf("map state %q: %w", s.meta.Name, errChanged)
		}
	}
	return nil
}

var errChanged = errors.New("the map was changed while it was ranged over")

// userMap returns the current key's map, free to be changed, or nil.
func (s mapState) userMap() (*userMap, error) {
	v, err := s.get()
	if v == nil || err != nil {
		return nil, err
	}
	return v.(*userMap), nil
}

type mapLayout struct{}

func (mapLayout) apply(value any, f func(any) (any, error)) (any, error) {
	old := value.(*userMap)
	out := &userMap{values: make(map[string]any, len(old.values)), sorted: slices.Clip(old.keys()), change: old.change}
	// In order, so that a codec sees the same calls in every run.
	for _, k := range out.sorted {
		v, err := f(old.values[k])
		if err != nil {
			return nil, fmt.Errorf("user key %q: %w", k, err)
		}
		out.values[k] = v
	}
	return out, nil
}

func (mapLayout) write(w *backends.ChunkWriter, codec backends.Codec, value any) error {
	m := value.(*userMap)
	w.Uvarint(uint64(len(m.values)))
	for _, k := range m.keys() {
		encoded, err := codec.Encode(m.values[k])
		if err != nil {
			return fmt.Errorf("user key %q: %w", k, err)
		}
		w.String(k)
		w.Blob(encoded)
	}
	return nil
}

func (mapLayout) read(c *backends.Cursor, _ *address, _ int) any {
	n := c.Count()
	if n == 0 {
		c.Fail("a map has no user keys")
	}
	// Room for what is likely: a damaged count must not cost memory.
	m := &userMap{values: make(map[string]any, min(n, 256)), sorted: make([]string, 0, min(n, 256))}
	for range n {
		k := c.String()
		if _, twice := m.values[k]; twice || k == "" {
			c.Fail("user key %q is empty or there twice", k)
		}
		m.values[k] = readElement(c)
		m.added(k)
		if c.Err() != nil {
			break
		}
	}
	return m
}

func (mapLayout) load(old any, e backends.Entry) (any, error) {
	m, _ := old.(*userMap)
	if m == nil {
		m = &userMap{values: make(map[string]any)}
	}
	if _, twice := m.values[e.UserKey]; twice {
		return nil, fmt.Errorf("user key %q: %w", e.UserKey, errTwice)
	}
	m.values[e.UserKey] = e.Value
	m.added(e.UserKey)
	return m, nil
}

func (mapLayout) without(value any, gone func(any) bool) (any, bool) {
	old := value.(*userMap)
	fewer := 0
	for _, v := range old.values { //tidy:anyorder counted
		if gone(v) {
			fewer++
		}
	}
	switch fewer {
	case 0:
		return value, false
	case len(old.values):
		return nil, true
	}
	// Who looks at the map's last change is kept away from it: see sweeper.
	left := &userMap{values: make(map[string]any, len(old.values)-fewer), change: old.change}
	for k, v := range old.values { //tidy:anyorder into another map
		if !gone(v) {
			left.values[k] = v
		}
	}
	return left, true
}

func (mapLayout) entries(base backends.Entry, value any, x exporter) error {
	m := value.(*userMap)
	for _, k := range m.keys() {
		base.UserKey = k
		if err := x.element(base, m.values[k]); err != nil {
			return err
		}
	}
	return nil
}
