package kv

import "flinch/backends"

// walk visits entries in canonical order: by key group, state, composite key. The
// states are those of a store or of a view, by their index in the order of names.
type walk struct {
	keys   keyLayout
	groups backends.KeyGroupRange
	scan   func(state int, from, to []byte, yield func(key, value []byte) bool) error
	// next says for each state in which group at the earliest its next entry is:
	// scans look on to there, so that empty groups cost nothing.
	next     []int
	from, to []byte
}

func newWalk(keys keyLayout, groups backends.KeyGroupRange, states int) *walk {
	return &walk{keys: keys, groups: groups, next: make([]int, states)}
}

// group visits the entries of one group, until visit returns false. Groups must
// come in their order. Keys and values are lent during the visit.
func (w *walk) group(group int, visit func(state int, key, value []byte) bool) error {
	for state := range w.next {
		if w.next[state] > group {
			continue
		}
		more, err := w.state(group, state, visit)
		if !more || err != nil {
			return err
		}
	}
	return nil
}

// state visits the entries of one state in a group, and tells whether the visitor
// wants more.
func (w *walk) state(group, state int, visit func(state int, key, value []byte) bool) (more bool, err error) {
	w.from = w.keys.appendGroup(w.from[:0], group)
	w.to = w.keys.appendGroup(w.to[:0], w.groups.End+1)
	next := w.groups.End + 1
	more = true
	var damaged error
	err = w.scan(state, w.from, w.to, func(key, value []byte) bool {
		found, err := w.keys.group(key)
		switch {
		case err != nil:
			damaged = err
			return false
		case found != group:
			next = found
			return false
		}
		more = visit(state, key, value)
		return more
	})
	if err == nil {
		err = damaged
	}
	w.next[state] = next
	return more, err
}
