package sim

import "time"

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
