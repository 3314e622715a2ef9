package sim

import (
	"fmt"
	"slices"

	"flinch/backends"
	"flinch/backends/operator"
	"flinch/model"
	"flinch/model/history"
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
	return nil
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
		s.turn = (s.turn + 1) % len(s.mirror)
		at := s.mirror[s.turn]
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
	key := s.w.cfg.Records[record].Key
	target := backends.SubtaskOf(s.w.job.groups[key], s.exec.parallelism, s.w.cfg.Job.MaxParallelism)
	if s.w.cfg.Job.Pointwise {
		target = 0 // its one channel
	}
	s.outputs[target].put(record)
	return nil
}

// trigger takes the source's part of a checkpoint and sends the barriers.
func (s *source) trigger(id int64, kind snapshotKind) {
	if s.failed || s.cancelled || id <= s.last || s.aborted.has(id) {
		return
	}
	s.last, s.stopped = id, kind.stops
	kind.place(s.storage, backends.CheckpointID(id))
	s.t.enter(history.Synchronous, id)
	s.freeze(id)
	pending, err := s.backend.Snapshot(backends.CheckpointID(id))
	for _, out := range s.outputs {
		out.putBarrier(id, kind)
	}
	s.t.enter(history.Running, 0)
	if err != nil {
		s.decline(id, fmt.Errorf("%s: synchronous phase: %w", s.of(sourceName), err))
		return
	}
	s.startAsync(&async{id: id, lists: pending})
}

// freeze writes down what the checkpoint must hold of this source.
func (s *source) freeze(id int64) {
	c, row := s.w.cuts[id], s.w.row(id)
	for _, at := range s.mirror {
		c.offsets[at.a], row.Offsets[at.a] = at.b, at.b
	}
	c.sources[s.index] = encodePairs(s.mirror)
	s.w.tell(s.p.m.id, id, "source %d sends barrier %d", s.index, id)
}

func (s *source) release() error         { return nil }
func (s *source) complete(_ int64) error { return nil }
func (s *source) subsumed(_ int64) error { return nil }

func (s *source) abort(id int64) error {
	s.aborted.add(id)
	s.stopAsync(id)
	return nil
}

// finished tells whether all of the source's records are on their way.
func (s *source) finished() bool {
	return !slices.ContainsFunc(s.mirror, func(at pair) bool {
		return at.b < int64(len(s.w.job.partitions[at.a]))
	})
}
