package sim

import (
	"errors"
	"slices"

	"flinch/faults"
	"flinch/model/history"
)

// outside is the store that the sink writes to. It is durable, knows nothing of
// checkpoints, and outlives every crash: its transactions are the history's own.
type outside struct {
	w     *world
	open  []int        // numbers of the transactions that are open
	tried map[int]bool // those that somebody has tried to commit
}

// errFenced refuses what comes for a transaction that was aborted.
var errFenced = errors.New("the transaction was aborted by a later attempt")

// begin opens a transaction and returns its number.
func (o *outside) begin(id string, subtask, attempt int) int {
	o.w.run.Transactions = append(o.w.run.Transactions, history.Transaction{
		ID: id, Subtask: subtask, Attempt: attempt, Opened: o.w.step(),
	})
	number := len(o.w.run.Transactions) - 1
	o.open = append(o.open, number)
	return number
}

// abortOpen aborts what earlier attempts of a sink subtask have left open, and of
// those that this one stands in for. A zombie can write there no more.
func (o *outside) abortOpen(subtask, parallelism, attempt int) {
	o.open = slices.DeleteFunc(o.open, func(number int) bool {
		t := &o.w.run.Transactions[number]
		if t.Attempt >= attempt || t.Subtask%parallelism != subtask {
			return false
		}
		t.Aborted = o.w.step()
		return true
	})
}

// fenced tells a zombie that its transaction is no more.
func (o *outside) fenced(number int) error {
	if o.w.run.Transactions[number].Aborted == 0 {
		return nil
	}
	o.w.count(fencedCounter, 1)
	return errFenced
}

// write adds a record to an open transaction.
func (o *outside) write(number, record int) error {
	if err := o.fenced(number); err != nil {
		return err
	}
	t := &o.w.run.Transactions[number]
	t.Records = append(t.Records, int64(record))
	return nil
}

// prepare closes a transaction: from now on it can be committed at any time.
func (o *outside) prepare(number int, epoch int64) error {
	if err := o.fenced(number); err != nil {
		return err
	}
	o.open = slices.DeleteFunc(o.open, func(n int) bool { return n == number })
	t := &o.w.run.Transactions[number]
	t.Prepared, t.Epoch = o.w.step(), epoch
	return nil
}

// commit makes a transaction's records visible, and tells whether the sink learns
// of it. Committing it again changes nothing.
func (o *outside) commit(from history.Machine, number int, completed int64) (answered bool) {
	t := &o.w.run.Transactions[number]
	if o.tried[number] {
		o.w.count(repeatedCounter, 1)
	}
	o.tried[number] = true
	a := o.w.controls.answer(faults.Commit{From: from, Transaction: t.ID, Checkpoint: completed})
	if a.Lost {
		o.w.count(unansweredCounter, 1)
	}
	if a.Undone {
		return false
	}
	t.Commits++
	o.w.observed(completed, "commit")
	if t.Committed == 0 {
		t.Committed, t.CommittedFor = o.w.step(), completed
		o.w.run.Counters["transactions_committed"]++
	}
	return !a.Lost
}
