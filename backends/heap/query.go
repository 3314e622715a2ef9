package heap

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"flinch/backends"
)

// queries is where other goroutines find the states of an instance. They never
// look at the instance's own fields, which are the task's.
type queries struct {
	mu     sync.Mutex
	closed bool
	states map[string]*state // that the job has registered
}

// shared is what a queryable state has beside. Whoever holds the lock may read the
// tables, and the task changes them, and the values in them, under it alone. What
// the task does without the lock (listings, both phases of snapshots) changes
// neither.
type shared struct {
	sync.Mutex
	codec backends.Codec // of queries alone
}

var (
	errNotRegistered = errors.New("the job has not registered it")
	errNotQueryable  = errors.New("its descriptor does not say that it is queryable")
)

func (q *queries) add(s *state) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.states == nil {
		q.states = make(map[string]*state)
	}
	q.states[s.meta.Name] = s
}

func (q *queries) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.states = true, nil
}

// find returns a queryable state.
func (q *queries) find(name string) (*state, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.states[name]
	switch {
	case q.closed:
		return nil, errClosed
	case s == nil:
		return nil, errNotRegistered
	case s.shared == nil:
		return nil, errNotQueryable
	}
	return s, nil
}

// Query may be called by any goroutine.
func (in *instance) Query(state string, key backends.Key, namespace string) ([]backends.Entry, error) {
	s, err := in.queries.find(state)
	if err == nil {
		var found []backends.Entry
		if found, err = s.query(key, namespace); err == nil {
			return found, nil
		}
	}
	return nil, fmt.Errorf("query state %q of %s/%d: %w", state, in.params.Operator, in.params.Subtask, err)
}

func (s *state) query(key backends.Key, namespace string) (found []backends.Entry, err error) {
	params := &s.in.params
	group := backends.KeyGroup(key.Hash, params.MaxParallelism)
	switch {
	case key.Encoded == "" || namespace == "":
		return nil, fmt.Errorf("key %q and namespace %q: neither may be empty", key.Encoded, namespace)
	case !params.KeyGroups.Contains(group):
		return nil, fmt.Errorf("key %q: its key group %d is not within %s", key.Encoded, group, params.KeyGroups)
	}
	s.shared.Lock()
	defer s.shared.Unlock()
	t := s.of(group)
	if t == nil {
		return nil, nil
	}
	at := addressOf(key, namespace)
	value := t.peek(&at)
	if value == nil {
		return nil, nil
	}
	if m, ok := value.(*userMap); ok && s.meta.Kind == backends.MapKind {
		value = &userMap{values: m.values} // the order of m's keys is the task's to find
	}
	x := exporter{codec: s.shared.codec, yield: func(e backends.Entry) error {
		e.Value = bytes.Clone(e.Value)
		found = append(found, e)
		return nil
	}}
	base := backends.Entry{State: s.meta.Name, Group: group, Key: key.Encoded, Namespace: namespace}
	return found, s.layout.entries(base, value, x)
}
