package sim

import (
	"slices"

	"flinch/model"
	"flinch/model/history"
)

// cut is what the harness froze of one checkpoint, in the synchronous phases of
// its subtasks: what a restore of it has to give.
type cut struct {
	id       int64
	attempt  int
	launched []*launch                      // of the subtasks that take part
	keyed    [OperatorCount][]*model.Frozen // by subtask; nil: its phase never came
	offsets  []int64                        // by partition: records before the barrier
	sources  [][]string                     // by subtask: elements of its offset list, encoded
	sinks    [][]string                     // by subtask: elements of its transaction list, encoded
	seen     [][]string                     // by subtask: elements of its list of counters, encoded
	rules    [][]string                     // by subtask: entries of its copy of the rules, encoded; nil: it has none
	acks     map[subtaskName]bool           // delivered to a live coordinator
	writes   []int64                        // by subtask: operations without an answer, since the attempt began
	checked  []int64                        // by subtask of the attempt: those that an audit has shown

	flights map[[2]int]*flight // by source and chain

	union [OperatorCount]*model.Frozen // of keyed, once it was asked for
}

func newCut(id int64, e *execution, partitions int) *cut {
	c := &cut{id: id, attempt: e.number, launched: e.launches(), offsets: make([]int64, partitions), checked: e.checked}
	for i := range c.keyed {
		c.keyed[i] = make([]*model.Frozen, e.parallelism)
	}
	c.sources, c.sinks = make([][]string, e.sources), make([][]string, e.parallelism)
	c.seen, c.rules = make([][]string, e.parallelism), make([][]string, e.parallelism)
	c.writes, c.acks = make([]int64, e.parallelism), map[subtaskName]bool{}
	return c
}

// subtaskName names a subtask of an attempt.
type subtaskName struct {
	vertex string
	index  int
}

// acknowledged counts an acknowledgement that has reached a live coordinator, and
// writes down when all have: the harness' own count.
func (w *world) acknowledged(jm *jobManager, attempt int, id int64, who subtaskName) {
	c, row := w.cuts[id], w.row(id)
	if c == nil || !c.of(attempt) || row.Incarnation != jm.incarnation || row.Aborted != 0 {
		return
	}
	c.acks[who] = true
	if len(c.acks) == len(c.sources)+len(c.sinks) && row.FullyAcked == 0 {
		row.FullyAcked = w.step()
	}
}

// credit returns how many operations an audit of the checkpoint checks that no
// audit has checked before: those that only write, and so had no answer to
// compare, but whose effect is in what was dumped.
func (c *cut) credit() int64 {
	var n int64
	for i, writes := range c.writes {
		if writes > c.checked[i] {
			n += writes - c.checked[i]
			c.checked[i] = writes
		}
	}
	return n
}

// expected lists the union of what was frozen of one keyed operator, sorted.
// There is no overlap: each key group belongs to one subtask. It is asked for
// once all synchronous phases are over.
func (c *cut) expected(w *world, operator int) []model.Entry {
	if c.union[operator] == nil {
		c.union[operator] = model.Restore(w.job.schemas[operator], 0, w.cfg.Job.MaxParallelism-1, c.frozen(operator)).Freeze()
	}
	return c.union[operator].Entries()
}

func (c *cut) frozen(operator int) []*model.Frozen {
	if c == nil {
		return nil
	}
	all := make([]*model.Frozen, 0, len(c.keyed[operator]))
	for _, f := range c.keyed[operator] {
		if f != nil {
			all = append(all, f)
		}
	}
	return all
}

// has tells whether any entry stands under a key.
func (c *cut) has(operator, key int) bool {
	for _, f := range c.keyed[operator] {
		if f != nil && f.Has(key) {
			return true
		}
	}
	return false
}

// row returns a checkpoint's row in the history.
func (w *world) row(id int64) *history.Checkpoint {
	rows := w.run.Checkpoints
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].ID == id {
			return &rows[i]
		}
	}
	return nil
}

// observed writes down that somebody outside the coordinator can see that a
// checkpoint has completed.
func (w *world) observed(id int64, by string) {
	if row := w.row(id); row != nil && row.Observed == 0 {
		row.Observed, row.ObservedBy, row.ObservedAt = w.step(), by, w.loop.Now()
	}
}

// given tells whether a checkpoint was given up, or its attempt with it.
func (w *world) given(id int64) bool {
	row := w.row(id)
	return row == nil || row.Aborted != 0 || w.leader == nil || row.Incarnation != w.leader.incarnation
}

// of tells whether a subtask that takes part in the checkpoint stems from an attempt.
func (c *cut) of(attempt int) bool {
	return slices.ContainsFunc(c.launched, func(l *launch) bool { return l.number == attempt })
}
