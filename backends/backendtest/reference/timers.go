package reference

import (
	"slices"

	"flinch/backends"
)

// timers is a queue. Its timers are parts without a value, under their times.
type timers struct{ *state }

var _ backends.RawTimers = timers{}

// Register adds a timer of the current key.
func (s timers) Register(time int64, namespace string) (bool, error) {
	at, err := s.here(namespace)
	if err != nil {
		return false, err
	}
	user := backends.TimeKey(time)
	i, found := find(s.in.entries[at], user)
	if !found {
		s.set(at, slices.Insert(slices.Clone(s.in.entries[at]), i, part{user: user}))
	}
	return !found, nil
}

// Delete removes a timer of the current key.
func (s timers) Delete(time int64, namespace string) (bool, error) {
	at, err := s.here(namespace)
	if err != nil {
		return false, err
	}
	return s.remove(at, backends.TimeKey(time)), nil
}

// Peek looks at all timers.
func (s timers) Peek() (backends.Timer, bool, error) {
	if s.in.closed {
		return backends.Timer{}, false, errClosed
	}
	var first backends.Timer
	found := false
	for at, parts := range s.in.entries { //tidy:anyorder the least of all
		if at.state != s.d.Name {
			continue
		}
		time, err := backends.TimeOfKey(parts[0].user)
		if err != nil {
			return backends.Timer{}, false, err
		}
		t := backends.Timer{Time: time, Key: at.key, Group: at.group, Namespace: at.namespace}
		if !found || t.Compare(first) < 0 {
			first, found = t, true
		}
	}
	return first, found, nil
}

// Poll removes what Peek found.
func (s timers) Poll() (backends.Timer, bool, error) {
	t, found, err := s.Peek()
	if found {
		s.remove(place{group: t.Group, state: s.d.Name, key: t.Key, namespace: t.Namespace}, backends.TimeKey(t.Time))
	}
	return t, found, err
}
