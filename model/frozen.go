package model

import (
	"cmp"
	"slices"
)

// voidNamespace is the namespace of plain keyed state.
const voidNamespace = "\x00"

// Frozen is the state of a shadow at one moment. It never changes. Not for
// concurrent use: it remembers what it was asked.
type Frozen struct {
	layout  *layout
	buckets []*bucket
	entries []Entry // nil: not listed yet
}

// Has tells whether there is any entry under a key, given as an index into
// Schema.Keys.
func (f *Frozen) Has(key int) bool {
	p := &f.layout.places[key]
	b := f.buckets[p.bucket]
	if b == nil {
		return false
	}
	cells := b.cells[p.cell : p.cell+len(f.layout.states)]
	return slices.ContainsFunc(cells, func(c cell) bool { return !c.empty() })
}

// Entries appends all entries, sorted by Compare. An absent value, an empty list
// and an empty map have none. They are listed once and kept.
func (f *Frozen) Entries(dst []Entry) []Entry {
	if f.entries == nil {
		f.entries = f.list()
	}
	return append(dst, f.entries...)
}

func (f *Frozen) list() []Entry {
	l := lister{entries: []Entry{}}
	for _, state := range f.layout.states {
		for i, b := range f.buckets {
			if b != nil {
				l.bucket(f.layout, i, b, state)
			}
		}
	}
	return l.finish()
}

// lister writes the bytes of all entries into one buffer, and cuts them out of
// one string at the end: an entry costs no allocation of its own.
type lister struct {
	entries []Entry
	bytes   []byte
	cuts    []cut // by entry
}

// cut is where an entry's user key begins in the buffer, where its value begins
// and where it ends.
type cut struct{ userKey, value, end int }

func (l *lister) bucket(lay *layout, i int, b *bucket, state int) {
	spec := &lay.schema.States[state]
	e := Entry{State: spec.Name, Group: lay.groups[i], Namespace: voidNamespace}
	for _, key := range lay.keys[i] {
		e.Key, e.Index = lay.schema.Keys[key], 0
		c := &b.cells[lay.places[key].cell+state]
		switch spec.Kind {
		case Value:
			if c.present {
				l.add(e, nil, c.words)
			}
		case List:
			for j := range c.words {
				e.Index = j
				l.add(e, nil, c.words[j:j+1])
			}
		case Map:
			l.fields(e, c.fields)
		}
	}
}

// fields lists a map by its keys' bytes: as bytes, negative numbers come last.
func (l *lister) fields(e Entry, fields []field) {
	negative, _ := slices.BinarySearchFunc(fields, 0, func(f field, zero int64) int { return cmp.Compare(f.key, zero) })
	for i := range fields {
		f := &fields[(negative+i)%len(fields)]
		l.add(e, []int64{f.key}, f.words)
	}
}

func (l *lister) add(e Entry, userKey, words []int64) {
	c := cut{userKey: len(l.bytes)}
	l.bytes = AppendWords(l.bytes, userKey)
	c.value = len(l.bytes)
	l.bytes = AppendWords(l.bytes, words)
	c.end = len(l.bytes)
	l.entries, l.cuts = append(l.entries, e), append(l.cuts, c)
}

func (l *lister) finish() []Entry {
	text := string(l.bytes)
	for i, c := range l.cuts {
		l.entries[i].UserKey, l.entries[i].Value = text[c.userKey:c.value], text[c.value:c.end]
	}
	return l.entries
}
