package reference

import (
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
)

type mapState struct{ *state }

var _ backends.RawMap = mapState{}

// Get returns a new value each time.
func (s mapState) Get(userKey string) (any, error) {
	at, err := s.here(s.namespace)
	if err != nil {
		return nil, err
	}
	if i, found := find(s.in.entries[at], userKey); found {
		return s.decode(s.in.entries[at][i])
	}
	return nil, nil
}

// Contains tells whether there is an entry.
func (s mapState) Contains(userKey string) (bool, error) {
	at, err := s.here(s.namespace)
	_, found := find(s.in.entries[at], userKey)
	return found, err
}

// IsEmpty tells whether there is none.
func (s mapState) IsEmpty() (bool, error) {
	at, err := s.here(s.namespace)
	return len(s.in.entries[at]) == 0, err
}

// Put adds or replaces an entry.
func (s mapState) Put(userKey string, v any) error {
	at, err := s.here(s.namespace)
	if err != nil {
		return err
	}
	if userKey == "" {
		return fmt.Errorf("map state %q: put: the encoded user key is empty", s.d.Name)
	}
	return s.put(at, userKey, v)
}

func (s mapState) put(at place, userKey string, v any) error {
	encoded, err := s.encode(v)
	if err != nil {
		return err
	}
	parts := slices.Clone(s.in.entries[at])
	i, found := find(parts, userKey)
	if !found {
		parts = slices.Insert(parts, i, part{})
	}
	parts[i] = part{user: userKey, value: encoded}
	s.set(at, parts)
	return nil
}

// Remove removes an entry, if it is there.
func (s mapState) Remove(userKey string) error {
	at, err := s.here(s.namespace)
	if err == nil {
		s.remove(at, userKey)
	}
	return err
}

func (s *state) remove(at place, user string) bool {
	i, found := find(s.in.entries[at], user)
	if found {
		s.set(at, slices.Delete(slices.Clone(s.in.entries[at]), i, i+1))
	}
	return found
}

// Range is a loop over an iterator.
func (s mapState) Range(yield func(userKey string, v any) bool) error {
	i, err := s.Iterator()
	if err != nil {
		return err
	}
	defer i.Close()
	for i.Next() && yield(i.Key(), i.Value()) {
	}
	return i.Err()
}

// Iterator goes through the entries that are there now.
func (s mapState) Iterator() (backends.MapIterator, error) {
	at, err := s.here(s.namespace)
	if err != nil {
		return nil, err
	}
	return &iterator{s: s, at: at, writes: s.in.writes[at], rest: slices.Clone(s.in.entries[at])}, nil
}

var (
	errChanged = errors.New("the map was changed while it was ranged over")
	errNowhere = errors.New("the iterator is at no entry")
)
