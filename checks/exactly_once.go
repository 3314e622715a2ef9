package checks

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"flinch/model"
	"flinch/model/history"
)

// J. Each keyed operator keeps, under every key, a ledger of how often each
// record was applied. In every audited checkpoint, exactly once: the ledger has
// 1 for each record that lies before the barrier in its source partition, and 0
// for all others; one that was in flight at an unaligned checkpoint is in its
// channel state instead. At least once: 1 or more before the barrier; beyond it, only
// what had been sent before the snapshot, where the run recorded that. At the
// end, if the run came to its quiet end, the newest checkpoint holds all
// records.
//
// In pure cases that are exactly once, all other state is what a fold of the
// records before the barrier gives, key by key in partition order; but for timers,
// and for what they leave.
//
// Key groups whose dump failed are left out: restored-state judges why.
var _ = register(Check{
	Order:     40,
	Name:      "exactly-once",
	Guarantee: "Each checkpoint holds the effect of each record before its barrier once, and of no other.",
	Judge:     judgeExactlyOnce,
})

func judgeExactlyOnce(_ context.Context, e *Evidence) Verdict {
	j := ledgerJudge{e: e, folds: map[foldKey][]model.Entry{}, groups: make([]int, len(e.Facts.Keys))}
	for i, key := range e.Facts.Keys {
		j.groups[i] = model.KeyGroup(model.JavaHash(key), e.Facts.MaxParallelism)
	}
	ended, final := quietEnd(e.Run), false
	for i := range e.Audits {
		a := &e.Audits[i]
		last := ended && a.Kind == AtQuiesce && a.Checkpoint == e.Run.Quiesce.Final
		final = final || last && len(a.Keyed) > 0
		j.audit(a, last)
	}
	if ended && !final && len(e.Facts.Operators) > 0 {
		j.undecided(fmt.Sprintf("The newest checkpoint, %d, was not read back at the end.", e.Run.Quiesce.Final))
	}
	return j.verdict()
}

// quietEnd tells whether everything was drained at the end, so that what is
// still missing is lost.
func quietEnd(run *history.Run) bool { return run.Quiesce.Done && run.Quiesce.LegalStop == "" }

type foldKey struct {
	checkpoint int64
	operator   int
}

type ledgerJudge struct {
	findings
	e       *Evidence
	folds   map[foldKey][]model.Entry
	groups  []int // by key: its key group
	inOrder []int // record ids by partition and offset; nil: not sorted yet
	times   []int64
}

func (j *ledgerJudge) audit(a *Audit, last bool) {
	offsets, sent := make([]int64, j.e.Facts.Partitions), []int64(nil)
	flying := map[int]bool{}
	if c := findCheckpoint(j.e.Run, a.Checkpoint); c != nil && len(c.Offsets) == len(offsets) {
		copy(offsets, c.Offsets)
		sent = c.Sent
		for i := range c.InFlight {
			for _, r := range c.InFlight[i].Records {
				flying[int(r)] = true
			}
		}
	} else if a.Checkpoint != 0 {
		j.undecided(fmt.Sprintf("The offsets of checkpoint %d were not recorded.", a.Checkpoint))
		return
	}
	if a.Parallelism < 1 || j.e.Facts.MaxParallelism < a.Parallelism {
		j.undecided(fmt.Sprintf("An audit of checkpoint %d has parallelism %d of at most %d.", a.Checkpoint, a.Parallelism, j.e.Facts.MaxParallelism))
		return
	}
	if last {
		for i := range offsets {
			offsets[i] = int64(len(j.e.Facts.Records))
		}
	}
	for i := range a.Keyed {
		k := &a.Keyed[i]
		j.ledger(a, k, barrier{offsets: offsets, sent: sent, flying: flying, last: last})
		if j.e.Facts.Pure && j.e.Facts.ExactlyOnce {
			j.values(a, k, barrier{offsets: offsets, flying: flying, last: last})
		}
	}
}

// barrier says which records a checkpoint has to hold.
type barrier struct {
	offsets []int64
	sent    []int64      // nil: not recorded
	flying  map[int]bool // record ids: they are in channel state
	last    bool         // nothing may lie beyond
}

// holds tells whether the state of the checkpoint has to hold a record.
func (b barrier) holds(id int, r *RecordFacts) bool {
	return r.Offset < b.offsets[r.Partition] && !b.flying[id]
}

// ledger reads how often each record was applied out of the dumps and compares.
func (j *ledgerJudge) ledger(a *Audit, k *KeyedAudit, b barrier) {
	records := j.e.Facts.Records
	j.times = append(j.times[:0], make([]int64, len(records))...)
	name := j.e.Facts.Operators[k.Operator].States[LedgerState].Name
	var rows []string
	c := newComparison(j.e, a, k)
	for _, dump := range c.dumps {
		for i := range dump {
			entry := &dump[i]
			if entry.State != name {
				continue
			}
			id := wordOf(entry.UserKey)
			if id < 0 || id >= int64(len(records)) || j.e.Facts.Keys[records[id].Key] != entry.Key {
				rows = append(rows, fmt.Sprintf("+ record %d  under key %q, where it does not belong", id, entry.Key))
				continue
			}
			j.times[id] += wordOf(entry.Value)
		}
	}
	for id := range records {
		if !c.readable[c.owner(j.groups[records[id].Key])] {
			continue
		}
		j.judged++
		if row := j.record(id, b); row != "" {
			rows = append(rows, row)
		}
	}
	if len(rows) > 0 {
		j.add(finding{
			step: a.Step, checkpoint: a.Checkpoint, details: rows,
			message: fmt.Sprintf("%s%s holds %s wrongly; the first: %s.", auditText(j.e, a), operatorName(j.e, k.Operator), count(len(rows), "record", "records"), rows[0][2:]),
		})
	}
}

// record judges how often one record was applied; "" if that is right.
func (j *ledgerJudge) record(id int, b barrier) string {
	r, times := &j.e.Facts.Records[id], j.times[id]
	before := b.holds(id, r)
	least, most := int64(0), int64(0)
	if before {
		least, most = 1, 1
	}
	if !j.e.Facts.ExactlyOnce && (before || b.sent == nil || r.Offset < b.sent[r.Partition]) {
		most = max(times, most)
	}
	if least <= times && times <= most {
		return ""
	}
	sign, where := "~", "before its barrier"
	switch {
	case b.last:
		where = "read to its end"
	case b.flying[id]:
		where = "in flight at its barrier"
	case !before:
		where = "beyond its barrier"
	}
	switch {
	case times == 0:
		sign = "-"
	case !before:
		sign = "+"
	}
	return fmt.Sprintf("%s record %d  key %q  partition %d offset %d, %s  applied %s, not %s", sign, id,
		j.e.Facts.Keys[r.Key], r.Partition, r.Offset, where, count(int(times), "time", "times"), count(int(least), "time", "times"))
}

// values compares all other state with a fold of the records.
func (j *ledgerJudge) values(a *Audit, k *KeyedAudit, b barrier) {
	key := foldKey{a.Checkpoint, k.Operator}
	if b.last {
		key.checkpoint = -1 // all records, whatever its offsets say
	}
	expected, found := j.folds[key]
	if !found {
		expected = j.fold(k.Operator, b)
		j.folds[key] = expected
	}
	c := newComparison(j.e, a, k)
	c.expected, c.ignored = expected, append(byTime(j.e, k.Operator), j.e.Facts.Operators[k.Operator].States[LedgerState].Name)
	c.origin = newProvenance(j.e, a, k.Operator)
	d := c.difference()
	j.judged += d.compared
	if len(d.rows) > 0 {
		j.add(finding{
			step: a.Step, checkpoint: a.Checkpoint, details: d.rows, more: d.left(), title: stateTitle, note: d.note(),
			message: auditText(j.e, a) + "measured by its records, " + d.sentence(operatorName(j.e, k.Operator)) + ".",
		})
	}
}

// fold gives what the records below the offsets leave in an operator.
func (j *ledgerJudge) fold(operator int, b barrier) []model.Entry {
	if j.inOrder == nil {
		j.sortRecords()
	}
	schema := &model.Schema{Keys: j.e.Facts.Keys, States: j.e.Facts.Operators[operator].States, MaxParallelism: j.e.Facts.MaxParallelism}
	var work []model.Record
	for _, id := range j.inOrder {
		if r := &j.e.Facts.Records[id]; b.holds(id, r) {
			work = append(work, model.Record{Key: r.Key, Ops: r.Ops[operator]})
		}
	}
	return model.Fold(schema, work).Entries()
}

func (j *ledgerJudge) sortRecords() {
	records := j.e.Facts.Records
	j.inOrder = make([]int, len(records))
	for i := range j.inOrder {
		j.inOrder[i] = i
	}
	slices.SortStableFunc(j.inOrder, func(a, b int) int {
		return cmp.Or(cmp.Compare(records[a].Partition, records[b].Partition), cmp.Compare(records[a].Offset, records[b].Offset))
	})
}
