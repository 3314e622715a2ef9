package sim

import (
	"fmt"

	"flinch/backends"
	"flinch/backends/operator"
	"flinch/model"
)

// sink writes results to the outside store in transactions, one an epoch (Flink's
// TwoPhaseCommitSinkFunction): a checkpoint's barrier closes the open one and
// puts it into operator state; when a checkpoint is known to be complete, every
// transaction up to it is committed. Those of aborted checkpoints wait for the
// next complete one.
type sink struct {
	c       *chain
	backend *operator.Backend
	list    *operator.List // transactions that were closed and not committed
	mirror  []pair         // the harness' own copy of the list
	rules   *rules
	open    int // number of the open transaction
	serial  int
}

func openSink(c *chain) (*sink, error) {
	backend, err := c.openOperatorState(actorChain, sinkName, c.restoreSink)
	if err != nil {
		return nil, err
	}
	s := &sink{c: c, backend: backend}
	if s.list, err = backend.SplitList(commitList, pairCodec()); err != nil {
		return nil, err
	}
	for _, e := range s.list.Get() {
		s.mirror = append(s.mirror, *e.(*pair))
	}
	if s.rules, err = openRules(c, backend); err != nil {
		return nil, err
	}
	c.w.outside.abortOpen(c.index, c.exec.parallelism, c.launch.number)
	s.begin()
	// What the restored checkpoint holds belongs to completed epochs.
	return s, s.complete(c.launch.restored)
}

func (s *sink) begin() {
	s.serial++
	id := fmt.Sprintf("attempt-%d/subtask-%d/%d", s.c.launch.number, s.c.index, s.serial)
	if fork := s.c.launch.fork; fork > 0 {
		id = fmt.Sprintf("fork-%d/%s", fork, id)
	}
	s.open = s.c.w.outside.begin(id, s.c.index, s.c.launch.number)
}

func (s *sink) write(record int) error {
	if err := s.c.w.outside.write(s.open, record); err != nil {
		return fmt.Errorf("%s: %w", s.c.of(sinkName), err)
	}
	return s.rules.process(record)
}

// snapshot closes the open transaction and takes the synchronous phase of the
// sink's state.
func (s *sink) snapshot(id int64, kept *cut) (*operator.Pending, error) {
	if err := s.c.w.outside.prepare(s.open, id); err != nil {
		return nil, fmt.Errorf("%s: synchronous phase: %w", s.c.of(sinkName), err)
	}
	closed := pair{int64(s.open), id}
	s.c.w.uses[model.Split]++
	if err := s.list.Add(&closed); err != nil {
		return nil, fmt.Errorf("%s: synchronous phase: %w", s.c.of(sinkName), err)
	}
	s.mirror = append(s.mirror, closed)
	s.begin()
	if kept != nil {
		kept.sinks[s.c.index] = encodePairs(s.mirror)
		s.rules.freeze(kept)
	}
	pending, err := s.backend.Snapshot(backends.CheckpointID(id))
	if err != nil {
		return nil, fmt.Errorf("%s: synchronous phase: %w", s.c.of(sinkName), err)
	}
	return pending, nil
}

// complete commits every closed transaction up to a completed checkpoint. One whose
// commit was not answered is kept, with all that follow, and committed again when
// the next checkpoint is known to be complete, or after a restore: the outside
// store takes each at most once.
func (s *sink) complete(id int64) error {
	left, mirror, answered := []any{}, s.mirror[:0:0], true
	for _, e := range s.list.Get() {
		closed := e.(*pair)
		if closed.b <= id && answered {
			answered = s.c.w.outside.commit(s.c.p.m.id, int(closed.a), id)
			if answered {
				continue
			}
		}
		left = append(left, closed)
		mirror = append(mirror, *closed)
	}
	s.mirror = mirror
	s.c.w.uses[model.Split]++
	return s.list.Update(left)
}
