package sim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"flinch/backends"
	"flinch/backends/operator"
	"flinch/backends/storage"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// subtask is what sources and chains have in common: a main task with a mailbox,
// asynchronous snapshots beside it, failing and being cancelled.
type subtask struct {
	w         *world
	exec      *execution
	launch    *launch
	index     int
	vertex    string // "source", "chain"
	tm        *taskManager
	p         *process
	t         *task
	ctx       context.Context
	stop      context.CancelFunc
	storage   storage.Storage            // the process' own value
	streams   backends.CheckpointStreams // the same, measured
	asyncs    []*async
	helpers   []*task // other tasks that use what open opened; they end when told to, and woken
	cancelled bool
	failed    bool
	ready     bool // for the job manager
	whenGone  func()
}

// async is the asynchronous phase of one checkpoint in one subtask.
type async struct {
	id    int64
	ctx   context.Context
	stop  context.CancelFunc
	keyed []backends.Pending
	local []*localCopy // beside keyed; none without local recovery
	lists *operator.Pending

	channels *capture // records in flight; nil: it is aligned
}

// body is what a kind of subtask does.
type body interface {
	open() error    // restores and gets ready
	step() error    // does a bit of work, or waits for some
	release() error // closes what open opened
	complete(id int64) error
	abort(id int64) error
	subsumed(id int64) error
}

// main runs the subtask: open, work until cancelled, close. A failure is
// reported, and then the subtask waits to be cancelled.
func (s *subtask) main(b body) {
	closed := false
	// A dying process lets go of what its backends hold; its disks refuse it.
	defer func() {
		if !closed {
			_ = b.release() // of a dead process: nobody is left to tell
		}
	}()
	s.t.enter(history.Restoring, s.launch.restored)
	if err := b.open(); err != nil {
		s.fail(s.launch.opening(), err)
	} else {
		s.w.tell(s.p.m.id, 0, "%s %d runs (attempt %d)", s.vertex, s.index, s.launch.number)
		s.tm.report(about{kind: history.Started, from: s}, func(jm *jobManager) { jm.subtaskRuns(s) })
	}
	s.t.enter(history.Running, 0)
	for !s.cancelled {
		s.t.drain()
		switch {
		case s.cancelled:
		case s.failed:
			s.t.Park(pointPark)
		default:
			if err := b.step(); err != nil {
				s.fail("process", err)
			}
		}
	}
	for _, h := range s.helpers {
		h.Wake()
	}
	for len(s.asyncs) > 0 || len(s.helpers) > 0 { // they were told to stop
		s.t.Park(pointPark)
	}
	closed = true
	if err := b.release(); err != nil {
		s.w.unexpected(s.p.m.id, s.launch.number, "close "+s.vertex, err)
	}
	s.tm.gone(s)
}

// opening is what a subtask does until it runs: where the attempt starts from
// nothing, nothing is restored.
func (l *launch) opening() string {
	if l.restored == 0 {
		return "open"
	}
	return "restore"
}

// fail reports a failure of the subtask to the job manager.
func (s *subtask) fail(during string, err error) {
	s.t.settle() // one that died inside an engine tells nobody
	s.failed = true
	if s.cancelled {
		return
	}
	s.w.unexpected(s.p.m.id, s.launch.number, fmt.Sprintf("%s %d: %s", s.vertex, s.index, during), err)
	s.w.tell(s.p.m.id, 0, "%s %d fails: %s: %v", s.vertex, s.index, during, err)
	s.tm.report(about{kind: history.Failed, from: s}, func(jm *jobManager) { jm.subtaskFailed(s, err) })
}

// cancel tells the subtask to stop in good order.
func (s *subtask) cancel() {
	s.cancelled = true
	s.stop()
	for _, a := range s.asyncs {
		a.halt()
	}
	s.t.Wake()
}

// startAsync begins the asynchronous phase of a checkpoint.
func (s *subtask) startAsync(a *async) {
	a.ctx, a.stop = context.WithCancel(s.ctx)
	s.asyncs = append(s.asyncs, a)
	who := actor(actorAsync, int(a.id), s.index, len(s.vertex))
	name := fmt.Sprintf("%s %d checkpoint %d", s.vertex, s.index, a.id)
	s.p.spawn(name, who, rankAsync, func(t *task) {
		t.subtask = s
		s.runAsync(t, a)
		a.stop()
		s.asyncs = slices.DeleteFunc(s.asyncs, func(o *async) bool { return o == a })
		s.t.Wake()
	})
}

// runAsync writes the snapshots and answers the coordinator. Whatever was written
// before an error or a cancellation is discarded.
func (s *subtask) runAsync(t *task, a *async) {
	t.enter(history.Asynchronous, a.id)
	state, err := a.write(s)
	if err == nil {
		err = a.writeChannels(s, t, &state)
	}
	if err == nil && a.ctx.Err() != nil {
		err = a.ctx.Err()
	}
	if err != nil {
		s.discard(a.id, state)
		if a.ctx.Err() == nil {
			s.decline(a.id, err)
			if errors.Is(err, backends.ErrBroken) { // no matter of this checkpoint alone
				s.t.post(func() { s.fail("snapshot", err) })
			}
		}
		return
	}
	t.enter(history.Acknowledging, a.id)
	s.w.files.written(a.id, state)
	s.w.countShared(state)
	number := s.launch.number
	s.tm.reportOr(about{kind: history.Ack, checkpoint: a.id, from: s}, func(jm *jobManager) {
		if s.isZombie() {
			s.w.count(zombieAcksCounter, 1)
		}
		s.w.acknowledged(jm, number, a.id, subtaskName{s.vertex, s.index})
		jm.acknowledge(number, s.vertex, s.index, a.id, state)
	},
		func() { s.w.files.ackLost(state) })
}

// countShared counts the shared files that a subtask hands over.
func (w *world) countShared(state checkpoint.Subtask) {
	for h := range state.Streams() {
		switch {
		case h.Placeholder:
			w.count("shared_files_reused", 1)
		case h.IsShared():
			w.count("shared_files_written", 1)
		}
	}
}

// write runs the asynchronous phases, one after the other or some at a time. What
// it returns beside an error is what was written so far.
func (a *async) write(s *subtask) (state checkpoint.Subtask, err error) {
	keyed, begun := make([]backends.KeyedHandle, len(a.keyed)), make([]bool, len(a.keyed)+1)
	wrote := make([]bool, len(a.keyed))
	run := s.w.runner(s.p)
	if run == nil {
		run = backends.OneByOne
	}
	err = run(a.ctx, len(begun), func(ctx context.Context, i int) error {
		begun[i] = true
		if i == len(a.keyed) {
			h, err := a.lists.Write(ctx)
			if err != nil {
				return fmt.Errorf("%s: write operator snapshot: %w", s.of(s.listOwner()), err)
			}
			state.Operator = append(state.Operator, h)
			return nil
		}
		h, err := a.keyed[i].Write(ctx)
		if err != nil {
			return fmt.Errorf("%s: write keyed snapshot: %w", s.of(s.w.operators[i]), err)
		}
		if a.local != nil {
			a.local[i].commit(h)
		}
		keyed[i], wrote[i] = h, true
		return nil
	})
	for i, h := range keyed {
		if wrote[i] {
			state.Keyed = append(state.Keyed, h)
		}
	}
	if err != nil {
		a.dropCopies(wrote)
		a.drop(begun)
	}
	return state, err
}

// writeChannels writes the records in flight, once they are known.
func (a *async) writeChannels(s *subtask, t *task, state *checkpoint.Subtask) (err error) {
	if a.channels == nil {
		return nil
	}
	if err = a.channels.wait(a.ctx, t); err == nil && !a.channels.empty() {
		state.Channels, err = a.channels.write(a.ctx, s)
	}
	return err
}

// halt ends the asynchronous phase, which may be waiting.
func (a *async) halt() {
	a.stop()
	if a.channels != nil && a.channels.waiter != nil {
		a.channels.waiter.Wake()
	}
}

// of names an operator's part in the subtask, as errors do.
func (s *subtask) of(operator string) string {
	return fmt.Sprintf("operator %s, subtask %d", operator, s.index)
}

// listOwner is the operator that keeps operator state in the subtask.
func (s *subtask) listOwner() string {
	if s.vertex == sourceVertex {
		return sourceName
	}
	return sinkName
}

// drop releases the snapshots whose writing has not begun, and will not.
func (a *async) drop(begun []bool) {
	for i, p := range a.keyed {
		if !begun[i] {
			_ = p.Discard() // releases memory: an error has nobody to go to
		}
	}
	if a.lists != nil && !begun[len(a.keyed)] {
		_ = a.lists.Discard()
	}
}

// discard deletes what was written for a checkpoint that will not be
// acknowledged, as well as it can.
func (s *subtask) discard(id int64, state checkpoint.Subtask) {
	for h := range state.Streams() {
		if err := s.streams.Discard(context.Background(), h); err != nil {
			s.w.unexpected(s.p.m.id, s.launch.number, fmt.Sprintf("discard checkpoint %d", id), err)
			s.w.tell(s.p.m.id, 0, "discard %s: %v", h.Path, err)
		}
	}
}

// decline tells the coordinator that the subtask cannot take part in a
// checkpoint.
func (s *subtask) decline(id int64, err error) {
	// The place of a checkpoint that was aborted meanwhile is gone: rightly so.
	if !errors.Is(err, fs.ErrNotExist) || !s.w.given(id) {
		s.w.unexpected(s.p.m.id, s.launch.number, fmt.Sprintf("checkpoint %d of %s %d", id, s.vertex, s.index), err)
	}
	s.w.tell(s.p.m.id, id, "%s %d declines checkpoint %d: %v", s.vertex, s.index, id, err)
	number := s.launch.number
	err = fmt.Errorf("checkpoint %d: %w", id, err)
	s.tm.report(about{kind: history.Decline, checkpoint: id, from: s}, func(jm *jobManager) { jm.declined(number, id, err) })
}

// stopAsync ends the asynchronous phase of an aborted checkpoint.
func (s *subtask) stopAsync(id int64) {
	for _, a := range s.asyncs {
		if a.id == id {
			a.halt()
		}
	}
}
