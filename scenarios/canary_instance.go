package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"flinch/backends"
)

// canaryInstance is the state of one subtask on a Canary. It knows the current
// key and the states, so that it can take an entry out and put it back.
type canaryInstance struct {
	backends.Keyed
	c       *Canary
	p       backends.KeyedParams
	key     backends.Key
	states  map[string]*canaryState
	waiting []*latePending // whose snapshot is not taken yet
}

// canaryState is one state of an instance. Of value, list and all, one is set.
type canaryState struct {
	codec     backends.Codec
	namespace string
	value     backends.RawValue
	list      backends.RawList
	all       backends.RawMap
}

// SetCurrentKey remembers the key: an entry tells no more than its encoded form.
func (in *canaryInstance) SetCurrentKey(k backends.Key) error {
	if err := in.Keyed.SetCurrentKey(k); err != nil {
		return err
	}
	in.key = k
	in.c.keys[k.Encoded] = k
	return nil
}

func (in *canaryInstance) state(d backends.Descriptor) *canaryState {
	s := in.states[d.Name]
	if s == nil {
		s = &canaryState{codec: d.Value.Duplicate(), namespace: backends.VoidNamespace}
		in.states[d.Name] = s
	}
	return s
}

// Value returns a state whose namespace is known.
func (in *canaryInstance) Value(d backends.Descriptor) (backends.RawValue, error) {
	v, err := in.Keyed.Value(d)
	if err != nil {
		return nil, err
	}
	s := in.state(d)
	s.value = v
	return canaryValue{v, s}, nil
}

// List returns a state whose namespace is known.
func (in *canaryInstance) List(d backends.Descriptor) (backends.RawList, error) {
	l, err := in.Keyed.List(d)
	if err != nil {
		return nil, err
	}
	s := in.state(d)
	s.list = l
	return canaryList{l, s}, nil
}

// Map returns a state whose namespace is known.
func (in *canaryInstance) Map(d backends.Descriptor) (backends.RawMap, error) {
	m, err := in.Keyed.Map(d)
	if err != nil {
		return nil, err
	}
	s := in.state(d)
	s.all = m
	return canaryMap{m, s}, nil
}

type canaryValue struct {
	backends.RawValue
	s *canaryState
}

// SetNamespace remembers the namespace.
func (v canaryValue) SetNamespace(ns string) {
	v.s.namespace = ns
	v.RawValue.SetNamespace(ns)
}

type canaryList struct {
	backends.RawList
	s *canaryState
}

// SetNamespace remembers the namespace.
func (l canaryList) SetNamespace(ns string) {
	l.s.namespace = ns
	l.RawList.SetNamespace(ns)
}

type canaryMap struct {
	backends.RawMap
	s *canaryState
}

// SetNamespace remembers the namespace.
func (m canaryMap) SetNamespace(ns string) {
	m.s.namespace = ns
	m.RawMap.SetNamespace(ns)
}

// Snapshot is what the canary breaks.
func (in *canaryInstance) Snapshot(id backends.CheckpointID, o backends.SnapshotOptions) (backends.Pending, error) {
	if in.c.way == late {
		return in.snapshotLater(id, o)
	}
	return in.snapshotWithout(id, o)
}

// snapshotWithout takes the snapshot while one entry is away, unless an instance
// beside this one has lost an entry of the checkpoint already.
func (in *canaryInstance) snapshotWithout(id backends.CheckpointID, o backends.SnapshotOptions) (backends.Pending, error) {
	at := harm{in.p.Operator, id}
	if in.c.harmed[at] != nil {
		return in.Keyed.Snapshot(id, o)
	}
	victim, found, err := in.victim()
	switch {
	case err != nil:
		return nil, err
	case !found:
		return in.Keyed.Snapshot(id, o)
	}
	putBack, err := in.takeOut(victim)
	if err != nil {
		return nil, fmt.Errorf("canary: take %s out: %w", victim.State, err)
	}
	pending, err := in.Keyed.Snapshot(id, o)
	if lost := putBack(); lost != nil {
		if err == nil {
			err = pending.Discard()
		}
		return nil, fmt.Errorf("canary: put %s back: %w", victim.State, errors.Join(lost, err, backends.ErrBroken))
	}
	if err != nil {
		return nil, err
	}
	in.c.harmed[at] = []int{victim.Group}
	return pending, nil
}

// victim draws one of the entries that can be taken out.
func (in *canaryInstance) victim() (backends.Entry, bool, error) {
	var all []backends.Entry
	err := in.Entries(in.p.KeyGroups, func(e backends.Entry) error {
		_, known := in.c.keys[e.Key]
		if known && in.states[e.State] != nil && e.Index == 0 {
			// Nothing says that the strings outlive the call: they are cloned.
			all = append(all, backends.Entry{
				State: strings.Clone(e.State), Group: e.Group, Key: strings.Clone(e.Key),
				Namespace: strings.Clone(e.Namespace), UserKey: strings.Clone(e.UserKey),
			})
		}
		return nil
	})
	if err != nil || len(all) == 0 {
		return backends.Entry{}, false, err
	}
	return all[in.c.draws.Uint64N("victim", uint64(len(all)))], true, nil
}

// takeOut removes an entry, and returns what puts it back and leaves the current
// key and the namespace as they were.
func (in *canaryInstance) takeOut(e backends.Entry) (putBack func() error, err error) {
	key, s := in.key, in.states[e.State]
	namespace := s.namespace
	if err := in.Keyed.SetCurrentKey(in.c.keys[e.Key]); err != nil {
		return nil, err
	}
	s.setNamespace(e.Namespace)
	write, err := s.remove(e.UserKey)
	if err != nil {
		return nil, err
	}
	return func() error {
		err := write()
		s.setNamespace(namespace)
		if key.Encoded != "" {
			err = errors.Join(err, in.Keyed.SetCurrentKey(key))
		}
		return err
	}, nil
}

func (s *canaryState) setNamespace(ns string) {
	switch {
	case s.value != nil:
		s.value.SetNamespace(ns)
	case s.list != nil:
		s.list.SetNamespace(ns)
	default:
		s.all.SetNamespace(ns)
	}
}

// remove takes out what stands under the current key, and returns what writes it
// again. A list goes as a whole.
func (s *canaryState) remove(userKey string) (write func() error, err error) {
	switch {
	case s.value != nil:
		v, err := s.copied(s.value.Get())
		if err != nil {
			return nil, err
		}
		return func() error { return s.value.Update(v) }, s.value.Clear()
	case s.list != nil:
		list, err := s.copiedList()
		if err != nil {
			return nil, err
		}
		return func() error { return s.list.Update(list) }, s.list.Clear()
	}
	v, err := s.copied(s.all.Get(userKey))
	if err != nil {
		return nil, err
	}
	return func() error { return s.all.Put(userKey, v) }, s.all.Remove(userKey)
}

// copied copies a value that was lent.
func (s *canaryState) copied(v any, err error) (any, error) {
	if err != nil || v == nil {
		return nil, err
	}
	return s.codec.Copy(v)
}

func (s *canaryState) copiedList() ([]any, error) {
	lent, err := s.list.Get()
	if err != nil {
		return nil, err
	}
	list := make([]any, len(lent))
	for i, v := range lent {
		if list[i], err = s.codec.Copy(v); err != nil {
			return nil, err
		}
	}
	return list, nil
}
