package sim

import (
	"fmt"
	"slices"

	"flinch/backends"
	"flinch/backends/operator"
	"flinch/model"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// source is one subtask of the source. It reads its partitions in turn from the
// offsets that its operator state holds, one record a pace.
type source struct {
	subtask
	backend *operator.Backend
	offsets *operator.List
	mirror  []pair // the harness' own copy of the list
	outputs []*channel
	turn    int
	times   marker
	restore []backends.OperatorHandle
	last    int64 // newest checkpoint that it took part in
	aborted abortedSet
	stopped bool // the job is to end with a barrier that was sent

	restoreChannels []checkpoint.ChannelHandle
	gathering       []*capture // of unaligned checkpoints under way
}

func (s *source) open() error {
	backend, err := s.openOperatorState(actorSource, sourceName, s.restore)
	if err != nil {
		return err
	}
	s.backend = backend
	if s.offsets, err = backend.SplitList(offsetList, pairCodec()); err != nil {
		return err
	}
	if s.launch.restored == 0 {
		return s.assign()
	}
	for _, e := range s.offsets.Get() {
		s.mirror = append(s.mirror, *e.(*pair))
	}
	return s.recover()
}

// recover sends the records in flight that had not left their source when the
// checkpoint was taken: those of the partitions that this one reads now, so that
// they stay in front of the partition's other records.
func (s *source) recover() error {
	err := s.w.readChannels(s.ctx, s.streams, s.restoreChannels, func(_ checkpoint.ChannelHandle, _, record int) {
		partition := int64(s.w.cfg.Records[record].Partition)
		if slices.ContainsFunc(s.mirror, func(at pair) bool { return at.a == partition }) {
			s.w.count(replayedCounter, 1)
			s.send(record)
		}
	})
	s.t.settle()
	return err
}

// assign deals the partitions to the sources of a job that starts empty.
func (s *source) assign() error {
	for partition := s.index; partition < s.w.cfg.Job.Partitions; partition += s.exec.sources {
		s.mirror = append(s.mirror, pair{int64(partition), 0})
		if err := s.offsets.Add(&pair{int64(partition), 0}); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) step() error {
	if s.stopped {
		s.t.Park(pointPark)
		return nil
	}
	// The chains of an attempt are deployed beside its sources: nothing is lost
	// if one of them is slower, since channels keep what arrives.
	for range len(s.mirror) {
		turn := (s.turn + 1) % len(s.mirror)
		at := s.mirror[turn]
		if records := s.w.job.partitions[at.a]; at.b < int64(len(records)) && s.outputOf(records[at.b]).full() {
			s.t.Park(pointPark) // until there is credit
			return nil
		}
		s.turn = turn
		if records := s.w.job.partitions[at.a]; at.b < int64(len(records)) {
			if err := s.emit(records[at.b]); err != nil {
				return err
			}
			s.sendMark(s.times.sent(s.w.cfg.Records[records[at.b]].Time))
			s.t.Yield(pointEmit, s.w.drawn(s.t.Actor(), purposePace, s.w.job.contents[records[at.b]], s.w.cfg.Job.Pace))
			return nil
		}
	}
	s.sendMark(s.times.end())
	s.t.Park(pointPark)
	return nil
}

// emit sends a record on its way and moves the offset, in place, as a real
// source would.
func (s *source) emit(record int) error {
	s.w.uses[model.Split]++
	elements := s.offsets.Get()
	elements[s.turn].(*pair).b++
	if err := s.offsets.Update(elements); err != nil {
		return err
	}
	s.mirror[s.turn].b++
	s.send(record)
	return nil
}

// send puts a record into the channel that it belongs to.
func (s *source) send(record int) { s.outputOf(record).put(record) }

func (s *source) outputOf(record int) *channel {
	if s.w.cfg.Job.Pointwise {
		return s.outputs[0]
	}
	return s.outputs[s.w.target(record, s.exec.parallelism)]
}

// trigger takes the source's part of a checkpoint and sends the barriers.
func (s *source) trigger(id int64, kind snapshotKind) {
	if s.failed || s.cancelled || id <= s.last {
		return
	}
	s.last = id
	if s.aborted.has(id) {
		s.sendCancel(id)
		return
	}
	s.stopped = kind.stops
	kind.place(s.storage, backends.CheckpointID(id))
	s.t.enter(history.Synchronous, id)
	s.freeze(id)
	pending, err := s.backend.Snapshot(backends.CheckpointID(id))
	s.t.enter(history.Running, 0)
	if err != nil {
		s.sendCancel(id)
		s.decline(id, fmt.Errorf("%s: synchronous phase: %w", s.of(sourceName), err))
		return
	}
	a := &async{id: id, lists: pending, channels: s.gather(id, kind)}
	for _, out := range s.outputs {
		out.putBarrier(id, kind)
	}
	if a.channels != nil && a.channels.open > 0 {
		s.w.loop.At(kind.deadline, func() { s.t.post(func() { s.expedite(id) }) })
	}
	s.startAsync(a)
}

// sendCancel tells the chains not to wait for a barrier.
func (s *source) sendCancel(id int64) {
	for _, out := range s.outputs {
		out.putCancel(id)
	}
}

// gather begins to gather what the barriers of an unaligned checkpoint overtake.
func (s *source) gather(id int64, kind snapshotKind) *capture {
	if !kind.unaligned {
		return nil
	}
	c := &capture{id: id, output: true, open: len(s.outputs)}
	for _, out := range s.outputs {
		c.parts = append(c.parts, capturedPart{peer: out.to.index, live: true})
	}
	s.gathering = append(s.gathering, c)
	return c
}

// captured takes note that a barrier has left, and what it has overtaken.
func (s *source) captured(ch *channel, id int64, records []int32) {
	if len(records) > 0 {
		s.w.count(overtakeCounter, 1)
	}
	for _, c := range s.gathering {
		if c.id == id {
			c.add(ch.to.index, records, true)
		}
	}
	s.gathering = slices.DeleteFunc(s.gathering, func(c *capture) bool { return c.open == 0 })
}

// expedite has the barriers that still wait at this end overtake what is in front.
func (s *source) expedite(id int64) {
	if s.failed || s.cancelled || s.aborted.has(id) {
		return
	}
	for _, out := range s.outputs {
		out.expedite(id)
	}
}

// freeze writes down what the checkpoint must hold of this source.
func (s *source) freeze(id int64) {
	c, row := s.w.cuts[id], s.w.row(id)
	for _, at := range s.mirror {
		c.offsets[at.a], row.Offsets[at.a] = at.b, at.b
	}
	c.sources[s.index] = encodePairs(s.mirror)
	for _, out := range s.outputs {
		c.flightOf(out).sent = len(out.log)
	}
	s.w.tell(s.p.m.id, id, "source %d sends barrier %d", s.index, id)
}

func (s *source) release() error         { return nil }
func (s *source) complete(_ int64) error { return nil }
func (s *source) subsumed(_ int64) error { return nil }

func (s *source) abort(id int64) error {
	s.aborted.add(id)
	s.gathering = slices.DeleteFunc(s.gathering, func(c *capture) bool { return c.id == id })
	s.stopAsync(id)
	return nil
}

// finished tells whether all of the source's records are on their way.
func (s *source) finished() bool {
	return !slices.ContainsFunc(s.mirror, func(at pair) bool {
		return at.b < int64(len(s.w.job.partitions[at.a]))
	})
}
