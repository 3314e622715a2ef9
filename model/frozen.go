package model

import (
	"math"
	"slices"
)

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
	cells := b.cells[p.cell : p.cell+f.layout.width]
	return slices.ContainsFunc(cells, func(c cell) bool { return !c.empty() })
}

// Entries returns all entries, sorted by Compare. An absent value, an empty list
// and an empty map have none. They are listed once and kept: the caller must not
// change them.
func (f *Frozen) Entries() []Entry {
	if f.entries == nil {
		f.entries = f.list()
	}
	return f.entries
}

func (f *Frozen) list() []Entry {
	n := f.count()
	l := lister{entries: make([]Entry, 0, n), cuts: make([]cut, 0, n), bytes: make([]byte, 0, 24*n)}
	for i, b := range f.buckets {
		if b == nil {
			continue
		}
		for _, state := range f.layout.states {
			l.bucket(f.layout, i, b, state)
		}
	}
	return l.finish()
}

// count is the number of entries.
func (f *Frozen) count() int {
	n := 0
	for _, b := range f.buckets {
		if b == nil {
			continue
		}
		for i := range b.cells {
			if c := &b.cells[i]; c.present {
				n++
			} else {
				n += len(c.words) + len(c.fields)
			}
		}
	}
	return n
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
	e := Entry{State: spec.Name, Group: lay.groups[i]}
	for _, key := range lay.keys[i] {
		e.Key = lay.schema.Keys[key]
		cells := b.cells[lay.places[key].cell+lay.first[state]:]
		for _, ns := range namespaceOrder {
			if ns < spec.Width() {
				e.Namespace = namespaces[ns]
				l.cell(e, spec.Kind, &cells[ns])
			}
		}
	}
}

func (l *lister) cell(e Entry, kind StateKind, c *cell) {
	switch kind {
	case List:
		for j := range c.words {
			e.Index = j
			if c.stamps != nil {
				e.Stamp = c.stamps[j]
			}
			l.add(e, nil, c.words[j:j+1])
		}
	case Map:
		l.fields(e, c.fields)
	case Timers:
		for _, time := range c.words {
			l.add(e, []int64{time ^ math.MinInt64}, nil) // so that times sort as bytes
		}
	default:
		if c.present {
			if c.stamps != nil {
				e.Stamp = c.stamps[0]
			}
			l.add(e, nil, c.words)
		}
	}
}

// fields lists a map in the order in which it keeps its fields.
func (l *lister) fields(e Entry, fields []field) {
	for i := range fields {
		f := &fields[i]
		e.Stamp = f.stamp
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
