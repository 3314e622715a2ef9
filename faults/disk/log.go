package disk

import (
	"slices"
	"time"
)

// opKind is what a pending operation does to the medium.
type opKind uint8

const (
	opData   opKind = iota // writes and truncations of one file
	opCreate               // a new name of a new file
	opMkdir
	opLink
	opUnlink
	opRmdir
	opRename
)

var opKindNames = [...]string{"data", "create", "mkdir", "link", "unlink", "rmdir", "rename"}

// edit is a change of one directory entry.
type edit struct {
	dir   uint64
	name  string
	child uint64 // what the entry names afterwards; 0: nothing
	was   uint64 // what it named before; 0: nothing
}

// op is a pending operation: done as far as programs can see, not yet durable.
// Ops are shared with images, and changed in place only by their owner.
type op struct {
	own      *owner
	seq      uint64
	kind     opKind
	at       time.Duration
	path, to string // as they were when it was issued
	ino      uint64 // the file or directory written, created, removed or renamed

	// Entry operations.
	edits   []edit   // never changed: a half-durable rename gets a shorter list
	needs   []uint64 // seq of operations that it depends on
	dirMove bool     // a rename that takes a directory to another parent

	// Data: one step is what was done to a file with no other pending operation
	// in between.
	after  *content // the file after this step
	low    int64    // the smallest size that the file had since the step began
	ranges []extent // bytes written, sorted, disjoint
	pinned bool     // a rename that came after it is durable

	hashed bool
	hash   uint64
}

// extent is the bytes [lo, hi) of a file.
type extent struct{ lo, hi int64 }

// ownLog makes the list of pending operations this store's own, apart from
// those of its images.
func (s *store) ownLog() {
	if s.logOwn != s.own {
		s.log, s.logOwn = slices.Clone(s.log), s.own
	}
}

// push appends an operation. The place behind an image's end of the list is ours.
func (s *store) push(o *op) {
	s.seq++
	o.own, o.seq, o.at = s.own, s.seq, s.time()
	s.log = append(s.log, o)
}

// step returns the data step that a change of n belongs to, begun now if the
// last pending operation is not a step of this file.
func (s *store) step(n *node, path string) *op {
	if i := len(s.log) - 1; i >= 0 && s.log[i].kind == opData && s.log[i].ino == n.ino && !s.log[i].pinned {
		o := s.log[i]
		if o.own != s.own {
			s.ownLog()
			c := *o
			c.own, c.ranges = s.own, slices.Clone(o.ranges)
			o = &c
			s.log[i] = o
		}
		o.hashed = false
		return o
	}
	base := n.medium()
	base.freeze(s) // an earlier step or the durable side may end with it
	o := &op{kind: opData, path: path, ino: n.ino, after: base, low: base.size}
	s.push(o)
	return o
}

// medium is what the disk will hold of a file once everything is durable.
func (n *node) medium() *content {
	if n.back != nil {
		return n.back
	}
	return n.side[current].data
}

// ownContent returns c or a copy that the store may change.
func (s *store) ownContent(c *content) *content {
	if c.own != s.own {
		c = c.clone(s.own)
	}
	return c
}

// change applies f to what programs see of a file and to what its present step
// will leave on the medium, which are the same unless a sync failed.
func (s *store) change(n *node, o *op, f func(*content)) {
	data := s.ownContent(n.side[current].data)
	data.mtime = s.time()
	f(data)
	n.side[current].data = data
	o.after = data
	if n.back != nil {
		n.back = s.ownContent(n.back)
		f(n.back)
		o.after = n.back
	}
	s.outdate(n)
}

// write changes a file's bytes.
func (s *store) write(ino uint64, path string, p []byte, off int64) {
	if len(p) == 0 {
		return
	}
	n := s.edit(ino)
	o := s.step(n, path)
	s.change(n, o, func(c *content) { c.writeAt(p, off) })
	o.ranges = addExtent(o.ranges, extent{off, off + int64(len(p))})
}

// truncate changes a file's size.
func (s *store) truncate(ino uint64, path string, size int64) {
	if s.node(ino).side[current].data.size == size {
		return
	}
	n := s.edit(ino)
	o := s.step(n, path)
	s.change(n, o, func(c *content) { c.truncate(size) })
	o.low = min(o.low, size)
	if size == 0 {
		s.rejoin(n, o)
	}
	for i := len(o.ranges) - 1; i >= 0 && o.ranges[i].hi > size; i-- {
		if o.ranges[i].hi = size; o.ranges[i].lo >= size {
			o.ranges = o.ranges[:i]
		}
	}
}

// rejoin ends the difference between what programs see and what the medium will
// hold: an empty file has lost nothing.
func (s *store) rejoin(n *node, o *op) {
	if n.back == nil {
		return
	}
	n.back, o.after = nil, n.side[current].data
	s.split = slices.DeleteFunc(slices.Clone(s.split), func(ino uint64) bool { return ino == n.ino })
}

// addExtent adds e, merged with what it overlaps or touches.
func addExtent(rs []extent, e extent) []extent {
	i := len(rs)
	for i > 0 && rs[i-1].hi >= e.lo {
		i--
	}
	j := i
	for j < len(rs) && rs[j].lo <= e.hi {
		e.lo, e.hi = min(e.lo, rs[j].lo), max(e.hi, rs[j].hi)
		j++
	}
	if j == i+1 {
		rs[i] = e
		return rs
	}
	return slices.Replace(rs, i, j, e)
}

// entry makes an entry operation: at once for programs, pending for the medium.
func (s *store) entry(o *op) {
	for i, e := range o.edits {
		o.edits[i].was, _ = s.node(e.dir).side[current].names.m.Get(e.name)
	}
	o.needs = s.needed(o)
	for _, e := range o.edits {
		s.put(current, e.dir, e.name, e.child)
	}
	s.push(o)
	for _, e := range o.edits {
		if e.was != 0 {
			s.collect(e.was)
		}
	}
}

// needed finds the pending operations that o depends on. It must run before o
// is in the list.
func (s *store) needed(o *op) []uint64 {
	var needs []uint64
	var seen [2]bool // whether the last operation on that entry was met
	for i := len(s.log) - 1; i >= 0; i-- {
		p := s.log[i]
		if p.kind == opData {
			continue
		}
		hit := orders(p, o)
		for j, e := range o.edits {
			if !seen[j] && p.touches(e) {
				seen[j], hit = true, true
			}
		}
		if hit {
			needs = append(needs, p.seq)
		}
	}
	return needs
}

// touches tells whether an operation changed the same entry.
func (o *op) touches(e edit) bool {
	for i := range o.edits {
		if o.edits[i].dir == e.dir && o.edits[i].name == e.name {
			return true
		}
	}
	return false
}

// orders tells whether o depends on p for a reason other than a common entry:
// names in a directory need the directory; a directory is removed when it is
// empty; and directories move one after the other, or a subset of moves could
// close a circle.
func orders(p, o *op) bool {
	if p.kind == opMkdir {
		for i := range o.edits {
			if o.edits[i].dir == p.ino {
				return true
			}
		}
	}
	if o.kind == opRmdir {
		for i := range p.edits {
			if p.edits[i].dir == o.ino {
				return true
			}
		}
	}
	return p.movesDir() && o.movesDir()
}

// movesDir tells whether o takes a directory to another parent.
func (o *op) movesDir() bool {
	return o.dirMove
}
