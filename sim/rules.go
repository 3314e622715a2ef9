package sim

import (
	"fmt"

	"flinch/backends/operator"
	"flinch/model"
	"flinch/model/history"
)

// rules is the rest of the sink's operator state. Beside its transactions, the
// sink keeps
//
//   - in a union list, how many records each of its counters has seen. After a
//     restore a subtask goes on with those counters whose place in the whole list
//     is its own, modulo the parallelism, as a source goes on with its share of
//     partitions: every counter has one owner, and there are never more of them
//     than the highest parallelism so far.
//   - in a broadcast map, which few records it saw last, and how often. A real job
//     keeps the copies equal. This one feeds each what its subtask sees, so that
//     it shows which copy came back; and it registers the map with the first
//     record, so that a subtask may have no copy to report.
type rules struct {
	c       *chain
	backend *operator.Backend
	seen    *operator.List
	rules   *operator.BroadcastMap // nil: not registered yet

	// The harness' own copies: after a restore what the model says should come.
	mirror  []pair
	entries ruleTable
	known   bool // the subtask has a copy to report, registered or not
}

// ruleCount is how many keys the broadcast map has at most; a rule is removed when
// it has been used ruleUses times.
const (
	ruleCount = 8
	ruleUses  = 4
)

// ruleTable is a broadcast map's content: by key the value, uses and last record.
// A rule without uses is absent.
type ruleTable [ruleCount]pair

// ruleKeys are the encoded keys.
var ruleKeys = func() (keys [ruleCount]string) {
	for i := range keys {
		keys[i] = string(model.AppendWords(nil, []int64{int64(i)}))
	}
	return keys
}()

func openRules(c *chain, backend *operator.Backend) (*rules, error) {
	r := &rules{c: c, backend: backend}
	var err error
	if r.seen, err = backend.UnionList(seenList, pairCodec()); err != nil {
		return nil, err
	}
	all := r.seen.Get()
	mine := all[:0:0]
	for i := c.index; i < len(all); i += c.exec.parallelism {
		mine = append(mine, all[i])
	}
	own := pair{a: int64(c.launch.number)<<16 | int64(c.index)}
	if len(mine) == 0 {
		started := own
		mine = append(mine, &started)
	}
	r.recall(own)
	return r, r.seen.Update(mine)
}

// recall sets the harness' copies to what the restored checkpoint holds for this
// subtask. own is the counter of a subtask that inherits none.
func (r *rules) recall(own pair) {
	if kept := r.c.launch.cut; kept != nil {
		all := model.UnionLists(kept.seen, r.c.exec.parallelism)[r.c.index]
		for i := r.c.index; i < len(all); i += r.c.exec.parallelism {
			words := appendWordsOf(nil, all[i])
			r.mirror = append(r.mirror, pair{words[0], words[1]})
		}
		held := model.BroadcastCopies(kept.rules, r.c.exec.parallelism)[r.c.index]
		r.known = held != nil
		for _, e := range held {
			words := appendWordsOf(nil, e)
			r.entries[words[0]] = pair{words[1], words[2]}
		}
	}
	if len(r.mirror) == 0 {
		r.mirror = append(r.mirror, own)
	}
}

// process lets the rules see a record.
func (r *rules) process(record int) error {
	if err := r.count(); err != nil {
		return err
	}
	if r.rules == nil {
		var err error
		if r.rules, err = r.backend.BroadcastMap(ruleMap, pairCodec()); err != nil {
			return err
		}
		r.known = true
	}
	return r.use(record)
}

// count adds a record to the subtask's first counter, in place.
func (r *rules) count() error {
	r.c.w.uses[model.Union]++
	r.mirror[0].b++
	counters := r.seen.Get()
	counters[0].(*pair).b++
	return r.seen.Update(counters)
}

// use reads the record's rule, which has to be as the harness knows it, and
// changes it in place.
func (r *rules) use(record int) error {
	r.c.w.uses[model.Broadcast]++
	number := record % ruleCount
	key, want := ruleKeys[number], &r.entries[number]
	rule, _ := r.rules.Get(key).(*pair)
	if rule == nil {
		rule = &pair{}
	}
	if *rule != *want {
		r.mismatch(record, *want, *rule)
	}
	if want.a++; want.a == ruleUses {
		*want = pair{}
		r.rules.Remove(key)
		return nil
	}
	want.b = int64(record)
	rule.a++
	rule.b = int64(record)
	return r.rules.Put(key, rule)
}

func (r *rules) mismatch(record int, want, got pair) {
	w, c := r.c.w, r.c
	op := fmt.Sprintf("%s broadcast.get %s[%d]", sinkName, ruleMap, record%ruleCount)
	w.tell(c.p.m.id, 0, "WRONG ANSWER to %s: want %s, got %s", op, ruleText(want), ruleText(got))
	if len(w.run.Mismatches) >= mismatchesMax {
		return
	}
	w.run.Mismatches = append(w.run.Mismatches, history.Mismatch{
		Step: w.step(), At: w.loop.Now(), Machine: c.p.m.id, Attempt: c.launch.number,
		Operator: sinkName, Subtask: c.index, Record: record, Key: w.cfg.Job.Keys[w.cfg.Records[record].Key],
		Op: op, Want: ruleText(want), Got: ruleText(got), Checkpoint: w.exec.restored,
	})
}

// ruleText says what a rule holds.
func ruleText(p pair) string {
	if p == (pair{}) {
		return "absent"
	}
	return fmt.Sprintf("found %d %d", p.a, p.b)
}

// freeze writes down what a checkpoint must hold of the rules.
func (r *rules) freeze(kept *cut) {
	kept.seen[r.c.index] = encodePairs(r.mirror)
	if !r.known {
		return
	}
	copied := []string{}
	for i, rule := range r.entries {
		if rule.a != 0 {
			copied = append(copied, ruleKeys[i]+encodePair(rule))
		}
	}
	kept.rules[r.c.index] = copied
}
