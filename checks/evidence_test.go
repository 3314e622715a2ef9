package checks

import (
	"slices"
	"time"

	"flinch/model"
	"flinch/model/history"
)

// goodEvidence is the smallest run in which every check has something to judge:
// six records in two partitions, checkpoint 1 after the first three, a crash,
// a restore at another parallelism, and checkpoint 2 with everything in it.
// Tests break it in one place.
func goodEvidence() *Evidence {
	e := &Evidence{
		Facts: Facts{
			Durable: true, ExactlyOnce: true, Pure: true,
			MaxParallelism: 8, Partitions: 2, Keys: []string{"a", "b", "c"},
			Operators: []OperatorFacts{{Name: "count", States: []model.StateSpec{
				{Name: "ledger", Kind: model.Map, Shape: model.Int},
				{Name: "last", Kind: model.Value, Shape: model.Int, Register: true},
				{Name: "sum", Kind: model.Value, Shape: model.Ints},
			}}},
		},
		Run: &history.Run{
			Attempts: []history.Attempt{
				{Number: 1, Incarnation: 1, Parallelism: 2, Begin: 1, Ready: 2, End: 50},
				{Number: 2, Incarnation: 1, Parallelism: 3, Restored: 1, Begin: 51, Ready: 60},
			},
			Checkpoints: []history.Checkpoint{
				{ID: 1, Attempt: 1, Incarnation: 1, Parallelism: 2, Triggered: 10, FullyAcked: 20, PublishIssued: 21, Published: 22, Observed: 23, ObservedBy: "notify", Offsets: []int64{2, 1}},
				{ID: 2, Attempt: 2, Incarnation: 1, Parallelism: 3, Triggered: 90, FullyAcked: 95, PublishIssued: 96, Published: 97, Observed: 98, ObservedBy: "notify", Offsets: []int64{4, 2}},
			},
			Snapshots: []history.Snapshot{
				{Checkpoint: 1, Attempt: 1, Subtask: 0, First: 0, Last: 3, Begin: 12, End: 13},
				{Checkpoint: 1, Attempt: 1, Subtask: 1, First: 4, Last: 7, Begin: 14, End: 15},
				{Checkpoint: 2, Attempt: 2, Subtask: 0, First: 0, Last: 2, Begin: 91, End: 92},
			},
			Transactions: []history.Transaction{
				{ID: "t1", Attempt: 1, Epoch: 1, Records: []int64{0, 1, 4}, Opened: 2, Prepared: 16, Committed: 24, CommittedFor: 1, Commits: 2},
				{ID: "t2", Attempt: 1, Records: []int64{2}, Opened: 17, Aborted: 51},
				{ID: "t3", Attempt: 2, Epoch: 2, Records: []int64{2, 3, 5}, Opened: 60, Prepared: 93, Committed: 99, CommittedFor: 2, Commits: 1},
			},
			FileChecks: []history.FileCheck{{Step: 22, When: "published", Path: "chk-1/_metadata", NeededBy: "checkpoint 1", WantBytes: 9, GotBytes: 9, WantSum: 5, GotSum: 5}, {Step: 120, When: "quiesce", Path: "chk-2/_metadata", NeededBy: "checkpoint 2"}},
			Leftovers:  []history.Leftover{{Path: "chk-1/old", Checkpoint: 1, Created: 11, Retained: true}},
			Quiesce:    history.Quiesce{Healed: 80, HealedAt: time.Second, Deadline: 10 * time.Second, FirstDeadline: 5 * time.Second, Done: true, DoneAt: 2 * time.Second, First: 2, FirstAt: time.Second, Final: 2},
			Counters:   map[string]int64{AnswersCounter: 18, FiredCounter: 2},
		},
	}
	for id := range 6 {
		offset, partition := int64(id), 0
		if id >= 4 {
			offset, partition = int64(id-4), 1
		}
		e.Facts.Records = append(e.Facts.Records, RecordFacts{Partition: partition, Offset: offset, Key: []int{0, 1, 0, 0, 2, 2}[id], Ops: [][]model.Op{{
			{Kind: model.MapBump, State: 0, UserKey: int64(id), Args: []int64{1}},
			{Kind: model.ValueSet, State: 1, Args: []int64{int64(id)}},
			{Kind: model.ValueBump, State: 2, Args: []int64{int64(id)}},
		}}})
	}
	register := func(kind history.RegisterKind, attempt int, value int64, step history.Step) {
		e.Run.Registers = append(e.Run.Registers, history.RegisterOp{Kind: kind, State: 1, Key: 0, Group: e.group("a"), Attempt: attempt, Value: value, Call: step, Return: step})
	}
	register(history.RegisterRead, 1, history.Absent, 3)
	register(history.RegisterWrite, 1, 0, 4)
	register(history.RegisterWrite, 1, 2, 30)
	register(history.RegisterRead, 2, 0, 60)
	register(history.RegisterWrite, 2, 2, 61)
	register(history.RegisterRead, 2, 2, 62)
	lists := []ListAudit{
		{Operator: "source", State: "offsets", Old: [][]string{{"p0", "p1"}}, New: [][]string{{"p0", "p1"}}},
		{Operator: "source", State: "offsets", Old: [][]string{{"x", "y", "z"}, {}}, New: [][]string{{"z"}, {"x"}, {"y"}}},
		{Operator: "sink", State: "seen", Mode: model.Union, Old: [][]string{{"x"}, {"y"}}, New: [][]string{{"x", "y"}, {"x", "y"}}},
		{Operator: "sink", State: "rules", Mode: model.Broadcast, Old: [][]string{{"x"}, nil, {"y", "z"}}, New: [][]string{{"x"}, {"y", "z"}, {"x"}}},
	}
	channels := []ChannelAudit{{From: 1, To: 0, Want: []int32{3, 5}, Got: []int32{3, 5}}}
	e.Audits = []Audit{
		{Kind: AtCompleted, Step: 25, Checkpoint: 1, Attempt: 1, Parallelism: 2, Keyed: []KeyedAudit{e.audited([]int{0, 1, 4}, 2)}},
		{Kind: AtRestore, Step: 55, Checkpoint: 1, Attempt: 2, Parallelism: 3, Keyed: []KeyedAudit{e.audited([]int{0, 1, 4}, 3)}, Lists: lists, Channels: channels},
		{Kind: AtQuiesce, Step: 121, Checkpoint: 2, Attempt: 2, Parallelism: 3, Keyed: []KeyedAudit{e.audited([]int{0, 1, 2, 3, 4, 5}, 3)}},
	}
	return e
}

func (e *Evidence) group(key string) int {
	return model.KeyGroup(model.JavaHash(key), e.Facts.MaxParallelism)
}

// audited is what an auditor finds after some records.
func (e *Evidence) audited(records []int, parallelism int) KeyedAudit {
	schema := &model.Schema{Keys: e.Facts.Keys, States: e.Facts.Operators[0].States, MaxParallelism: e.Facts.MaxParallelism}
	var work []model.Record
	for _, id := range records {
		work = append(work, model.Record{Key: e.Facts.Records[id].Key, Ops: e.Facts.Records[id].Ops[0]})
	}
	k := KeyedAudit{Expected: model.Fold(schema, work).Entries()}
	for subtask := range parallelism {
		first, last := model.RangeOf(subtask, parallelism, e.Facts.MaxParallelism)
		d := history.Dump{Subtask: subtask, First: first, Last: last, AbsentRead: 1}
		for _, entry := range k.Expected {
			if first <= entry.Group && entry.Group <= last {
				d.Entries = append(d.Entries, entry)
			}
		}
		k.Dumps = append(k.Dumps, d)
	}
	return k
}

// entry finds an entry in the dumps of an audit, named as in reports.
func (a *Audit) entry(name string) (dump *history.Dump, i int) {
	for d := range a.Keyed[0].Dumps {
		dump := &a.Keyed[0].Dumps[d]
		for i := range dump.Entries {
			if entryName(&dump.Entries[i]) == name {
				return dump, i
			}
		}
	}
	panic("no entry " + name)
}

// drop takes an entry out of the dumps.
func (a *Audit) drop(name string) {
	d, i := a.entry(name)
	d.Entries = slices.Delete(d.Entries, i, i+1)
}

// dropEverywhere takes it out of what was expected, too, so that what was
// restored and what was frozen agree.
func (a *Audit) dropEverywhere(name string) {
	a.drop(name)
	k := &a.Keyed[0]
	k.Expected = slices.DeleteFunc(k.Expected, func(e model.Entry) bool { return entryName(&e) == name })
}

// change gives an entry another value in the dumps.
func (a *Audit) change(name string, value ...int64) {
	d, i := a.entry(name)
	d.Entries[i].Value = string(model.AppendWords(nil, value))
}
