package model

import (
	"math"
	"slices"
)

// TTL is the time to live of a state's values: of a whole value or accumulator, of
// each element of a list, of each entry of a map. A value that was stamped at s
// has expired at s + Lifetime, that moment included. Writing stamps a value.
type TTL struct {
	Lifetime int64 `json:"lifetime_ms"`
	OnRead   bool  `json:"on_read,omitempty"` // reading stamps it, too
	Shows    bool  `json:"shows,omitempty"`   // what has expired is read once more, and dropped by that
	// The rest is what a backend may drop in the background, so that what has
	// expired may be there or not.
	Snapshots   bool `json:"snapshots,omitempty"`   // full snapshots leave it out
	PerAccess   int  `json:"per_access,omitempty"`  // entries that each access looks at
	Compactions bool `json:"compactions,omitempty"` // so do files that an engine rewrites
}

// Drops tells whether a backend may drop what has expired in the background.
func (t *TTL) Drops() bool { return t != nil && (t.Snapshots || t.PerAccess > 0 || t.Compactions) }

// Expired tells whether what was stamped at a time has expired now. No lifetime
// ends beyond the end of time.
func (t *TTL) Expired(stamp, now int64) bool {
	end := stamp + t.Lifetime
	if end < stamp {
		end = math.MaxInt64
	}
	return end <= now
}

// aging applies operations to states with a time to live, at one moment.
type aging struct {
	ttl *TTL
	now int64
	met int64 // values that were found expired
}

func (a *aging) gone(stamp int64) bool {
	if !a.ttl.Expired(stamp, a.now) {
		return false
	}
	a.met++
	return true
}

// apply is Keyed.Apply on the cells of one key and state, by namespace.
func (a *aging) apply(cells []cell, op *Op, spec *StateSpec, answer []int64) []int64 {
	c := &cells[op.Namespace]
	switch {
	case op.Kind.Merges():
		a.merge(spec.Kind, c, cells, op.Sources)
		return answer
	case spec.Kind == List:
		return a.list(c, op, spec, answer)
	case spec.Kind == Map:
		return a.mapped(c, op, spec, answer)
	}
	return a.single(c, op, spec, answer)
}

// single applies an operation on a value or accumulator.
func (a *aging) single(c *cell, op *Op, spec *StateSpec, answer []int64) []int64 {
	gone := c.present && a.gone(c.stamps[0])
	folds := op.Kind == ReducingAdd || op.Kind == AggregatingAdd
	if gone && (folds || !a.ttl.Shows) {
		*c, gone = cell{}, false
	}
	if !op.Kind.Reads() {
		answer = c.write(op, spec, answer)
		c.stamps = a.stamps(word(c.present))
		return answer
	}
	answer = c.read(op, spec, answer)
	switch {
	case gone:
		*c = cell{}
	case a.ttl.OnRead:
		c.stamps = a.stamps(word(c.present))
	}
	return answer
}

// stamps are n of now.
func (a *aging) stamps(n int64) []int64 {
	stamps := make([]int64, n)
	for i := range stamps {
		stamps[i] = a.now
	}
	return stamps
}

// list applies an operation on a list.
func (a *aging) list(c *cell, op *Op, spec *StateSpec, answer []int64) []int64 {
	reads := op.Kind == ListGet || op.Kind == ListBump
	if reads && !a.ttl.Shows {
		a.dropElements(c)
	}
	if op.Kind == ListGet {
		answer = c.read(op, spec, answer)
		a.dropElements(c)
		if a.ttl.OnRead {
			c.stamps = a.stamps(int64(len(c.words)))
		}
		return answer
	}
	before := len(c.words)
	answer = c.write(op, spec, answer)
	if op.Kind == ListAdd || op.Kind == ListAddAll {
		c.stamps = append(c.stamps, a.stamps(int64(len(c.words)-before))...)
	} else {
		c.stamps = a.stamps(int64(len(c.words)))
	}
	return answer
}

// dropElements drops the elements that have expired.
func (a *aging) dropElements(c *cell) {
	var words, stamps []int64
	for i, stamp := range c.stamps {
		if !a.gone(stamp) {
			words, stamps = append(words, c.words[i]), append(stamps, stamp)
		}
	}
	c.words, c.stamps = words, stamps
}

// mapped applies an operation on a map.
func (a *aging) mapped(c *cell, op *Op, spec *StateSpec, answer []int64) []int64 {
	c.fields, c.own = slices.Clone(c.fields), true
	switch op.Kind {
	case MapGet, MapContains:
		return a.field(c, op, spec, answer)
	case MapRange, MapEdit:
		return a.all(c, op, spec, answer)
	case MapPut, MapBump:
		if i, found := c.find(op.UserKey); found && op.Kind == MapBump && !a.ttl.Shows && a.gone(c.fields[i].stamp) {
			c.fields = slices.Delete(c.fields, i, i+1)
		}
		answer = c.write(op, spec, answer)
		i, _ := c.find(op.UserKey)
		c.fields[i].stamp = a.now
		return answer
	case MapIsEmpty:
		return c.read(op, spec, answer)
	}
	return c.write(op, spec, answer)
}

// field reads one entry of a map.
func (a *aging) field(c *cell, op *Op, spec *StateSpec, answer []int64) []int64 {
	i, found := c.find(op.UserKey)
	gone := found && a.gone(c.fields[i].stamp)
	if gone && !a.ttl.Shows {
		c.fields = slices.Delete(c.fields, i, i+1)
	}
	answer = c.read(op, spec, answer)
	switch {
	case gone && a.ttl.Shows:
		c.fields = slices.Delete(c.fields, i, i+1)
	case found && !gone && a.ttl.OnRead:
		c.fields[i].stamp = a.now
	}
	return answer
}

// all reads a map, and changes it on the way if op is an edit.
func (a *aging) all(c *cell, op *Op, spec *StateSpec, answer []int64) []int64 {
	if !a.ttl.Shows {
		c.fields = slices.DeleteFunc(c.fields, func(f field) bool { return a.gone(f.stamp) })
	}
	answer = c.appendFields(answer)
	kept := c.fields[:0:0]
	for i, f := range c.fields {
		edit := Leave
		if op.Kind == MapEdit {
			edit = EditOf(i, f.words[0])
		}
		switch {
		case edit == Remove:
			continue
		case edit == Replace:
			f.words, f.stamp = bumped(spec.Shape, f.words, one(op)), a.now
		case a.gone(f.stamp): // it was shown
			continue
		case a.ttl.OnRead:
			f.stamp = a.now
		}
		kept = append(kept, f)
	}
	c.fields = kept
	return answer
}

// merge is mergeCells. Elements of lists keep their stamps. What is folded of two
// values is stamped, but one that has expired counts as absent, and leaves the
// other as it is.
func (a *aging) merge(kind StateKind, target *cell, cells []cell, sources []int) {
	var sum cell
	for _, i := range sources {
		from := cells[i]
		cells[i] = cell{}
		a.fold(kind, &sum, &from)
	}
	a.fold(kind, target, &sum)
}

// fold adds what newer holds to c.
func (a *aging) fold(kind StateKind, c, newer *cell) {
	switch {
	case newer.empty():
	case kind == List:
		c.words, c.stamps = slices.Concat(c.words, newer.words), slices.Concat(c.stamps, newer.stamps)
	case !c.present:
		*c = newer.borrowed()
	default:
		switch {
		case a.gone(c.stamps[0]):
			*c = newer.borrowed()
		case !a.gone(newer.stamps[0]):
			c.fold(kind, newer.words)
			c.stamps = a.stamps(1)
		}
	}
}
