package reference

import (
	"fmt"

	"flinch/backends"
)

// Keys lists the keys of a state that have something in a namespace.
func (in *instance) Keys(name, namespace string, yield func(key string) bool) error {
	if namespace == "" {
		return fmt.Errorf("list the keys of state %q: the namespace is empty", name)
	}
	return in.list(func(at place) bool { return at.state == name && at.namespace == namespace },
		func(at place) bool { return yield(at.key) })
}

// KeysAndNamespaces lists where a state has something.
func (in *instance) KeysAndNamespaces(name string, yield func(key, namespace string) bool) error {
	return in.list(func(at place) bool { return at.state == name },
		func(at place) bool { return yield(at.key, at.namespace) })
}

// list lists places, but those of timers.
func (in *instance) list(wanted, yield func(place) bool) error {
	if in.closed {
		return errClosed
	}
	for _, at := range in.entries.places(func(at place) bool { return wanted(at) && in.metas[at.state].Kind != backends.TimerKind }) {
		if !yield(at) {
			return nil
		}
	}
	return nil
}

// Entries reports everything as it is stored.
func (in *instance) Entries(r backends.KeyGroupRange, yield func(backends.Entry) error) error {
	if in.closed {
		return errClosed
	}
	return in.report(func(at place) bool { return r.Contains(at.group) }, yield)
}

// report reports the entries of places, in canonical order.
func (c contents) report(wanted func(place) bool, yield func(backends.Entry) error) error {
	for _, at := range c.entries.places(wanted) {
		for i, p := range c.entries[at] {
			e := backends.Entry{State: at.state, Group: at.group, Key: at.key, Namespace: at.namespace, UserKey: p.user, Value: p.value}
			if c.metas[at.state].Kind == backends.ListKind {
				e.Index = i
			}
			if err := yield(e); err != nil {
				return err
			}
		}
	}
	return nil
}
