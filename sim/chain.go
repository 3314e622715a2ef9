package sim

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"flinch/backends"
	"flinch/faults/disk"
	"flinch/model"
	"flinch/model/history"
	"flinch/sim/barrier"
)

// chain is one subtask of the chain: two keyed operators and the sink. It aligns
// the barriers of its inputs (Flink's exactly-once mode): an input whose barrier
// has come waits until all have.
type chain struct {
	subtask
	ops      [OperatorCount]*keyed
	sink     *sink
	inputs   []*channel
	barriers *barrier.Handler
	marks    []int64  // by input: its watermark
	left     int      // records that it has not processed, in a job of several regions
	flying   inFlight // what unaligned checkpoints hold of records
	stopped  int64    // savepoint that the job is to end with; 0: none

	maintained   []backends.Maintainer // backends with background jobs
	background   *task                 // lets those go on; nil: there is none
	restoreKeyed [OperatorCount][]backends.KeyedHandle
	restoreSink  []backends.OperatorHandle
	copies       [OperatorCount]*localStreams // nil without local recovery
}

func (c *chain) open() error {
	first, last := model.RangeOf(c.index, c.exec.parallelism, c.w.cfg.Job.MaxParallelism)
	for i := range c.ops {
		p := c.w.keyedParams(keyedSite{
			operator: i, subtask: c.index, parallelism: c.exec.parallelism, attempt: c.launch.number,
			local: c.p.local, streams: c.keyedStreams(i), transfers: c.w.runner(c.p), restore: c.restoreKeyed[i], count: c.w.count,
			who: actor(actorChain, c.launch.number, c.index, i),
		})
		k, err := openKeyed(c.ctx, c.w, i, p)
		if err != nil {
			c.t.settle()
			return err
		}
		c.ops[i] = k // closed by release, whatever comes
		k.machine, k.task = c.p.m.id, c.t
		if err = k.search(&p); err == nil {
			err = k.registerAll()
		}
		if err == nil {
			err = c.auditLive(k, p.KeyGroups)
		}
		c.t.settle()
		if err != nil {
			return err
		}
		k.shadow = model.Restore(c.w.job.schemas[i], first, last, c.launch.cut.frozen(i))
	}
	c.startBackground()
	c.barriers = barrier.New(c.w.cfg.Checkpointing.mode(), len(c.inputs))
	c.marks = slices.Repeat([]int64{math.MinInt64}, len(c.inputs))
	var err error
	if c.sink, err = openSink(c); err != nil {
		return err
	}
	return c.recover()
}

// keyedSite is where a keyed instance is opened.
type keyedSite struct {
	operator, subtask, parallelism, attempt int
	local                                   *disk.Disk
	streams                                 backends.CheckpointStreams
	transfers                               backends.Runner // nil: one by one
	restore                                 []backends.KeyedHandle
	count                                   func(string, int64)
	who                                     uint64 // whose draws the backend makes
}

func (w *world) keyedParams(s keyedSite) backends.KeyedParams {
	return backends.KeyedParams{
		Operator: w.operators[s.operator], Subtask: s.subtask, Parallelism: s.parallelism,
		MaxParallelism: w.cfg.Job.MaxParallelism, Attempt: s.attempt,
		KeyGroups: backends.RangeOf(s.subtask, s.parallelism, w.cfg.Job.MaxParallelism),
		Local:     s.local, Engine: s.local.Atomic(), Dir: w.localDir(s.attempt, s.operator, s.subtask),
		Storage: s.streams, Transfers: s.transfers, Now: w.loop.Now, Tuning: w.cfg.Tuning, Restore: s.restore,
		Key: backends.DecodeStringKey, Rand: &backendChooser{w: w, actor: s.who}, Count: s.count,
	}
}

// step takes the earliest item that has arrived, or waits for one.
func (c *chain) step() error {
	if c.stopped != 0 { // nothing may follow what it ends with
		c.t.Park(pointPark)
		return nil
	}
	if c.w.cfg.Checkpointing.Unaligned {
		if acted, err := c.overtaken(); acted || err != nil {
			return err
		}
	}
	input, next := -1, item{}
	for i, in := range c.inputs {
		if it, ok := in.peek(); ok && !c.barriers.Blocked(i) && (input < 0 || it.at < next.at) {
			input, next = i, it
		}
	}
	arrived := input >= 0 && next.at <= c.w.loop.Now()
	if len(c.flying.recovered) > 0 {
		arrived, next = true, item{}
	}
	// A barrier may come between two timers that one watermark fires.
	if c.w.job.timed && (!arrived || next.barrier == 0) {
		if fired, err := c.fire(); fired || err != nil {
			return err
		}
	}
	if !arrived {
		c.wait(input >= 0, next.at)
		return nil
	}
	if len(c.flying.recovered) > 0 {
		return c.again()
	}
	c.inputs[input].pop()
	if next.marks {
		c.advance(input, next.mark)
		return nil
	}
	if next.barrier != 0 {
		c.w.tellArrived(next.told)
		return c.arrive(input, next)
	}
	c.seen(input, next.record)
	return c.record(int(next.record))
}

// record processes one record and writes its result to the sink.
func (c *chain) record(record int) error {
	c.exec.accept(c.launch)
	c.w.touched[c.w.cfg.Records[record].Key] = true
	for _, k := range c.ops {
		if err := k.process(record); err != nil {
			return err
		}
	}
	if err := c.sink.write(record); err != nil {
		return err
	}
	c.tellRecord(record)
	if c.exec.current(&c.subtask) {
		c.exec.remaining--
	}
	if c.isZombie() {
		c.w.count(zombieRecordCounter, 1)
	}
	c.left--
	c.wakeBackground()
	c.t.pass(pointRecord, c.w.drawn(c.t.Actor(), purposeWork, c.w.job.contents[record], c.w.cfg.Job.Work))
	return nil
}

// tellRecord puts a record into the narrative, with what it did to the state.
func (c *chain) tellRecord(record int) {
	if !c.w.opt.Narrate {
		return
	}
	r := &c.w.cfg.Records[record]
	var did []string
	for i, k := range c.ops {
		for _, op := range r.Ops[i] {
			did = append(did, k.describe(&op))
		}
	}
	text := fmt.Sprintf("record %d of partition %d, key %q", c.w.job.offsets[record], r.Partition, c.w.cfg.Job.Keys[r.Key])
	if len(did) > 0 {
		text += ": " + strings.Join(did, "; ")
	}
	c.w.tell(c.p.m.id, 0, "%s", text)
}

// snapshot is the synchronous phase: nothing else reaches the backends until it
// is over.
func (c *chain) snapshot(id int64, kind snapshotKind, channels *capture) error {
	c.t.enter(history.Synchronous, id)
	begin := c.w.note(pointBarrier, uint32(c.p.m.id), uint64(id), uint64(c.index))
	kind.place(c.storage, backends.CheckpointID(id))
	if kind.stops {
		c.stopped = id
	}
	a := &async{id: id, channels: channels}
	kept := c.w.cuts[id]
	var failed error
	for i, k := range c.ops {
		if kept != nil {
			kept.keyed[i][c.index] = k.shadow.Freeze()
			kept.writes[c.index] += k.writes
		}
		pending, err := k.given().Snapshot(backends.CheckpointID(id), kind.options())
		c.t.settle()
		if err != nil {
			failed = fmt.Errorf("%s: synchronous phase: %w", c.of(c.w.operators[i]), err)
			break
		}
		a.keyed = append(a.keyed, pending)
		if c.copies[i] != nil && !kind.IsSavepoint() {
			a.local = append(a.local, c.copies[i].begin(id))
		}
	}
	if kept != nil {
		c.freezeCounts(kept, kind)
	}
	lists, err := c.sink.snapshot(id, kept)
	a.lists = lists
	failed = errors.Join(failed, err)
	end := c.w.note(pointBarrier, uint32(c.p.m.id), uint64(id), uint64(c.index))
	c.recordSnapshots(id, begin, end)
	c.t.enter(history.Running, 0)
	c.wakeBackground()
	if failed != nil {
		a.dropCopies(make([]bool, len(a.local)))
		c.leave(id)
		a.drop(make([]bool, len(a.keyed)+1))
		c.decline(id, failed)
		// An engine that has lost work is no matter of this checkpoint alone.
		if errors.Is(failed, backends.ErrBroken) {
			return failed
		}
		return nil
	}
	c.w.tell(c.p.m.id, id, "chain %d takes its snapshot of checkpoint %d", c.index, id)
	c.startAsync(a)
	return nil
}

// freezeCounts writes down how far sources and channels have come at the snapshot.
func (c *chain) freezeCounts(kept *cut, kind snapshotKind) {
	if kind.unaligned {
		c.freezeFlights(kept)
	}
	if c.w.cfg.Checkpointing.Mode != AtLeastOnce {
		return
	}
	row := c.w.row(kept.id)
	if row.Sent == nil {
		row.Sent = make([]int64, c.w.cfg.Job.Partitions)
	}
	if base := c.w.row(c.launch.restored); base != nil {
		for p, sent := range base.Sent { // it may be in the restored state already
			row.Sent[p] = max(row.Sent[p], sent)
		}
	}
	for _, in := range c.inputs {
		for _, at := range in.from.mirror {
			row.Sent[at.a] = max(row.Sent[at.a], at.b)
		}
	}
}

func (c *chain) recordSnapshots(id int64, begin, end history.Step) {
	r := backends.RangeOf(c.index, c.exec.parallelism, c.w.cfg.Job.MaxParallelism)
	for i := range c.ops {
		c.w.run.Snapshots = append(c.w.run.Snapshots, history.Snapshot{
			Checkpoint: id, Attempt: c.launch.number, Operator: i, Subtask: c.index,
			First: r.Start, Last: r.End, Begin: begin, End: end,
		})
	}
}

func (c *chain) complete(id int64) error {
	for _, k := range c.ops {
		if err := k.backend.NotifyComplete(backends.CheckpointID(id)); err != nil {
			return fmt.Errorf("notify complete %d: %w", id, err)
		}
	}
	if err := c.sink.complete(id); err != nil {
		return err
	}
	if id == c.stopped {
		e := c.exec
		c.tm.report(about{kind: history.Finished, checkpoint: id, from: &c.subtask}, func(jm *jobManager) { jm.chainFinished(e) })
	}
	return nil
}

func (c *chain) subsumed(id int64) error {
	for _, k := range c.ops {
		if err := k.backend.NotifySubsumed(backends.CheckpointID(id)); err != nil {
			return fmt.Errorf("notify subsumed %d: %w", id, err)
		}
	}
	return nil
}

func (c *chain) abort(id int64) error {
	if c.barriers.Current() == id {
		c.t.enter(history.Running, 0)
	}
	c.leave(id)
	if err := c.act(c.barriers.Abort(id), snapshotKind{}); err != nil {
		return err
	}
	c.stopAsync(id)
	for _, k := range c.ops {
		if err := k.backend.NotifyAborted(backends.CheckpointID(id)); err != nil {
			return fmt.Errorf("notify aborted %d: %w", id, err)
		}
	}
	return nil
}

func (c *chain) release() error {
	var all error
	for _, k := range c.ops {
		if k != nil {
			all = errors.Join(all, k.backend.Close())
		}
	}
	return all
}
