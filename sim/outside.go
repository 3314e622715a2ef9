package sim

import "flinch/model/history"

// outside is the store that the sink writes to. It is durable, knows nothing of
// checkpoints, and outlives every crash: its transactions are the history's own.
type outside struct{ w *world }

// begin opens a transaction and returns its number.
func (o *outside) begin(id string, subtask, attempt int) int {
	o.w.run.Transactions = append(o.w.run.Transactions, history.Transaction{
		ID: id, Subtask: subtask, Attempt: attempt, Opened: o.w.step(),
	})
	return len(o.w.run.Transactions) - 1
}

// write adds a record to an open transaction.
func (o *outside) write(number, record int) {
	t := &o.w.run.Transactions[number]
	t.Records = append(t.Records, int64(record))
}

// prepare closes a transaction: from now on it can be committed at any time.
func (o *outside) prepare(number int, epoch int64) {
	t := &o.w.run.Transactions[number]
	t.Prepared, t.Epoch = o.w.step(), epoch
}

// commit makes a transaction's records visible. Committing it again changes
// nothing.
func (o *outside) commit(number int, completed int64) {
	t := &o.w.run.Transactions[number]
	t.Commits++
	o.w.observed(completed, "commit")
	if t.Committed == 0 {
		t.Committed, t.CommittedFor = o.w.step(), completed
		o.w.run.Counters["transactions_committed"]++
	}
}
