package sim

import (
	"slices"
	"time"
)

// channel carries the records and barriers of one source subtask to one chain
// subtask: first in, first out, lossless until the attempt is over. Where buffers
// are bounded, the receiver grants credit for as many records as it has room for,
// and the others wait at the sender: barriers of unaligned checkpoints overtake
// records at either end.
type channel struct {
	w      *world
	who    uint64
	from   *source
	to     *chain
	out    []item // wait for credit at the sender
	items  []item // are on their way, or wait at the receiver
	head   int
	filled int // records among them
	last   time.Duration

	// The harness' own count, of records that the sender has put.
	log       []int32
	left      int // that have left the sender
	processed int // that the receiver has taken
}

// item is a record, the barrier of a checkpoint, or a watermark.
type item struct {
	at      time.Duration // when it arrives
	record  int32
	told    int32 // place of the barrier in the narrative
	barrier int64 // checkpoint id; 0: a record
	cancels bool  // it comes in the place of the barrier
	kind    snapshotKind
	marks   bool // it is a watermark
	mark    int64
}

func (it item) isRecord() bool { return it.barrier == 0 && !it.marks }

// put sends a record.
func (c *channel) put(record int) {
	c.log = append(c.log, int32(record))
	c.send(item{record: int32(record)})
}

// putBarrier sends the barrier of a checkpoint.
func (c *channel) putBarrier(id int64, kind snapshotKind) {
	it := item{barrier: id, kind: kind, told: c.tellBarrier(id)}
	if it.overtakes(c.w.loop.Now()) {
		c.overtake(it)
		return
	}
	c.send(it)
}

// putCancel sends word that the sender takes no part in a checkpoint.
func (c *channel) putCancel(id int64) {
	c.send(item{barrier: id, cancels: true, told: untold})
}

// putMark sends a watermark.
func (c *channel) putMark(mark int64) { c.send(item{marks: true, mark: mark}) }

// overtakes tells whether it is a barrier that waits for no record.
func (it item) overtakes(now time.Duration) bool {
	return it.barrier != 0 && !it.cancels && it.asBarrier().Overtakes(now)
}

// send sends an item behind the others.
func (c *channel) send(it item) {
	if c.w.cfg.Job.Buffer == 0 {
		c.transmit(it)
		return
	}
	c.out = append(c.out, it)
	c.flush()
}

// flush lets go of what there is credit for.
func (c *channel) flush() {
	for len(c.out) > 0 && (!c.out[0].isRecord() || c.filled < c.w.cfg.Job.Buffer) {
		it := c.out[0]
		c.out = c.out[1:]
		c.transmit(it)
	}
}

// full tells whether the sender has to wait before it sends another record.
func (c *channel) full() bool {
	waiting := 0
	for _, it := range c.out {
		if it.isRecord() {
			waiting++
		}
	}
	return c.w.cfg.Job.Buffer > 0 && waiting >= c.w.cfg.Job.Buffer
}

// overtake sends a barrier past all that waits at the sender: those records belong
// to the checkpoint.
func (c *channel) overtake(it item) {
	c.from.captured(c, it.barrier, recordsIn(c.out))
	c.transmit(it)
}

// expedite does so with a barrier that has waited too long.
func (c *channel) expedite(id int64) {
	at := slices.IndexFunc(c.out, func(it item) bool { return it.barrier == id && !it.cancels })
	if at < 0 {
		return
	}
	c.w.count(switchedCounter, 1)
	it, before := c.out[at], c.out[:at]
	c.out = slices.Delete(slices.Clone(c.out), at, at+1)
	c.from.captured(c, id, recordsIn(before))
	c.transmit(it)
}

func recordsIn(items []item) []int32 {
	var records []int32
	for _, it := range items {
		if it.isRecord() {
			records = append(records, it.record)
		}
	}
	return records
}

// transmit puts an item on the wire and wakes the receiver.
func (c *channel) transmit(it item) {
	ordinal := uint64(it.barrier)
	switch {
	case it.marks:
		ordinal = uint64(it.mark) ^ 1<<63
	case it.isRecord():
		ordinal = c.w.job.contents[it.record]
		c.filled++
		c.left++
	case !it.cancels:
		c.barrierLeft(it)
	}
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

// pop takes the head off, which gives credit for another record.
func (c *channel) pop() {
	record := c.items[c.head].isRecord()
	c.head++
	if c.head == len(c.items) {
		c.items, c.head = c.items[:0], 0
	}
	if !record {
		return
	}
	c.processed++
	c.filled--
	if len(c.out) > 0 && !c.from.p.dead {
		c.flush()
		c.from.t.Wake()
	}
}

// urgent finds the first barrier that has arrived and waits for no record.
func (c *channel) urgent() (at int, found bool) {
	now := c.w.loop.Now()
	for i := c.head; i < len(c.items) && c.items[i].at <= now; i++ {
		if c.items[i].overtakes(now) {
			return i, true
		}
	}
	return 0, false
}

// take takes a barrier out of the middle. The records in front of it stay, and are
// returned, too.
func (c *channel) take(at int) (it item, before []int32) {
	it, before = c.items[at], recordsIn(c.items[c.head:at])
	c.items = slices.Delete(c.items, at, at+1)
	return it, before
}
