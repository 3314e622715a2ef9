package disk

import "slices"

// Crash returns a fresh disk in memory, with no hook, as a machine may find it
// after a power loss at the moment of the image; src decides what survived,
// within the profile. Everything on it is durable. Only with Strict do current
// and durable state and what is pending stay as they were: the machine did not
// go down, and src is not asked. The image can be crashed any number of times.
func (i Image) Crash(p Profile, src Chooser) *Disk {
	return i.crash(p, src).view(nil)
}

// CrashWith is Crash under PosixWeak with each operation's fate told instead of
// drawn. What depends on something lost is lost, whatever survives says of it;
// it is asked once for each of Pending that could survive, names before data.
func (i Image) CrashWith(survives func(PendingOp) Variant) *Disk {
	c := i.begin()
	pending := i.Pending()
	for _, p := range pending {
		if o := p.first; o.kind != opData && !c.doomed(o) {
			c.decide(o, survives(p).Fate == Kept)
		}
	}
	for _, p := range pending {
		if p.Kind == "data" {
			c.setData(p.first.ino, c.tell(p.first.ino, survives(p)))
		}
	}
	return c.finish().view(nil)
}

// LoseOnly loses, for CrashWith, one operation and what depends on it.
func LoseOnly(index int) func(PendingOp) Variant {
	return func(p PendingOp) Variant {
		if p.Index == index {
			return Variant{Fate: Lost}
		}
		return Variant{}
	}
}

// KeepOnly keeps, for CrashWith, one operation and what it depends on.
func (i Image) KeepOnly(index int) func(PendingOp) Variant {
	pending := i.Pending()
	keep := make([]bool, len(pending))
	for k := index; k >= 0; k-- { // needs come before what needs them
		if k == index {
			keep[k] = true
		}
		if keep[k] {
			for _, need := range pending[k].Needs {
				keep[need] = true
			}
		}
	}
	return func(p PendingOp) Variant {
		if keep[p.Index] {
			return Variant{}
		}
		return Variant{Fate: Lost}
	}
}

// crash builds the store behind Crash.
func (i Image) crash(p Profile, src Chooser) *store {
	if p == Strict {
		s := i.begin().s
		s.log, s.split = i.log, i.split
		return s
	}
	c := i.begin()
	switch p {
	case Ext4Ordered:
		c.ordered(src)
	case Prefix:
		c.prefix(src)
	default:
		c.weak(src)
	}
	return c.finish()
}

// crashing is a crash being made: survivors are applied to the durable sides of
// a copy, which then become the current ones.
type crashing struct {
	i    Image
	s    *store
	lost []uint64 // seq of lost operations, rising

	lostBuf  [16]uint64
	stepsBuf [8]*op
}

func (i Image) begin() *crashing {
	c := &crashing{i: i, s: &store{
		own: new(owner), inos: i.inos.Copy(), next: i.next, seq: i.seq, now: i.from.Now,
	}}
	c.lost = c.lostBuf[:0]
	return c
}

// doomed tells whether something that o needs is lost.
func (c *crashing) doomed(o *op) bool {
	for _, seq := range o.needs {
		if _, ok := slices.BinarySearch(c.lost, seq); ok {
			c.lost = append(c.lost, o.seq)
			return true
		}
	}
	return false
}

// decide applies an entry operation or notes its loss.
func (c *crashing) decide(o *op, kept bool) {
	if kept {
		c.s.commit(o)
	} else {
		c.lost = append(c.lost, o.seq)
	}
}

func (c *crashing) weak(src Chooser) {
	for _, o := range c.i.log {
		if o.kind != opData && !c.doomed(o) {
			c.decide(o, src.Uint64N(drawEntry, 2) == 0)
		}
	}
	c.eachFile(func(steps []*op) {
		c.setData(steps[0].ino, c.drawData(src, steps, 0, tearAnyhow))
	})
}

// ordered loses a tail of the operations on names. Data is free, but for what
// was written before a rename that survived.
func (c *crashing) ordered(src Chooser) {
	entries := 0
	for _, o := range c.i.log {
		if o.kind != opData {
			entries++
		}
	}
	kept := entries - draw(src, drawJournal, entries+1)
	renamed := map[uint64]uint64{} // inode: its last surviving rename
	for _, o := range c.i.log {
		if o.kind == opData {
			continue
		}
		c.decide(o, kept > 0)
		if kept--; kept >= 0 && o.kind == opRename {
			renamed[o.ino] = o.seq
		}
	}
	c.eachFile(func(steps []*op) {
		forced := 0
		for forced < len(steps) && (steps[forced].pinned || steps[forced].seq < renamed[steps[0].ino]) {
			forced++
		}
		c.setData(steps[0].ino, c.drawData(src, steps, forced, tearOrdered))
	})
}

// prefix loses a tail of all operations, and tears the first of it.
func (c *crashing) prefix(src Chooser) {
	kept := len(c.i.log) - draw(src, drawPrefix, len(c.i.log)+1)
	for k, o := range c.i.log[:min(len(c.i.log), kept+1)] {
		switch {
		case k < kept:
			if o.kind == opData {
				c.setData(o.ino, o.after)
			} else {
				c.s.commit(o)
			}
		case o.kind == opData && draw(src, drawTorn, 2) == 1:
			base := c.s.node(o.ino).side[durable].data
			c.setData(o.ino, c.drawTear(src, base, o, tearPrefix))
		}
	}
}

// eachFile calls f with the data steps of each file that still has a name.
func (c *crashing) eachFile(f func(steps []*op)) {
	for k, o := range c.i.log {
		if o.kind != opData || len(c.s.node(o.ino).side[durable].links) == 0 {
			continue
		}
		if slices.ContainsFunc(c.i.log[:k], func(p *op) bool { return p.kind == opData && p.ino == o.ino }) {
			continue
		}
		f(c.steps(c.stepsBuf[:0], o.ino, k))
	}
}

// steps appends the data steps of one file, from place k of the list on.
func (c *crashing) steps(buf []*op, ino uint64, k int) []*op {
	for _, o := range c.i.log[k:] {
		if o.kind == opData && o.ino == ino {
			buf = append(buf, o)
		}
	}
	return buf
}

// setData gives a file its bytes after the crash. nil: as durable.
func (c *crashing) setData(ino uint64, data *content) {
	if data == nil {
		return
	}
	n := c.s.edit(ino)
	n.side[durable].data = data
	c.s.outdate(n)
}

// finish makes what survived current, too.
func (c *crashing) finish() *store {
	for _, o := range c.i.log {
		c.reset(o.ino)
		for _, e := range o.edits {
			c.reset(e.dir)
			if e.was != 0 {
				c.reset(e.was)
			}
		}
	}
	for _, ino := range c.i.split {
		c.reset(ino)
	}
	c.s.orphans = nil
	c.s.own = new(owner) // both sides share now what belonged to one
	return c.s
}

// reset makes the current side of an inode its durable one, and drops it if it
// has no name.
func (c *crashing) reset(ino uint64) {
	n := c.s.node(ino)
	if n == nil {
		return
	}
	if len(n.side[durable].links) == 0 && ino != rootIno {
		c.s.inos.Delete(ino)
		return
	}
	n = c.s.editNode(n)
	n.side[current], n.back = n.side[durable], nil
	for _, l := range n.side[durable].links {
		c.adopt(l.dir)
	}
}

// adopt gives a directory above a change, and those above it, the digests of
// its durable side.
func (c *crashing) adopt(ino uint64) {
	n := c.s.node(ino)
	if n == nil || n.side[current].sum == n.side[durable].sum && n.side[current].digest == n.side[durable].digest {
		return
	}
	n = c.s.editNode(n)
	n.side[current].sum, n.side[current].digest = n.side[durable].sum, n.side[durable].digest
	for _, l := range n.side[durable].links {
		c.adopt(l.dir)
	}
}

// draw is a choice among n, made without asking if there is none.
func draw(src Chooser, label string, n int) int {
	if n <= 1 {
		return 0
	}
	return int(src.Uint64N(label, uint64(n)))
}
