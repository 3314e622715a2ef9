package checks

import (
	"cmp"
	"slices"

	"flinch/model"
	"flinch/model/history"
)

// write is what one record made of an entry.
type write struct {
	record  int // id
	before  bool
	value   string // "" if it is absent then
	present bool
}

// writers finds the records that wrote an entry of one operator: from the case
// alone, by applying the records of its key once more. It is asked only when
// there is a difference to explain.
type writers struct {
	e          *Evidence
	checkpoint *history.Checkpoint
	operator   int
}

// of returns the writes of an entry, in order. A key that several partitions feed
// has no order that the case decides: then each partition's writes come without
// values, and ordered is false.
func (w *writers) of(at *model.Entry) (writes []write, ordered bool) {
	key, state := slices.Index(w.e.Facts.Keys, at.Key), w.state(at.State)
	if key < 0 || state < 0 {
		return nil, true
	}
	if w.states()[state].ByTime() {
		return nil, false
	}
	if state == LedgerState {
		return w.ofLedger(at, key), true
	}
	records := w.records(key)
	if w.partitions(records) > 1 {
		for _, id := range records {
			if slices.ContainsFunc(w.ops(id), func(op model.Op) bool { return writesEntry(&op, state, at) }) {
				writes = append(writes, write{record: id, before: w.lies(id)})
			}
		}
		return writes, false
	}
	return w.fold(records, state, at), true
}

func (w *writers) state(name string) int {
	return slices.IndexFunc(w.states(), func(s model.StateSpec) bool { return s.Name == name })
}

func (w *writers) states() []model.StateSpec {
	if w.operator >= len(w.e.Facts.Operators) {
		return nil
	}
	return w.e.Facts.Operators[w.operator].States
}

func (w *writers) ops(record int) []model.Op {
	ops := w.e.Facts.Records[record].Ops
	if w.operator >= len(ops) {
		return nil
	}
	return ops[w.operator]
}

// lies tells whether a record lies before the barrier of the checkpoint.
func (w *writers) lies(record int) bool { return covers(w.checkpoint, &w.e.Facts.Records[record]) }

func covers(c *history.Checkpoint, r *RecordFacts) bool {
	return r.Partition < len(c.Offsets) && r.Offset < c.Offsets[r.Partition]
}

// ofLedger reads the record off the entry: a ledger counts by record id.
func (w *writers) ofLedger(at *model.Entry, key int) []write {
	id := int(wordOf(at.UserKey))
	if id < 0 || id >= len(w.e.Facts.Records) || w.e.Facts.Records[id].Key != key {
		return nil
	}
	return []write{{record: id, before: w.lies(id), present: true, value: string(model.AppendWords(nil, []int64{1}))}}
}

// records returns the records of a key, partition by partition, in their order.
func (w *writers) records(key int) []int {
	all := w.e.Facts.Records
	var ids []int
	for id := range all {
		if all[id].Key == key {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b int) int {
		return cmp.Or(cmp.Compare(all[a].Partition, all[b].Partition), cmp.Compare(all[a].Offset, all[b].Offset))
	})
	return ids
}

// partitions counts those that feed sorted records.
func (w *writers) partitions(records []int) int {
	n, last := 0, -1
	for _, id := range records {
		if p := w.e.Facts.Records[id].Partition; p != last {
			n, last = n+1, p
		}
	}
	return n
}

// fold applies the records of a key and looks at the entry after each that writes
// it. An element of a list counts as written where it has changed.
func (w *writers) fold(records []int, state int, at *model.Entry) (writes []write) {
	schema := &model.Schema{Keys: []string{at.Key}, States: w.states(), MaxParallelism: w.e.Facts.MaxParallelism}
	shadow := model.NewKeyed(schema)
	var last write
	for _, id := range records {
		wrote := false
		for _, op := range w.ops(id) {
			shadow.Apply(0, op, nil)
			wrote = wrote || writesEntry(&op, state, at)
		}
		if !wrote {
			continue
		}
		now := write{record: id, before: w.lies(id)}
		entries := shadow.Freeze().Entries()
		if i := slices.IndexFunc(entries, func(e model.Entry) bool { return samePlace(&e, at) }); i >= 0 {
			now.present, now.value = true, entries[i].Value
		}
		if changed := now.present != last.present || now.value != last.value; changed || w.states()[state].Kind != model.List {
			writes = append(writes, now)
		}
		last = now
	}
	return writes
}

// writesEntry tells whether an operation writes what an entry stands for.
func writesEntry(op *model.Op, state int, at *model.Entry) bool {
	switch {
	case op.State != state || op.Kind.Reads():
		return false
	case op.Kind.ByUserKey() && op.UserKey != wordOf(at.UserKey):
		return false
	}
	return model.Namespace(op.Namespace) == at.Namespace || slices.ContainsFunc(op.Sources, func(source int) bool {
		return model.Namespace(source) == at.Namespace
	})
}
