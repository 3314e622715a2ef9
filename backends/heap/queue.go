package heap

import (
	"slices"

	"flinch/backends"
)

// timer is one element of a queue. Snapshots share it: all but its place is final.
type timer struct {
	backends.Timer
	keyHash int32
	hash    uint32 // of its address
	place   int    // in the queue
}

// address is where the timer is in the table of its key group.
func (t *timer) address() address {
	key := backends.Key{Encoded: t.Key, Hash: t.keyHash}
	return address{key: key, namespace: t.Namespace, time: t.Time, hash: t.hash}
}

// before is the order of backends.Timer.Compare.
func (t *timer) before(o *timer) bool {
	switch {
	case t.Time != o.Time:
		return t.Time < o.Time
	case t.Key != o.Key:
		return t.Key < o.Key
	}
	return t.Namespace < o.Namespace
}

// queue is a heap in which each timer knows its place, and each place has up to
// fanout below it.
type queue []slot

// slot holds the time beside the timer, so that most comparisons need no look at
// timers, which lie about in memory.
type slot struct {
	time  int64
	timer *timer
}

const fanout = 4

func (s *slot) before(o *slot) bool {
	if s.time != o.time {
		return s.time < o.time
	}
	return s.timer.before(o.timer)
}

// newQueue returns a queue of all timers in the tables.
func newQueue(tables *directory) queue {
	var q queue
	for _, t := range tables.all() {
		q = slices.Grow(q, t.size)
		for e := range t.all() {
			held := e.value.(*timer)
			held.place = len(q)
			q = append(q, slot{held.Time, held})
		}
	}
	for i := len(q) - 1; i >= 0; i-- {
		q.sink(i, q[i])
	}
	return q
}

// add puts a timer in that is not there.
func (q *queue) add(t *timer) {
	*q = append(*q, slot{})
	q.rise(len(*q)-1, slot{t.Time, t})
}

// remove takes out a timer that is there.
func (q *queue) remove(t *timer) {
	n := len(*q) - 1
	last := (*q)[n]
	(*q)[n] = slot{}
	*q = (*q)[:n]
	switch {
	case last.timer == t:
	case last.before(&slot{t.Time, t}):
		q.rise(t.place, last)
	default:
		q.sink(t.place, last)
	}
}

// rise puts s at place i, or above it where it belongs.
func (q queue) rise(i int, s slot) {
	for i > 0 {
		up := (i - 1) / fanout
		if !s.before(&q[up]) {
			break
		}
		q.set(i, q[up])
		i = up
	}
	q.set(i, s)
}

// sink puts s at place i, or below it where it belongs.
func (q queue) sink(i int, s slot) {
	for {
		first := fanout*i + 1
		if first >= len(q) {
			break
		}
		least := first
		for below := first + 1; below < min(first+fanout, len(q)); below++ {
			if q[below].before(&q[least]) {
				least = below
			}
		}
		if !q[least].before(&s) {
			break
		}
		q.set(i, q[least])
		i = least
	}
	q.set(i, s)
}

func (q queue) set(i int, s slot) {
	q[i] = s
	s.timer.place = i
}
