package checks

import (
	"context"
	"slices"
	"strings"
	"testing"

	"flinch/model"
	"flinch/model/history"
)

// sourced is goodEvidence in which key "a" is written by records 0 to 3 of
// partition 0 (ids 0, 2, 3; record 1 has key "b"), and checkpoint 3, the one that
// tests look at, has its barrier behind record 2. Checkpoint 1 lies before record
// 1, and checkpoint 4 is the next one.
func sourced() (*Evidence, *Audit) {
	e := goodEvidence()
	e.Run.Attempts = []history.Attempt{{Number: 1, Parallelism: 2}}
	e.Run.Checkpoints = []history.Checkpoint{
		{ID: 1, Attempt: 1, Parallelism: 2, Offsets: []int64{1, 0}},
		{ID: 3, Attempt: 1, Parallelism: 2, Offsets: []int64{3, 1}},
		{ID: 4, Attempt: 1, Parallelism: 2, Offsets: []int64{4, 2}},
	}
	a := &e.Audits[0]
	a.Checkpoint, a.Keyed = 3, []KeyedAudit{e.audited([]int{0, 1, 2, 4}, 2)}
	e.Audits = e.Audits[:1]
	return e, a
}

// withOps gives the records of key "a" other operations, and audits anew.
func withOps(e *Evidence, a *Audit, ops ...model.Op) {
	for i, id := range []int{0, 2, 3} {
		e.Facts.Records[id].Ops = [][]model.Op{{ops[i]}}
	}
	a.Keyed = []KeyedAudit{e.audited([]int{0, 1, 2, 4}, 2)}
}

// add puts an entry of key "a" into the dumps.
func (a *Audit) add(e *Evidence, state string, value ...int64) {
	entry := a.Keyed[0].Expected[0]
	entry.State, entry.Group, entry.Key, entry.UserKey = state, e.group("a"), "a", ""
	entry.Value = string(model.AppendWords(nil, value))
	for i := range a.Keyed[0].Dumps {
		if d := &a.Keyed[0].Dumps[i]; d.First <= entry.Group && entry.Group <= d.Last {
			d.Entries = append(d.Entries, entry)
			slices.SortFunc(d.Entries, model.Compare)
		}
	}
}

func TestDifferencesTellWhereTheyComeFrom(t *testing.T) {
	set := func(x int64) model.Op { return model.Op{Kind: model.ValueSet, State: 1, Args: []int64{x}} }
	clearing := model.Op{Kind: model.ValueClear, State: 1}
	for _, x := range []struct {
		name   string
		change func(e *Evidence, a *Audit)
		want   string // a row
	}{
		{
			"lost, written shortly before the barrier", func(_ *Evidence, a *Audit) { a.drop(`last["a"]`) },
			`- group 1  last["a"]  2 | missing   last written by record 2 of partition 0, before barrier 3: belongs to checkpoint 3`,
		},
		{
			"lost, written long before", func(e *Evidence, a *Audit) {
				withOps(e, a, set(7), model.Op{Kind: model.ValueGet, State: 1}, set(9))
				a.drop(`last["a"]`)
			},
			`- group 1  last["a"]  7 | missing   last written by record 0 of partition 0, before barrier 1: belongs to checkpoint 1 and those after it`,
		},
		{
			"a value from after the barrier", func(_ *Evidence, a *Audit) { a.change(`last["a"]`, 3) },
			`~ group 1  last["a"]  2 | 3   written by record 3 of partition 0, after barrier 3: belongs to checkpoint 4`,
		},
		{
			"a value from after the last barrier", func(e *Evidence, a *Audit) {
				e.Run.Checkpoints = e.Run.Checkpoints[:2]
				a.change(`last["a"]`, 3)
			},
			`~ group 1  last["a"]  2 | 3   written by record 3 of partition 0, after barrier 3: belongs to a later checkpoint`,
		},
		{
			"a stale value", func(_ *Evidence, a *Audit) { a.change(`last["a"]`, 0) },
			`~ group 1  last["a"]  2 | 0   stale: of record 0 of partition 0, and replaced by record 2 of partition 0, before barrier 3: belongs to checkpoint 3`,
		},
		{
			"a value that nobody wrote", func(_ *Evidence, a *Audit) { a.change(`last["a"]`, 77) },
			`~ group 1  last["a"]  2 | 77   no record leaves this value; last written by record 2 of partition 0, before barrier 3: belongs to checkpoint 3`,
		},
		{
			"removed before the barrier, and back", func(e *Evidence, a *Audit) {
				withOps(e, a, set(7), clearing, set(9))
				a.add(e, "last", 7)
			},
			`+ group 1  last["a"]  absent | 7   stale: of record 0 of partition 0, and removed by record 2 of partition 0, before barrier 3: belongs to checkpoint 3`,
		},
		{
			"removed before the barrier, written after it", func(e *Evidence, a *Audit) {
				withOps(e, a, set(7), clearing, set(9))
				a.add(e, "last", 9)
			},
			`+ group 1  last["a"]  absent | 9   written by record 3 of partition 0, after barrier 3: belongs to checkpoint 4`,
		},
		{
			"an entry twice", func(e *Evidence, a *Audit) { a.add(e, "last", 2) },
			`+ group 1  last["a"]  absent | 2   right, but more than once`,
		},
		{
			"never written", func(e *Evidence, a *Audit) {
				withOps(e, a, clearing, clearing, clearing)
				a.add(e, "sum", 5)
			},
			`+ group 1  sum["a"]  absent | 5   no record writes it`,
		},
		{
			"the ledger", func(_ *Evidence, a *Audit) { a.drop(`ledger["c"]{4}`) },
			`- group 6  ledger["c"]{4}  1 | missing   counts record 0 of partition 1, before barrier 3: belongs to checkpoint 3`,
		},
		{
			"a key of several partitions", func(e *Evidence, a *Audit) {
				e.Facts.Records[4].Key = 0
				a.Keyed = []KeyedAudit{e.audited([]int{0, 1, 2, 4}, 2)}
				a.drop(`last["a"]`)
			},
			`- group 1  last["a"]  4 | missing   last touched by record 0 of partition 1 or record 2 of partition 0, before barrier 3`,
		},
		{
			"a key of several partitions, one of which removed it", func(e *Evidence, a *Audit) {
				e.Facts.Records[4].Key = 0
				e.Facts.Records[4].Ops = [][]model.Op{{clearing}}
				a.Keyed = []KeyedAudit{e.audited([]int{4, 0, 1, 2}, 2)}
				a.drop(`last["a"]`)
			},
			`- group 1  last["a"]  2 | missing   last touched by record 0 of partition 1 or record 2 of partition 0, before barrier 3`,
		},
		{
			"removed before the barrier, and back with another value", func(e *Evidence, a *Audit) {
				withOps(e, a, set(7), clearing, set(9))
				a.add(e, "last", 77)
			},
			`+ group 1  last["a"]  absent | 77   no record leaves this value; last removed by record 2 of partition 0, before barrier 3: belongs to checkpoint 3`,
		},
		{
			"another stamp", func(_ *Evidence, a *Audit) {
				a.change(`last["a"]`, 2)
				for i := range a.Keyed[0].Dumps {
					for j := range a.Keyed[0].Dumps[i].Entries {
						if entry := &a.Keyed[0].Dumps[i].Entries[j]; entryName(entry) == `last["a"]` {
							entry.Stamp = 5
						}
					}
				}
			},
			`~ group 1  last["a"]  2 | 2 @5   only the stamp differs`,
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			e, a := sourced()
			x.change(e, a)
			v := judgeRestoredState(context.Background(), e)
			if len(v.Details) != 1 || v.Details[0] != x.want {
				t.Errorf("rows\n%s\nwant\n%s", strings.Join(v.Details, "\n"), x.want)
			}
			if v.Title != "state (expected | restored)" || !strings.HasPrefix(v.Note, "1 of ") || !strings.HasSuffix(v.Note, " entries differs") {
				t.Errorf("title %q, note %q", v.Title, v.Note)
			}
		})
	}
}

func TestListElementComesFromTheRecordThatChangedIt(t *testing.T) {
	e, a := sourced()
	e.Facts.Operators[0].States[2] = model.StateSpec{Name: "list", Kind: model.List, Shape: model.Int}
	add := func(x int64) [][]model.Op {
		return [][]model.Op{{{Kind: model.ListAdd, State: 2, Args: []int64{x}}}}
	}
	for id := range e.Facts.Records {
		e.Facts.Records[id].Ops = add(int64(id))
	}
	a.Keyed = []KeyedAudit{e.audited([]int{0, 1, 2, 4}, 2)}
	a.drop(`list["a"]`)
	v := judgeRestoredState(context.Background(), e)
	want := `- group 1  list["a"]  0 | missing   last written by record 0 of partition 0, before barrier 1: belongs to checkpoint 1 and those after it`
	if len(v.Details) != 1 || v.Details[0] != want {
		t.Errorf("rows %q, want %q", v.Details, want)
	}
}

// TestRolledBackCheckpointsOwnNothing: an attempt that was thrown away had a
// barrier behind the record, too.
func TestRolledBackCheckpointsOwnNothing(t *testing.T) {
	e, a := sourced()
	e.Run.Attempts = []history.Attempt{{Number: 1, Parallelism: 2}, {Number: 2, Restored: 1, Parallelism: 2}}
	rolledBack := history.Checkpoint{ID: 2, Attempt: 1, Parallelism: 2, Offsets: []int64{3, 1}}
	e.Run.Checkpoints = slices.Insert(e.Run.Checkpoints, 1, rolledBack)
	e.Run.Checkpoints[2].Attempt = 2
	a.drop(`last["a"]`)
	v := judgeRestoredState(context.Background(), e)
	if len(v.Details) != 1 || !strings.HasSuffix(v.Details[0], "before barrier 3: belongs to checkpoint 3") {
		t.Errorf("rows %q, want that it belongs to checkpoint 3", v.Details)
	}
}

// TestAbortedCheckpointsOwnNothing: their barrier was sent, but what they held is
// gone. One whose completion was seen although it was aborted keeps it.
func TestAbortedCheckpointsOwnNothing(t *testing.T) {
	for _, x := range []struct {
		name        string
		aborted     int // index of the checkpoint
		observed    history.Step
		value       int64 // of last["a"]; -1: lost
		wantEndOfIt string
	}{
		{"the first", 0, 0, -1, "before barrier 3: belongs to checkpoint 3"},
		{"the first, yet completed", 0, 9, -1, "before barrier 1: belongs to checkpoint 1 and those after it"},
		{"the next", 2, 0, 3, "after barrier 3: belongs to checkpoint 5"},
		{"the next, yet completed", 2, 9, 3, "after barrier 3: belongs to checkpoint 4"},
	} {
		t.Run(x.name, func(t *testing.T) {
			e, a := sourced()
			e.Run.Checkpoints = append(e.Run.Checkpoints, history.Checkpoint{ID: 5, Attempt: 1, Parallelism: 2, Offsets: []int64{4, 2}})
			e.Run.Checkpoints[x.aborted].Aborted, e.Run.Checkpoints[x.aborted].Observed = 7, x.observed
			if x.value < 0 {
				set := model.Op{Kind: model.ValueSet, State: 1, Args: []int64{7}}
				get := model.Op{Kind: model.ValueGet, State: 1}
				withOps(e, a, set, get, get)
				a.drop(`last["a"]`)
			} else {
				a.change(`last["a"]`, x.value)
			}
			v := judgeRestoredState(context.Background(), e)
			if len(v.Details) != 1 || !strings.HasSuffix(v.Details[0], x.wantEndOfIt) {
				t.Errorf("rows %q, want that it is %q", v.Details, x.wantEndOfIt)
			}
		})
	}
}

func TestNumbersAreGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1204: "1,204", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d as %q, want %q", n, got, want)
		}
	}
}
