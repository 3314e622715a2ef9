package heap

import (
	"iter"
	"math/bits"
)

const pageGroups = 64

// directory finds the table of a key group, counted from the start of the
// instance's range. An operator may have 32,768 groups and entries in a few: what a
// directory costs, and what going through it does, is for the groups with tables.
type directory struct {
	pages []*page // nil: none of its groups has a table
	count int     // how many there are
}

// page is the tables of pageGroups groups in a row.
type page struct {
	present uint64 // bit i: tables[i] is there
	tables  [pageGroups]*table
}

func newDirectory(groups int) directory {
	return directory{pages: make([]*page, (groups+pageGroups-1)/pageGroups)}
}

// at returns the table of a group, or nil.
func (d *directory) at(group int) *table {
	if p := d.pages[group/pageGroups]; p != nil {
		return p.tables[group%pageGroups]
	}
	return nil
}

// put gives a group its table, or another one.
func (d *directory) put(group int, t *table) {
	slot := &d.pages[group/pageGroups]
	if *slot == nil {
		*slot = new(page)
	}
	p, i := *slot, group%pageGroups
	if p.tables[i] == nil {
		p.present |= 1 << i
		d.count++
	}
	p.tables[i] = t
}

// all goes through the groups with tables, in order. Tables may be replaced
// meanwhile, not added.
func (d *directory) all() iter.Seq2[int, *table] {
	return func(yield func(int, *table) bool) {
		for n, p := range d.pages {
			if p == nil {
				continue
			}
			for left := p.present; left != 0; left &= left - 1 {
				i := bits.TrailingZeros64(left)
				if !yield(n*pageGroups+i, p.tables[i]) {
					return
				}
			}
		}
	}
}

// after returns the next group with a table, going round, or the group itself if
// there is none.
func (d *directory) after(group int) int {
	n, wanted := group/pageGroups, ^uint64(1)<<(group%pageGroups)
	for range len(d.pages) + 1 {
		if p := d.pages[n]; p != nil && p.present&wanted != 0 {
			return n*pageGroups + bits.TrailingZeros64(p.present&wanted)
		}
		n, wanted = (n+1)%len(d.pages), ^uint64(0)
	}
	return group
}

// occupied goes through the groups in which any of the states has a table, in
// order. All are of one instance.
func occupied(states []*state) iter.Seq[int] {
	return func(yield func(int) bool) {
		if len(states) == 0 {
			return
		}
		for n := range states[0].tables.pages {
			var left uint64
			for _, s := range states {
				if p := s.tables.pages[n]; p != nil {
					left |= p.present
				}
			}
			for ; left != 0; left &= left - 1 {
				if !yield(n*pageGroups + bits.TrailingZeros64(left)) {
					return
				}
			}
		}
	}
}
