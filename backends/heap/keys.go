package heap

import (
	"cmp"
	"fmt"
	"slices"

	"flinch/backends"
)

// Keys sorts one key group at a time.
func (in *instance) Keys(state, namespace string, yield func(key string) bool) error {
	if namespace == "" {
		return fmt.Errorf("list the keys of state %q: the namespace is empty", state)
	}
	wanted := func(e *entry) bool { return e.namespace == namespace }
	return in.list(state, wanted, func(e *entry) bool { return yield(e.key.Encoded) })
}

// KeysAndNamespaces sorts one key group at a time.
func (in *instance) KeysAndNamespaces(state string, yield func(key, namespace string) bool) error {
	return in.list(state, nil, func(e *entry) bool { return yield(e.key.Encoded, e.namespace) })
}

// list calls yield for the entries of a state that are wanted (nil: all), in order,
// until it returns false.
func (in *instance) list(name string, wanted, yield func(*entry) bool) error {
	if in.closed {
		return errClosed
	}
	s := in.byName[name]
	if s == nil || s.meta.Kind == backends.TimerKind {
		return nil
	}
	for _, t := range s.tables.all() {
		for _, e := range t.sorted(wanted) {
			if !yield(e) {
				return nil
			}
		}
	}
	return nil
}

// sorted returns the entries of the table that are wanted (nil: all), in canonical
// order. Nothing is changed.
func (t *table) sorted(wanted func(*entry) bool) []*entry {
	var found []*entry
	if wanted == nil {
		found = t.entries()
	} else {
		for e := range t.all() {
			if wanted(e) {
				found = append(found, e)
			}
		}
	}
	slices.SortFunc(found, compareEntries)
	return found
}

func compareEntries(a, b *entry) int {
	if c := cmp.Compare(a.key.Encoded, b.key.Encoded); c != 0 {
		return c
	}
	if c := cmp.Compare(a.namespace, b.namespace); c != 0 {
		return c
	}
	return cmp.Compare(a.time, b.time)
}
