package backendtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"flinch/backends"
	"flinch/backends/ttl"
)

// version is what an item with a time to live may be: a number and its stamp, or
// gone, because a backend has cleaned it up.
type version struct {
	n, stamp int64
	gone     bool
}

// item is a value of its own stamp, and all that it may be.
type item struct {
	at  string // the user key of a map's
	can []version
}

func certain(at string, n, stamp int64) item { return item{at, []version{{n: n, stamp: stamp}}} }

// cell is what one state holds under a key and namespace: elements in their order,
// entries by user key, or one item.
type cell []item

// spotWithAge is where a cell is.
type spotWithAge struct {
	state string
	key   string // encoded
	ns    string
}

// aging is the model of state with a time to live: what package ttl promises, and
// what backends may clean up.
type aging struct {
	config ttl.Config
	now    int64
	cells  map[spotWithAge]cell
}

func (a *aging) expired(v version) bool { return !v.gone && v.stamp+ttlLifetime <= a.now }

// clone copies the cells; items are replaced, never changed.
func (a *aging) clone() map[spotWithAge]cell {
	out := make(map[spotWithAge]cell, len(a.cells))
	for _, at := range slices.SortedFunc(maps.Keys(a.cells), spotWithAge.compare) {
		out[at] = slices.Clone(a.cells[at])
	}
	return out
}

// cleaned is a cell of which any item may be missing that has expired by now.
func (a *aging) cleaned(c cell) cell {
	for i, it := range c {
		if slices.ContainsFunc(it.can, a.expired) && !slices.Contains(it.can, version{gone: true}) {
			c[i].can = append(slices.Clone(it.can), version{gone: true})
		}
	}
	return c
}

func (a *aging) cleanAll(cells map[spotWithAge]cell) {
	for _, at := range slices.SortedFunc(maps.Keys(cells), spotWithAge.compare) {
		cells[at] = a.cleaned(cells[at])
	}
}

// access is what an access makes of a version, and whether it is seen.
func (a *aging) access(v version) (version, bool) {
	switch {
	case v.gone:
		return v, false
	case a.expired(v):
		return version{gone: true}, a.config.Visibility == ttl.ReturnExpiredIfNotCleanedUp
	case a.config.Update == ttl.OnReadAndWrite:
		v.stamp = a.now
	}
	return v, true
}

// look is an access without any effect.
func look(v version) (version, bool) { return v, !v.gone }

// reading is how a cell is read: what that makes of a version, and how what is seen
// of it is shown. No two items of a cell are shown alike.
type reading struct {
	access func(version) (version, bool)
	show   func(at string, v version) string
}

// read is the cell after it has been read with a result, and whether it can have
// been.
func (a *aging) read(c cell, r reading, got []string) (cell, bool) {
	var next cell
	for _, it := range c {
		var seen, unseen []version
		for _, v := range it.can {
			switch after, visible := r.access(v); {
			case !visible:
				unseen = append(unseen, after)
			case len(got) > 0 && got[0] == r.show(it.at, v):
				seen = append(seen, after)
				// A compaction that is under way may have an earlier time.
				if a.config.CleanCompactions && after == v && len(it.can) > 1 {
					seen = append(seen, version{gone: true})
				}
			}
		}
		switch {
		case len(seen) > 0:
			got = got[1:]
			next = append(next, item{it.at, distinct(seen)})
		case len(unseen) == 0:
			return nil, false
		case slices.ContainsFunc(unseen, func(v version) bool { return !v.gone }):
			next = append(next, item{it.at, distinct(unseen)})
		}
	}
	return next, len(got) == 0
}

func distinct(vs []version) []version {
	slices.SortFunc(vs, version.compare)
	return slices.Compact(vs)
}

// add is one item after a number was folded in, which alone makes first.
func (a *aging) add(c cell, n, first int64) cell {
	if len(c) == 0 {
		return cell{certain("", first, a.now)}
	}
	var can []version
	for _, v := range c[0].can {
		if v.gone || a.expired(v) {
			v.n = first
		} else {
			v.n = v.n*7 + n
		}
		can = append(can, version{n: v.n, stamp: a.now})
	}
	return cell{{"", distinct(can)}}
}

// both folds two cells of one item at most.
func (a *aging) both(older, newer cell) cell {
	if len(older) == 0 || len(newer) == 0 {
		return slices.Concat(older, newer)
	}
	var can []version
	for _, o := range older[0].can {
		for _, n := range newer[0].can {
			switch {
			case n.gone, !o.gone && !a.expired(o) && a.expired(n):
				can = append(can, o)
			case o.gone, a.expired(o):
				can = append(can, n)
			default:
				can = append(can, version{n: o.n*7 + n.n, stamp: a.now})
			}
		}
	}
	return cell{{"", distinct(can)}}
}

// merge merges namespaces of the state and key at a spot.
func (a *aging) merge(at spotWithAge, target string, sources []string, both func(older, newer cell) cell) {
	var taken cell
	for _, ns := range sources {
		at.ns = ns
		taken = both(taken, a.cells[at])
		delete(a.cells, at)
	}
	at.ns = target
	a.cells[at] = both(a.cells[at], taken)
}

func (a *aging) String() string {
	return fmt.Sprintf("update type %d, visibility %d, clean-up %v %d %v, at %d",
		a.config.Update, a.config.Visibility, a.config.CleanFullSnapshots, a.config.CleanPerAccess, a.config.CleanCompactions, a.now)
}

// entry tells an entry as the model does.
func (a *aging) entry(e backends.Entry) (string, error) {
	stamp, encoded, err := ttl.Split(e.Value)
	if err != nil {
		return "", err
	}
	codec := BoxCodec().Codec()
	if e.State == ttlFixed {
		codec = FixedBoxCodec().Codec()
	}
	v, err := codec.Decode(encoded)
	if err != nil {
		return "", err
	}
	return entryLine(e.UserKey, version{n: v.(*Box).N, stamp: stamp}), nil
}

func entryLine(at string, v version) string { return fmt.Sprintf("%s=%d@%d", at, v.n, v.stamp) }

func (v version) compare(o version) int {
	return cmp.Or(cmp.Compare(v.n, o.n), cmp.Compare(v.stamp, o.stamp), boolCompare(v.gone, o.gone))
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (s spotWithAge) compare(o spotWithAge) int {
	return cmp.Or(cmp.Compare(s.state, o.state), cmp.Compare(s.key, o.key), cmp.Compare(s.ns, o.ns))
}
