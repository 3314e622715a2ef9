package sim

import (
	"flinch/backends"
	"flinch/checks"
	"flinch/model/history"
)

// auditLive dumps a live instance that was restored from a local copy, before its
// first record: auditors read checkpoint storage alone, so that nothing else would
// show what the copy held before the job happens to read it.
func (c *chain) auditLive(k *keyed, groups backends.KeyGroupRange) error {
	local := c.copies[k.index]
	if local == nil || local.used == 0 {
		return nil
	}
	w := c.w
	w.count(copiesUsedCounter, 1)
	w.tell(c.p.m.id, c.launch.restored, "%s is restored from its local copy", c.of(k.name()))
	d := history.Dump{Subtask: c.index, First: groups.Start, Last: groups.End}
	if err := w.dump(k, groups, &d); err != nil {
		return err
	}
	w.live = append(w.live, checks.Audit{
		Kind: checks.AtRestore, Step: w.step(), Now: w.milliseconds(), Checkpoint: c.launch.restored, Attempt: c.launch.number,
		Parallelism: c.exec.parallelism, Sources: c.exec.sources,
		Keyed: []checks.KeyedAudit{{Operator: k.index, Expected: c.launch.cut.expected(w, k.index), Dumps: []history.Dump{d}}},
	})
	return nil
}
