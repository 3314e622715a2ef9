package sim

import (
	"slices"

	"flinch/backends"
	"flinch/model/history"
	"flinch/sim/barrier"
	"flinch/sim/checkpoint"
)

// inFlight is what a chain has to do with records in flight: those that it was
// restored with, and those that belong to the checkpoint under way.
type inFlight struct {
	restore   []checkpoint.ChannelHandle
	recovered []int32 // restored, in order, and not processed yet: they go before all others
	capture   *capture
	kind      snapshotKind // of the barriers under way
	before    []int32      // in front of the barrier that has just been taken
	due       []int32      // the harness' own list of what must be recovered
}

// recover reads the records in flight that belong to this chain now.
func (c *chain) recover() error {
	err := c.w.readChannels(c.ctx, c.streams, c.flying.restore, func(_ checkpoint.ChannelHandle, _, record int) {
		if c.w.target(record, c.exec.parallelism) == c.index {
			c.flying.recovered = append(c.flying.recovered, int32(record))
		}
	})
	c.t.settle()
	c.flying.due = c.w.inFlightOf(c.launch.restored, func(f *history.InFlight, record int32) bool {
		return !f.Output && c.w.target(int(record), c.exec.parallelism) == c.index
	})
	return err
}

// target is the chain that a record's key belongs to.
func (w *world) target(record, parallelism int) int {
	return backends.SubtaskOf(w.job.groups[w.cfg.Records[record].Key], parallelism, w.cfg.Job.MaxParallelism)
}

// again processes the first of the recovered records.
func (c *chain) again() error {
	f := &c.flying
	record := f.recovered[0]
	f.recovered = f.recovered[1:]
	if i := slices.Index(f.due, record); i >= 0 {
		f.due = slices.Delete(f.due, i, i+1)
	}
	c.w.count(replayedCounter, 1)
	return c.record(int(record))
}

// overtaken looks for a barrier that waits for no record, and at the clock of the
// alignment that is under way.
func (c *chain) overtaken() (bool, error) {
	now := c.w.loop.Now()
	if at, any := c.barriers.Deadline(); any && now >= at {
		return true, c.act(c.barriers.Tick(now), c.flying.kind)
	}
	input, first, place := -1, item{}, 0
	for i, in := range c.inputs {
		if at, found := in.urgent(); found && (input < 0 || in.items[at].at < first.at) {
			input, first, place = i, in.items[at], at
		}
	}
	if input < 0 {
		return false, nil
	}
	it, before := c.inputs[input].take(place)
	if len(before) > 0 {
		c.w.count(overtakeCounter, 1)
	}
	c.w.tellArrived(it.told)
	c.flying.before = before
	return true, c.arrive(input, it)
}

// overtake takes the snapshot of an unaligned checkpoint.
func (c *chain) overtake(id int64, kind snapshotKind) error {
	f := &c.flying
	f.capture = &capture{id: id, parts: []capturedPart{{peer: recovered, records: slices.Clone(f.recovered)}}}
	for _, in := range c.inputs {
		f.capture.parts = append(f.capture.parts, capturedPart{peer: in.from.index})
	}
	return c.snapshot(id, kind, f.capture)
}

// captureInput carries out what the handler says of an input's part.
func (c *chain) captureInput(a barrier.Action) {
	f := &c.flying
	if f.capture == nil || f.capture.id != a.ID {
		return // its snapshot failed
	}
	if p := &f.capture.parts[a.Input+1]; a.Kind == barrier.Capture {
		p.live = true
		f.capture.open++
	}
	if a.Kind == barrier.Release {
		f.capture.add(c.inputs[a.Input].from.index, f.before, true)
		f.before = nil
	}
}

// seen gives a record that was read to the checkpoint that it belongs to.
func (c *chain) seen(input int, record int32) {
	if c.flying.capture != nil {
		c.flying.capture.add(c.inputs[input].from.index, []int32{record}, false)
	}
}

// leave ends the gathering for a checkpoint.
func (c *chain) leave(id int64) {
	if c.flying.capture != nil && c.flying.capture.id == id {
		c.flying.capture = nil
	}
}

// flight is the harness' own count of one channel at the barrier of a checkpoint:
// how many records the chain had processed at its snapshot, and how many had left
// the source, and had been put, when it sent the barrier.
type flight struct {
	processed, left, sent int
	taken, departed       bool
	over                  bool
}

func (c *cut) flightOf(ch *channel) *flight {
	key := [2]int{ch.from.index, ch.to.index}
	if c.flights[key] == nil {
		if c.flights == nil {
			c.flights = map[[2]int]*flight{}
		}
		c.flights[key] = new(flight)
	}
	return c.flights[key]
}

// barrierLeft notes that a barrier has left its sender.
func (c *channel) barrierLeft(it item) {
	if !it.kind.unaligned {
		return
	}
	if kept := c.w.cuts[it.barrier]; kept != nil {
		f := kept.flightOf(c)
		f.left, f.departed = c.left, true
		c.landed(it.barrier, f)
	}
	c.from.captured(c, it.barrier, nil)
}

// freezeFlights notes what the chain has processed at the snapshot of an unaligned
// checkpoint.
func (c *chain) freezeFlights(kept *cut) {
	row := c.w.row(kept.id)
	if len(c.flying.due) > 0 {
		row.InFlight = append(row.InFlight, history.InFlight{From: recovered, To: c.index, Records: slices.Clone(c.flying.due)})
	}
	for _, ch := range c.inputs {
		f := kept.flightOf(ch)
		f.processed, f.taken = ch.processed, true
		ch.landed(kept.id, f)
	}
}

// landed writes down what was in flight in a channel, once that is known.
func (c *channel) landed(id int64, f *flight) {
	if !f.taken || !f.departed || f.over {
		return
	}
	f.over = true
	row := c.w.row(id)
	if f.processed < f.left {
		row.InFlight = append(row.InFlight, history.InFlight{From: c.from.index, To: c.to.index, Records: c.log[f.processed:f.left:f.left]})
	}
	if f.left < f.sent {
		row.InFlight = append(row.InFlight, history.InFlight{
			From: c.from.index, To: c.to.index, Output: true, Records: c.log[f.left:f.sent:f.sent],
		})
	}
}

// inFlightOf lists the records that were in flight in a checkpoint.
func (w *world) inFlightOf(id int64, want func(*history.InFlight, int32) bool) []int32 {
	row := w.row(id)
	if row == nil {
		return nil
	}
	var records []int32
	for i := range row.InFlight {
		for _, r := range row.InFlight[i].Records {
			if want(&row.InFlight[i], r) {
				records = append(records, r)
			}
		}
	}
	return records
}

func anyRecord(*history.InFlight, int32) bool { return true }
