package heap

import "flinch/backends"

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

// queue is a binary heap in which each timer knows its place.
type queue []*timer

// newQueue returns a queue of all timers in the tables.
func newQueue(tables []*table) queue {
	n := 0
	for _, t := range tables {
		if t != nil {
			n += t.size
		}
	}
	q := make(queue, 0, n)
	for _, t := range tables {
		if t == nil {
			continue
		}
		for e := range t.all() {
			q = append(q, e.value.(*timer))
		}
	}
	for i, t := range q {
		t.place = i
	}
	for i := n/2 - 1; i >= 0; i-- {
		q.sink(q[i])
	}
	return q
}

// add puts a timer in that is not there.
func (q *queue) add(t *timer) {
	t.place = len(*q)
	*q = append(*q, t)
	q.rise(t)
}

// remove takes out a timer that is there.
func (q *queue) remove(t *timer) {
	n := len(*q) - 1
	last := (*q)[n]
	(*q)[n] = nil
	*q = (*q)[:n]
	if last == t {
		return
	}
	last.place = t.place
	q.rise(last)
	q.sink(last)
}

// rise moves t, or the hole at its place, up to where it belongs.
func (q queue) rise(t *timer) {
	i := t.place
	for i > 0 {
		up := (i - 1) / 2
		if !t.before(q[up]) {
			break
		}
		q.set(i, q[up])
		i = up
	}
	q.set(i, t)
}

// sink moves t down to where it belongs.
func (q queue) sink(t *timer) {
	i := t.place
	for {
		down := 2*i + 1
		if down >= len(q) {
			break
		}
		if right := down + 1; right < len(q) && q[right].before(q[down]) {
			down = right
		}
		if !q[down].before(t) {
			break
		}
		q.set(i, q[down])
		i = down
	}
	q.set(i, t)
}

func (q queue) set(i int, t *timer) {
	q[i] = t
	t.place = i
}
