package model

import (
	"cmp"
	"slices"
	"strings"
)

// Timer is a time that was registered under a key and namespace, both given by
// their indices.
type Timer struct {
	Time      int64
	Key       int
	Namespace int
}

// First returns the timer of a queue, given as an index into Schema.States, that
// fires first: by time, key and namespace. It returns false if there is none.
func (k *Keyed) First(state int) (Timer, bool) {
	spec := &k.layout.schema.States[state]
	var first Timer
	found := false
	for i, b := range k.buckets {
		if b == nil {
			continue
		}
		for _, key := range k.layout.keys[i] {
			at := k.layout.places[key].cell + k.layout.first[state]
			for ns := range spec.Width() {
				times := b.cells[at+ns].words
				if len(times) == 0 || found && times[0] > first.Time {
					continue
				}
				if t := (Timer{times[0], key, ns}); !found || k.earlier(t, first) {
					first, found = t, true
				}
			}
		}
	}
	return first, found
}

func (k *Keyed) earlier(a, b Timer) bool {
	keys := k.layout.schema.Keys
	return cmp.Or(
		cmp.Compare(a.Time, b.Time),
		strings.Compare(keys[a.Key], keys[b.Key]),
		strings.Compare(namespaces[a.Namespace], namespaces[b.Namespace]),
	) < 0
}

// writeTimers tells whether there was something to change.
func (c *cell) writeTimers(op *Op) bool {
	i, found := slices.BinarySearch(c.words, one(op))
	switch {
	case op.Kind == TimerRegister && !found:
		c.words = slices.Insert(slices.Clone(c.words), i, one(op))
		return true
	case op.Kind == TimerDelete && found:
		c.words = slices.Delete(slices.Clone(c.words), i, i+1)
		return true
	}
	return false
}
