package sim

import (
	"time"

	"flinch/model/history"
)

// link carries the messages between two machines, in order, while both
// processes live.
type link struct{ last time.Duration }

// message is what one process sends to another.
type message struct {
	about
	from, to *process
	deliver  func() // runs on the loop when it arrives
	lost     func() // unless nil, runs if it never does, because the receiver is dead
}

// send sends a message on its way.
func (w *world) send(m message) {
	to, deliver, lost := m.to, m.deliver, m.lost
	key := [2]history.Machine{m.from.m.id, to.m.id}
	l := w.links[key]
	if l == nil {
		l = new(link)
		w.links[key] = l
	}
	who := actor(actorLink, int(key[0]), int(key[1]), 0)
	at := w.loop.Now() + w.draw(who, purposeNetwork, w.cfg.Cluster.NetworkDelay)
	// Later by a tick than the one before: events of one time come in any order.
	l.last = max(l.last+1, at)
	w.inFlight++
	from, number := key[0], w.tellSent(key[0], key[1], m.about)
	w.loop.At(l.last, func() {
		w.inFlight--
		if to.dead {
			w.note(pointDropped, uint32(to.m.id), uint64(from), 0)
			w.tellLost(number)
			w.run.Counters["messages_dropped"]++
			if lost != nil {
				lost()
			}
			return
		}
		w.note(pointMessage, uint32(to.m.id), uint64(from), 0)
		w.tellArrived(number)
		deliver()
	})
}

// channel carries the records and barriers of one source subtask to one chain
// subtask: first in, first out, lossless until the attempt is over.
type channel struct {
	w     *world
	who   uint64
	from  *source
	to    *chain
	items []item
	head  int
	last  time.Duration
}

// item is a record, the barrier of a checkpoint, or a watermark.
type item struct {
	at      time.Duration // when it arrives
	record  int32
	told    int32 // place of the barrier in the narrative
	barrier int64 // checkpoint id; 0: a record
	kind    snapshotKind
	marks   bool // it is a watermark
	mark    int64
}

// put sends a record.
func (c *channel) put(record int) {
	c.send(item{record: int32(record)}, c.w.job.contents[record])
}

// putBarrier sends the barrier of a checkpoint.
func (c *channel) putBarrier(id int64, kind snapshotKind) {
	c.send(item{barrier: id, kind: kind, told: c.tellBarrier(id)}, uint64(id))
}

// putMark sends a watermark.
func (c *channel) putMark(mark int64) {
	c.send(item{marks: true, mark: mark}, uint64(mark)^1<<63)
}

// send sends an item behind the others and wakes the receiver.
func (c *channel) send(it item, ordinal uint64) {
	c.last = max(c.last, c.w.loop.Now()+c.w.drawn(c.who, purposeNetwork, ordinal, c.w.cfg.Cluster.NetworkDelay))
	it.at = c.last
	c.items = append(c.items, it)
	if c.to.t != nil {
		c.to.t.Wake()
	}
}

// peek returns the item at the head, if there is one.
func (c *channel) peek() (item, bool) {
	if c.head == len(c.items) {
		return item{}, false
	}
	return c.items[c.head], true
}

// pop takes the head off.
func (c *channel) pop() {
	c.head++
	if c.head == len(c.items) {
		c.items, c.head = c.items[:0], 0
	}
}
