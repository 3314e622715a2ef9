package heap

import "flinch/backends"

// goneAt tells of live values whether they have expired at a time.
func goneAt(c *backends.CleanUp, now int64) func(v any) bool {
	return func(v any) bool { return backends.Expired(c.Stamp(v), c.Lifetime, now) }
}

// sweepBuckets is how many buckets one access looks into at most, however empty
// they are; a table that it passes over counts as one.
const sweepBuckets = 1024

// sweeper goes round the tables of a state, a few entries at each access, and drops
// what has expired. Where a rehash moves entries to, it comes to see them again or
// for the first time, but passes over none.
type sweeper struct {
	perAccess int
	now       func() int64
	gone      func(v any) bool // at the time of the access under way
	time      int64
	group     int // whose table is looked into, from the start of the range
	bucket    int // that comes next in it
	// held are where maps are being gone through: they stay as they are.
	held []*address
}

// newSweeper returns nil if nothing is to be dropped.
func newSweeper(c *backends.CleanUp) *sweeper {
	if c == nil || c.PerAccess <= 0 {
		return nil
	}
	w := &sweeper{perAccess: c.PerAccess, now: c.Now}
	w.gone = func(v any) bool { return backends.Expired(c.Stamp(v), c.Lifetime, w.time) }
	return w
}

// hold keeps the sweeper away from the entry at an address, until let.
func (w *sweeper) hold(at *address) {
	if w != nil {
		w.held = append(w.held, at)
	}
}

func (w *sweeper) let(at *address) {
	if w == nil {
		return
	}
	for i, h := range w.held {
		if h == at {
			last := len(w.held) - 1
			w.held[i], w.held[last] = w.held[last], nil
			w.held = w.held[:last]
			return
		}
	}
}

// spares tells whether an entry is none of the sweeper's business: the one that is
// accessed, and maps that are being gone through.
func (w *sweeper) spares(e *entry, accessed *address) bool {
	if e.hash == accessed.hash && e.address == *accessed {
		return true
	}
	for _, at := range w.held {
		if e.hash == at.hash && e.address == *at {
			return true
		}
	}
	return false
}

// sweep goes on with the clean-up, at an access to the entry at s.at. It ends when
// it has looked at enough entries, or has been everywhere.
func (s *state) sweep() {
	w := s.sweeper
	w.time = w.now()
	looked, passed := 0, 0
	for range sweepBuckets {
		t := s.tables.at(w.group)
		if t == nil || t.size == 0 || w.bucket >= len(t.buckets) {
			if passed++; passed > s.tables.count {
				return
			}
			w.group, w.bucket = s.tables.after(w.group), 0
			continue
		}
		looked += s.sweepBucket(t, w.bucket)
		w.bucket++
		if looked >= w.perAccess {
			return
		}
	}
}

// sweepBucket drops what has expired of a bucket, and tells how many entries it
// looked at. A bucket that a rehash has moved is two now.
func (s *state) sweepBucket(t *table, i int) int {
	if i < t.moved {
		return s.sweepChain(t, &t.grown[i]) + s.sweepChain(t, &t.grown[i+len(t.buckets)])
	}
	return s.sweepChain(t, &t.buckets[i])
}

func (s *state) sweepChain(t *table, head **entry) (looked int) {
	for e := *head; e != nil; looked++ {
		next := e.next
		if !s.sweeper.spares(e, &s.at) {
			switch left, fewer := s.layout.without(e.value, s.sweeper.gone); {
			case left == nil:
				t.unlink(head, e)
			case fewer:
				// What is left is as frozen as it was: valueVersion stays.
				t.thaw(head, e).value = left
			}
		}
		e = next
	}
	return looked
}
