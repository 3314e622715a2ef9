package disk

// Fate is what became of a pending operation.
type Fate uint8

// The fates.
const (
	Kept Fate = iota
	Lost
	Torn // data only: a part of it is there
)

// Fill is what stands in the place of lost bytes.
type Fill uint8

// The fills.
const (
	FillShort   Fill = iota // nothing: the file ends there
	FillOld                 // what was there before, zeros beyond its end
	FillZeros               // zeros
	FillGarbage             // bytes that nobody wrote
)

// Variant says what became of one pending operation. The zero value is Kept.
// The other fields are those of torn data.
type Variant struct {
	Fate   Fate
	Steps  int   // how many steps survived whole; the next is torn, later ones are lost
	Fill   Fill  //
	At, To int64 // which bytes of the file are lost; To 0: up to its end
}

// tell returns a file's bytes as a variant has them.
func (c *crashing) tell(ino uint64, v Variant) *content {
	steps := c.steps(nil, ino, 0)
	switch {
	case v.Fate == Kept:
		return steps[len(steps)-1].after
	case v.Fate == Lost:
		return nil
	case v.Steps >= len(steps):
		return steps[len(steps)-1].after
	}
	if v.To == 0 {
		v.To = steps[v.Steps].after.size
	}
	return c.tear(c.base(steps, v.Steps), steps[v.Steps], v)
}

// base is a file's content before step k.
func (c *crashing) base(steps []*op, k int) *content {
	if k > 0 {
		return steps[k-1].after
	}
	return c.s.node(steps[0].ino).side[durable].data
}

// drawData chooses a file's bytes. The first forced steps survive.
func (c *crashing) drawData(src Chooser, steps []*op, forced int, how tearing) *content {
	kept := len(steps) - draw(src, drawData, len(steps)-forced+1)
	switch {
	case kept == len(steps):
		return steps[kept-1].after
	case draw(src, drawTorn, 2) == 1:
		return c.drawTear(src, c.base(steps, kept), steps[kept], how)
	case kept == 0:
		return nil
	}
	return steps[kept-1].after
}

// tearing is which ways of tearing a profile has.
type tearing uint8

const (
	tearAnyhow tearing = iota
	tearOrdered
	tearPrefix
)

// grew tells whether a step made the file longer than it was at some moment of it.
func (o *op) grew() bool { return o.after.size > o.low }

// overBytes is up to where a step wrote in place, for a profile: under
// Ext4Ordered, the page of the old end comes and goes with what was appended.
func (o *op) overBytes(how tearing) int64 {
	if how == tearOrdered && o.grew() {
		return o.low / pageBytes * pageBytes
	}
	return o.low
}

// fills lists the ways in which a step can be torn, the least surprising first.
func (o *op) fills(how tearing) []Fill {
	grew := o.grew()
	over := len(o.ranges) > 0 && o.ranges[0].lo < o.overBytes(how)
	all := [...]Fill{FillShort, FillOld, FillZeros, FillGarbage}
	switch {
	case how == tearAnyhow && grew && len(o.ranges) > 0 && over:
		return all[:]
	case how == tearAnyhow && grew && len(o.ranges) > 0:
		return []Fill{FillShort, FillZeros, FillGarbage}
	case how == tearAnyhow && over:
		return all[1:]
	case how == tearOrdered && grew && over:
		return all[:2]
	case grew:
		return all[:1]
	case over:
		return all[1:2]
	}
	return nil
}

// drawTear chooses where and how a step is torn.
func (c *crashing) drawTear(src Chooser, base *content, o *op, how tearing) *content {
	fills := o.fills(how)
	if len(fills) == 0 { // it only shrank: done or not
		return base
	}
	v := Variant{Fate: Torn, Fill: fills[draw(src, drawFill, len(fills))], To: o.after.size}
	lo, hi := o.low, o.after.size
	if len(o.ranges) > 0 && v.Fill != FillShort {
		lo, hi = o.ranges[0].lo, o.ranges[len(o.ranges)-1].hi
		if how == tearOrdered {
			hi = min(hi, o.overBytes(how))
		}
		v.To = hi
	}
	// What was appended is there: so less than the rest is missing.
	hole := how == tearOrdered && o.grew() && v.Fill == FillOld
	if !hole && how != tearPrefix && v.Fill != FillShort {
		hole = draw(src, drawHole, 2) == 1
	}
	unit := int64(pageBytes)
	if boundaries(lo, hi, sectorBytes) > 1 && draw(src, drawUnit, 2) == 1 {
		unit = sectorBytes
	}
	if k := int64(draw(src, drawCut, boundaries(lo, hi, unit))); k == 0 {
		v.At = lo
	} else {
		v.At = (lo/unit + k) * unit
	}
	if hole {
		v.To = min(v.To, (v.At/unit+1)*unit)
	}
	return c.tear(base, o, v)
}

// sectorBytes is the finer of the two grains in which writes tear.
const sectorBytes = 512

// boundaries counts the places in [lo, hi) at which a write can be cut: its
// beginning, and multiples of the unit.
func boundaries(lo, hi, unit int64) int {
	return int((hi-1)/unit-lo/unit) + 1
}

// tear makes the torn content. Only bytes that the step wrote are harmed.
func (c *crashing) tear(base *content, o *op, v Variant) *content {
	t := o.after.clone(c.s.own)
	if v.Fill == FillShort {
		t.truncate(max(o.low, min(v.At, t.size)))
		return t
	}
	for _, r := range o.ranges {
		for lo, hi := max(r.lo, v.At), min(r.hi, v.To); lo < hi; {
			end := min(hi, (lo/pageBytes+1)*pageBytes)
			spoil(t, base, v.Fill, extent{lo, end})
			lo = end
		}
	}
	return t
}

// spoil overwrites bytes of one page of t with what stands in their place.
func spoil(t, base *content, fill Fill, e extent) {
	var lost [pageBytes]byte
	switch fill {
	case FillOld:
		base.readAt(lost[:e.hi-e.lo], e.lo)
	case FillGarbage:
		garbage(lost[:e.hi-e.lo], e.lo)
	}
	t.writeAt(lost[:e.hi-e.lo], e.lo)
}

// garbage fills p with bytes that nobody wrote. They depend on the offset alone.
func garbage(p []byte, off int64) {
	for k := range p {
		at := uint64(off) + uint64(k)
		p[k] = byte(mix(at/8, 13) >> (at % 8 * 8))
	}
}
