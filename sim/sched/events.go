package sched

import (
	"time"

	"flinch/sim/rng"
	"flinch/sim/trace"
)

// Event is a handle on a booked event, to cancel it by. The zero value is none.
type Event struct {
	slot uint32 // plus one
	gen  uint32 // tells events apart that used the same slot
}

// slot is a booked event; the heap holds only its place in the order.
type slot struct {
	do    func() // a plain call, or
	task  *Task  // a task to go on with; neither: cancelled
	key   uint64
	actor uint32
	point trace.Point
	gen   uint32
}

// Call is a plain call to be booked, with what the trace shall say of it.
type Call struct {
	At    time.Duration // not before now
	Do    func()        // runs on the loop; must not yield
	Actor uint32
	Point trace.Point // 0: PointCall

	// Key, unless it is 0, stands for the event when its tie is drawn. Without
	// one, the draw hangs on who books the event and how many it booked before;
	// give events a key that may be left out of a case, such as its faults.
	Key uint64
}

// At books a plain call of do at a time, or now if that is past.
func (l *Loop) At(at time.Duration, do func()) Event { return l.Book(Call{At: at, Do: do}) }

// After books a plain call of do in d, or now if d is negative.
func (l *Loop) After(d time.Duration, do func()) Event {
	return l.Book(Call{At: time.Duration(l.later(d)), Do: do})
}

// Book books a plain call. On a closed loop it does nothing.
func (l *Loop) Book(c Call) Event {
	if l.closed {
		return Event{}
	}
	key := rng.Hash(l.params.Seed, l.origin.key, purposeMade, l.origin.made)
	if c.Key != 0 {
		key = rng.Hash(l.params.Seed, c.Key, purposeNamed, 0)
	} else {
		l.origin.made++
	}
	if c.Point == 0 {
		c.Point = PointCall
	}
	return l.push(max(l.now, int64(c.At)), l.order(key), slot{do: c.Do, key: key, actor: c.Actor, point: c.Point})
}

// Cancel takes a booked event out and tells whether it was still to come.
func (l *Loop) Cancel(e Event) bool {
	if e.slot == 0 {
		return false
	}
	s := &l.slots[e.slot-1]
	if s.gen != e.gen || (s.do == nil && s.task == nil) {
		return false
	}
	s.do, s.task = nil, nil
	l.booked--
	if len(l.queue) > 64 && l.booked < len(l.queue)/2 {
		l.sweep()
	}
	return true
}

// order makes the second part of the order key of the tie that was drawn and of
// the sequence, which settles equal ties.
func (l *Loop) order(tie uint64) uint64 {
	const sequenceBits = 40 // 10^12 events; 24 bits of tie
	l.seq++
	return tie&^(1<<sequenceBits-1) | l.seq&(1<<sequenceBits-1)
}

func (l *Loop) push(at int64, order uint64, s slot) Event {
	var at32 uint32
	if n := len(l.free); n > 0 {
		at32 = l.free[n-1]
		l.free = l.free[:n-1]
		s.gen = l.slots[at32].gen
		l.slots[at32] = s
	} else {
		at32 = uint32(len(l.slots))
		l.slots = append(l.slots, s)
	}
	l.booked++
	l.queue.push(entry{at: at, order: order, slot: at32})
	return Event{slot: at32 + 1, gen: s.gen}
}

// peek returns the next event that is not cancelled.
func (l *Loop) peek() (entry, bool) {
	for len(l.queue) > 0 {
		next := l.queue[0]
		if s := &l.slots[next.slot]; s.do != nil || s.task != nil {
			return next, true
		}
		l.queue.pop()
		l.release(next.slot)
	}
	return entry{}, false
}

// release gives a slot back. Its generation rises, so that handles on the event
// that is over hit nothing.
func (l *Loop) release(i uint32) {
	l.slots[i] = slot{gen: l.slots[i].gen + 1}
	l.free = append(l.free, i)
}

// sweep takes cancelled events out of the queue, which would otherwise stay
// until their time has come.
func (l *Loop) sweep() {
	kept := l.queue[:0]
	for _, e := range l.queue {
		if s := &l.slots[e.slot]; s.do != nil || s.task != nil {
			kept = append(kept, e)
		} else {
			l.release(e.slot)
		}
	}
	l.queue = kept
	l.queue.repair()
}
