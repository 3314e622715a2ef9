package heap

import (
	"iter"
	"slices"
)

// tableSnapshot is a table as it was at one moment. It stays valid until release
// whatever happens to the table.
type tableSnapshot struct {
	group   int // from the start of the instance's range
	table   *table
	version int64
	buckets []*entry // heads of all chains, in no meaningful order; nil once released
}

// snapshot freezes what the table holds. Its cost is the copy of the bucket
// arrays. Any number of snapshots may be open.
func (t *table) snapshot(group int) tableSnapshot {
	t.version++
	t.required = t.version
	t.open = append(t.open, t.version)
	return tableSnapshot{group: group, table: t, version: t.version, buckets: t.copyBuckets()}
}

// copyBuckets copies the heads of all chains. While a rehash runs, the chains are
// in three ranges: the buckets that have not moved, and of the grown array the two
// in which those that have moved came apart.
func (t *table) copyBuckets() []*entry {
	heads := make([]*entry, 0, min(t.size, len(t.buckets)+t.moved))
	if t.grown == nil {
		return appendHeads(heads, t.buckets)
	}
	half := len(t.buckets)
	heads = appendHeads(heads, t.buckets[t.moved:])
	heads = appendHeads(heads, t.grown[:t.moved])
	return appendHeads(heads, t.grown[half:half+t.moved])
}

// appendHeads leaves out empty buckets: there are many of them in small states.
func appendHeads(heads, buckets []*entry) []*entry {
	for _, e := range buckets {
		if e != nil {
			heads = append(heads, e)
		}
	}
	return heads
}

// release gives up the snapshot, so that the table need not copy for it any
// longer. Only the first call counts.
func (s *tableSnapshot) release() {
	if s.buckets == nil {
		return
	}
	s.buckets = nil
	t := s.table
	t.open = slices.DeleteFunc(t.open, func(v int64) bool { return v == s.version })
	t.required = 0
	if n := len(t.open); n > 0 {
		t.required = t.open[n-1]
	}
}

// entries returns all entries of the table, in no meaningful order. Nothing is
// changed.
func (t *table) entries() []*entry {
	return slices.AppendSeq(make([]*entry, 0, t.size), t.all())
}

// all goes through the entries of the table, which must not be changed meanwhile,
// in no meaningful order.
func (t *table) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, buckets := range [][]*entry{t.buckets, t.grown} {
			for _, e := range buckets {
				for ; e != nil; e = e.next {
					if !yield(e) {
						return
					}
				}
			}
		}
	}
}
