package ttl

import "flinch/backends"

// mapState is map state of stamped values.
type mapState struct {
	backends.RawMap
	clock *clock
	open  *int // iterators that are under way
}

var _ backends.RawMap = (*mapState)(nil)

// Get leaves what it finds as it is while the map is gone through.
func (s *mapState) Get(userKey string) (any, error) {
	v, err := s.RawMap.Get(userKey)
	if v == nil || err != nil {
		return nil, err
	}
	found := v.(*stamped)
	switch expired := s.clock.expired(found); {
	case *s.open > 0:
		if expired && !s.clock.shows {
			return nil, nil
		}
	case expired:
		if err := s.Remove(userKey); err != nil || !s.clock.shows {
			return nil, err
		}
	case s.clock.touches:
		found.at = s.clock.now()
		if err := s.RawMap.Put(userKey, found); err != nil {
			return nil, err
		}
	}
	return found.value, nil
}

func (s *mapState) Put(userKey string, v any) error {
	if v == nil {
		return s.RawMap.Put(userKey, nil)
	}
	return s.RawMap.Put(userKey, s.clock.stamp(v))
}

// Contains is Get that does not tell the value.
func (s *mapState) Contains(userKey string) (bool, error) {
	v, err := s.Get(userKey)
	return v != nil, err
}

// Range is Iterator to the end: reading may drop and stamp what it passes.
func (s *mapState) Range(yield func(userKey string, v any) bool) error {
	all, err := s.Iterator()
	if err != nil {
		return err
	}
	for all.Next() && yield(all.Key(), all.Value()) {
	}
	all.Close()
	return all.Err()
}

func (s *mapState) Iterator() (backends.MapIterator, error) {
	raw, err := s.RawMap.Iterator()
	if err != nil {
		return nil, err
	}
	*s.open++
	return &iterator{MapIterator: raw, clock: s.clock, open: s.open}, nil
}

// iterator passes over entries that have expired, and drops them; or shows them
// once more, and drops them when it goes on. Beside another one it changes nothing.
type iterator struct {
	backends.MapIterator
	clock *clock
	open  *int // nil: this one is not under way any more
	stale bool // the entry that Next went to has expired, and is there still
	err   error
}

func (i *iterator) Next() bool {
	i.drop()
	for i.err == nil && i.MapIterator.Next() {
		if i.show(i.MapIterator.Value().(*stamped)) {
			return true
		}
	}
	i.end()
	return false
}

// show tells whether an entry is seen, and drops or stamps it.
func (i *iterator) show(found *stamped) bool {
	expired, alone := i.clock.expired(found), i.alone()
	switch {
	case expired && i.clock.shows:
		i.stale = true
		return true
	case expired && alone:
		i.err = i.MapIterator.Remove()
	case !expired && alone && i.clock.touches:
		found.at = i.clock.now()
		i.err = i.MapIterator.SetValue(found)
	}
	return !expired && i.err == nil
}

// alone tells whether a change would surprise no other iterator.
func (i *iterator) alone() bool { return i.open != nil && *i.open == 1 }

// drop removes the entry that was shown for the last time.
func (i *iterator) drop() {
	if i.stale && i.alone() {
		i.err = i.MapIterator.Remove()
	}
	i.stale = false
}

// end leaves the map to others.
func (i *iterator) end() {
	if i.open != nil {
		*i.open--
		i.open = nil
	}
}

func (i *iterator) Value() any {
	if v := i.MapIterator.Value(); v != nil {
		return v.(*stamped).value
	}
	return nil
}

func (i *iterator) Remove() error {
	i.stale = false
	return i.MapIterator.Remove()
}

func (i *iterator) SetValue(v any) error {
	if v == nil {
		return i.MapIterator.SetValue(nil)
	}
	i.stale = false
	return i.MapIterator.SetValue(i.clock.stamp(v))
}

func (i *iterator) Err() error {
	if i.err != nil {
		return i.err
	}
	return i.MapIterator.Err()
}

func (i *iterator) Close() {
	i.drop()
	i.MapIterator.Close()
	i.end()
}
