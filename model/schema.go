package model

import (
	"cmp"
	"slices"
	"strings"
)

// Schema is what the shadows of one keyed operator have in common: the keys of
// the case, distinct, and the operator's states, of distinct names. It must not
// change once a shadow was made from it. Not for concurrent use.
type Schema struct {
	Keys           []string
	States         []StateSpec
	MaxParallelism int

	cached *layout
}

// layout says where the cells of each key are. A bucket holds the keys of one
// key group; only groups that some key falls into have one. Buckets stand by
// rising group and, within them, keys by rising text, so that listing a shadow
// needs no sorting.
type layout struct {
	groups []int   // by bucket: its key group
	keys   [][]int // by bucket: its keys, as indices into Schema.Keys
	places []place // by key
	states []int   // the states by rising name
	first  []int   // by state: its first cell among those of a key
	width  int     // how many cells a key has
	schema *Schema
}

// place is where a key's cells are: its bucket, and the first cell therein. The
// cells of its states follow each other, those of a state's namespaces too.
type place struct {
	bucket, cell, group int
}

func (s *Schema) layout() *layout {
	if s.cached == nil {
		s.cached = newLayout(s)
	}
	return s.cached
}

func newLayout(s *Schema) *layout {
	l := &layout{schema: s, places: make([]place, len(s.Keys)), states: indices(len(s.States))}
	slices.SortFunc(l.states, func(a, b int) int { return strings.Compare(s.States[a].Name, s.States[b].Name) })
	l.first = make([]int, len(s.States))
	for i := range s.States {
		l.first[i] = l.width
		l.width += s.States[i].Width()
	}
	for key, text := range s.Keys {
		l.places[key].group = KeyGroup(JavaHash(text), s.MaxParallelism)
	}
	order := indices(len(s.Keys))
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(l.places[a].group, l.places[b].group), strings.Compare(s.Keys[a], s.Keys[b]))
	})
	for _, key := range order {
		p := &l.places[key]
		if len(l.groups) == 0 || l.groups[len(l.groups)-1] != p.group {
			l.groups, l.keys = append(l.groups, p.group), append(l.keys, nil)
		}
		p.bucket = len(l.groups) - 1
		p.cell = len(l.keys[p.bucket]) * l.width
		l.keys[p.bucket] = append(l.keys[p.bucket], key)
	}
	return l
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
