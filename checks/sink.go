package checks

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"flinch/model/history"
)

// S. Transactions of the sink have ids. In effect each is committed at most
// once: committing one id again is nothing, two transactions of one id are not.
// A committed one was prepared, was closed by the barrier of a checkpoint, and
// was committed for a checkpoint of that or a higher id that every subtask had
// acknowledged and whose publishing had begun.
//
// Committed are those of checkpoints on the lineage and none that was rolled
// back; if one is in, so are all earlier ones of its sink subtask in that
// attempt that hold records, those of aborted checkpoints included. What an
// attempt left to its successor may come in any order, since several subtasks
// commit it. None that is due is aborted. No record is committed twice; if the
// run came to its quiet end, each is committed (at least once: once or more).
//
// Where state was lost by design with the job manager, each life is judged for
// itself, and what an earlier one committed may come again. So is each fork, with
// what it shares with the one before it.
var _ = register(Check{
	Order:     60,
	Name:      "sink",
	Guarantee: "What the sink has committed is the output of the completed checkpoints: nothing rolled back, nothing twice, no gap.",
	Judge:     judgeSink,
})

type sinkJudge struct {
	findings
	e     *Evidence
	lives []lineage
	ever  []bool // by record: it was committed
}

func judgeSink(_ context.Context, e *Evidence) Verdict {
	j := sinkJudge{e: e, ever: make([]bool, len(e.Facts.Records))}
	for _, view := range byRegion(e) {
		j.e, j.lives = view, lives(view)
		j.judge()
	}
	j.ids(e.Run)
	if quietEnd(e.Run) {
		j.missing(j.ever)
	}
	return j.verdict()
}

// judge judges the transactions of one region.
func (j *sinkJudge) judge() {
	e := j.e
	for i := range e.Run.Transactions {
		j.judged++
		t := &e.Run.Transactions[i]
		switch {
		case t.Committed != 0:
			j.committed(t)
		case t.Aborted != 0:
			j.aborted(t)
		}
	}
	j.gaps()
	j.records()
}

func (j *sinkJudge) fail(t *history.Transaction, step history.Step, format string, args ...any) {
	j.add(finding{
		step: step, checkpoint: t.Epoch,
		message: fmt.Sprintf("Transaction %s of sink subtask %d ", t.ID, t.Subtask) + fmt.Sprintf(format, args...) + ".",
	})
}

// life returns the lineage that holds t, or -1.
func (j *sinkJudge) life(t *history.Transaction) int {
	return slices.IndexFunc(j.lives, func(l lineage) bool { return l.holds(t.Attempt, t.Epoch) })
}

func (j *sinkJudge) committed(t *history.Transaction) {
	c := findCheckpoint(j.e.Run, t.CommittedFor)
	switch {
	case t.Epoch == 0:
		j.fail(t, t.Committed, "was committed while it was open")
	case !reached(t.Prepared, t.Committed):
		j.fail(t, t.Committed, "was committed without being prepared")
	case t.Aborted != 0:
		j.fail(t, max(t.Committed, t.Aborted), "was both committed and aborted")
	case c == nil || c.ID < t.Epoch:
		j.fail(t, t.Committed, "was committed for checkpoint %d, and belongs to checkpoint %d", t.CommittedFor, t.Epoch)
	case !reached(c.FullyAcked, t.Committed):
		j.fail(t, t.Committed, "was committed for checkpoint %d before every subtask had acknowledged that", c.ID)
	case !reached(c.PublishIssued, t.Committed):
		j.fail(t, t.Committed, "was committed for checkpoint %d before that was published", c.ID)
	case j.life(t) < 0:
		j.fail(t, t.Committed, "was committed, and what attempt %d did up to checkpoint %d was rolled back", t.Attempt, t.Epoch)
	}
}

// aborted judges a transaction that was aborted: it must not have been due.
func (j *sinkJudge) aborted(t *history.Transaction) {
	if t.Epoch == 0 || j.life(t) < 0 {
		return
	}
	for i := range j.e.Run.Checkpoints {
		c := &j.e.Run.Checkpoints[i]
		if c.ID >= t.Epoch && c.Attempt == t.Attempt && c.Observed != 0 {
			j.fail(t, t.Aborted, "was aborted, and checkpoint %d, which is complete, needs it", c.ID)
			return
		}
	}
}

// ids looks for two transactions of one id that both took effect.
func (j *sinkJudge) ids(run *history.Run) {
	committed := map[string]bool{}
	for i := range run.Transactions {
		t := &run.Transactions[i]
		if t.Committed == 0 {
			continue
		}
		if committed[t.ID] {
			j.fail(t, t.Committed, "was committed, and so was another one of that id")
		}
		committed[t.ID] = true
	}
}

// gaps looks for a transaction that is not in although a later one is.
func (j *sinkJudge) gaps() {
	var due []*history.Transaction
	for i := range j.e.Run.Transactions {
		if t := &j.e.Run.Transactions[i]; t.Epoch != 0 && len(t.Records) > 0 && j.life(t) >= 0 {
			due = append(due, t)
		}
	}
	slices.SortStableFunc(due, func(a, b *history.Transaction) int {
		return cmp.Or(cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Subtask, b.Subtask), cmp.Compare(a.Epoch, b.Epoch))
	})
	for i := 1; i < len(due); i++ {
		t, next := due[i-1], due[i]
		if t.Attempt != next.Attempt || t.Subtask != next.Subtask || next.Committed == 0 {
			continue
		}
		if a := findAttempt(j.e.Run, t.Attempt); a != nil && a.End != 0 && next.Committed > a.End {
			continue // its successors commit what each was dealt, in any order
		}
		if t.Committed == 0 || t.Committed > next.Committed {
			j.fail(t, next.Committed, "(checkpoint %d) was not committed when a later one, %s (checkpoint %d), was", t.Epoch, next.ID, next.Epoch)
		}
	}
}

// records counts how often each record was committed in each life.
func (j *sinkJudge) records() {
	records := j.e.Facts.Records
	for n := range j.lives {
		times := make([]int, len(records))
		last := j.lives[n].fork == j.lives[len(j.lives)-1].fork
		for i := range j.e.Run.Transactions {
			t := &j.e.Run.Transactions[i]
			if t.Committed == 0 || !j.lives[n].holds(t.Attempt, t.Epoch) {
				continue
			}
			for _, id := range t.Records {
				if id < 0 || id >= int64(len(records)) {
					j.fail(t, t.Committed, "holds record %d, which no source has sent", id)
					continue
				}
				j.judged++
				j.ever[id] = j.ever[id] || last
				if times[id]++; times[id] == 2 && j.e.Facts.ExactlyOnce {
					j.fail(t, t.Committed, "holds record %d, which had been committed before", id)
				}
			}
		}
	}
}

func (j *sinkJudge) missing(ever []bool) {
	var rows []string
	missing := 0
	for id, in := range ever {
		if in {
			continue
		}
		if missing++; missing <= DetailsMax {
			r := &j.e.Facts.Records[id]
			rows = append(rows, fmt.Sprintf("- record %d  key %q  partition %d offset %d  committed | missing", id, j.e.Facts.Keys[r.Key], r.Partition, r.Offset))
		}
	}
	if missing > 0 {
		j.add(finding{
			checkpoint: j.e.Run.Quiesce.Final, details: rows, more: missing - len(rows),
			message: fmt.Sprintf("At the end, %s of %d had never been committed.", count(missing, "record", "records"), len(ever)),
		})
	}
}
