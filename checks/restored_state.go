package checks

import (
	"context"
	"fmt"
	"strings"

	"flinch/model"
	"flinch/model/history"
)

// AnswersCounter names the counter of history.Run in which a run counts the
// answers that it compared with the model's as they came.
const AnswersCounter = "answers_compared"

// K. Every operation on a backend is applied to a shadow, too, and its answer
// compared at once: there are no mismatches. Nothing fails or panics that no
// injected fault explains.
//
// In each audit of a checkpoint, for each keyed operator: there is one dump per
// subtask, with the range of key groups that is due to it; the union of the
// dumps is, as a set of entries, the union of what was frozen in the synchronous
// phases; no dump holds a group outside its range; no key is there that was not
// in the checkpoint. A dump that failed for an injected error is not compared.
//
// T. The clock of each access to state with a time to live is given to the shadow:
// a value is read until it expires and not afterwards, and stamps are compared as
// values are. What a backend may drop in the background, and had expired at the
// time of the audit, may be there or not.
//
// No store holds anything of a key group outside its instance's range right after a
// restore, where the backend can tell: see backends.Searcher.
var _ = register(Check{
	Order:     20,
	Name:      "restored-state",
	Guarantee: "What is restored from a checkpoint is exactly what the state was at its barrier, and every answer in between is right.",
	Judge:     judgeRestoredState,
})

func judgeRestoredState(_ context.Context, e *Evidence) Verdict {
	f := findings{judged: e.Run.Counters[AnswersCounter]}
	judgeAnswers(&f, e.Run)
	judgeUnexpected(&f, e.Run)
	judgeForeign(&f, e.Run)
	for i := range e.Audits {
		for j := range e.Audits[i].Keyed {
			judgeKeyedAudit(&f, e, &e.Audits[i], &e.Audits[i].Keyed[j])
		}
	}
	for i := range e.Live {
		judgeLive(&f, e, &e.Live[i])
	}
	return f.verdict()
}

// judgeLive compares what a live instance restored with what was frozen: of its
// own key groups alone.
func judgeLive(f *findings, e *Evidence, a *Audit) {
	for i := range a.Keyed {
		judgeEntries(f, e, a, &a.Keyed[i])
	}
}

func judgeAnswers(f *findings, run *history.Run) {
	shown := min(len(run.Mismatches), DetailsMax)
	f.dropped += len(run.Mismatches) - shown
	for i := range run.Mismatches[:shown] {
		m := &run.Mismatches[i]
		f.judged++
		after := ""
		if m.Checkpoint != 0 {
			after = fmt.Sprintf(", after restoring checkpoint %d", m.Checkpoint)
		}
		if m.Lifetime != 0 {
			after += fmt.Sprintf("; what that state holds lives for %d ms", m.Lifetime)
		}
		f.add(finding{
			step: m.Step, checkpoint: m.Checkpoint,
			message: fmt.Sprintf("%s under key %q gave a wrong answer%s.", m.Op, m.Key, after),
			details: []string{fmt.Sprintf("~ %s, attempt %d, subtask %d, record %d  %s[%q]  %s | %s", m.Machine, m.Attempt, m.Subtask, m.Record, m.Op, m.Key, m.Want, m.Got)},
		})
	}
}

func judgeUnexpected(f *findings, run *history.Run) {
	shown := min(len(run.Unexpected), DetailsMax)
	f.dropped += len(run.Unexpected) - shown
	for i := range run.Unexpected[:shown] {
		u := &run.Unexpected[i]
		f.judged++
		x := finding{step: u.Step, message: fmt.Sprintf("On %s, %s failed, and no fault explains it: %s.", u.Machine, u.During, u.Text)}
		if u.Panic {
			x.message = fmt.Sprintf("On %s, %s panicked: %s.", u.Machine, u.During, u.Text)
			x.title, x.details = "where it panicked", u.Frames
			if len(u.Frames) > 0 {
				function, _, _ := strings.Cut(u.Frames[0], " ")
				x.message = fmt.Sprintf("On %s, %s panicked in %s: %s.", u.Machine, u.During, function[strings.LastIndexByte(function, '/')+1:], u.Text)
			}
		}
		f.add(x)
	}
}

func judgeKeyedAudit(f *findings, e *Evidence, a *Audit, k *KeyedAudit) {
	if a.Parallelism < 1 || e.Facts.MaxParallelism < a.Parallelism {
		f.undecided(fmt.Sprintf("An audit of checkpoint %d has parallelism %d of at most %d.", a.Checkpoint, a.Parallelism, e.Facts.MaxParallelism))
		return
	}
	operator := operatorName(e, k.Operator)
	fail := func(details []string, format string, args ...any) {
		f.add(finding{step: a.Step, checkpoint: a.Checkpoint, message: auditText(e, a) + fmt.Sprintf(format, args...) + ".", details: details})
	}
	dumps := make([]int, a.Parallelism)
	for i := range k.Dumps {
		d := &k.Dumps[i]
		if d.Subtask < 0 || d.Subtask >= a.Parallelism {
			fail(nil, "%s was restored in a subtask %d that does not exist", operator, d.Subtask)
			continue
		}
		dumps[d.Subtask]++
		first, last := model.RangeOf(d.Subtask, a.Parallelism, e.Facts.MaxParallelism)
		if d.First != first || d.Last != last {
			fail(nil, "subtask %d of %s was given key groups [%d..%d], and [%d..%d] are its own", d.Subtask, operator, d.First, d.Last, first, last)
		}
		if d.Error != "" {
			fail(nil, "subtask %d of %s could not be read: %s", d.Subtask, operator, d.Error)
		}
		f.judged += int64(d.AbsentRead)
	}
	for subtask, n := range dumps {
		if n != 1 {
			fail(nil, "key groups of subtask %d of %s are in %s", subtask, operator, count(n, "dump", "dumps"))
		}
	}
	judgeEntries(f, e, a, k)
	for i := range k.Dumps {
		d := &k.Dumps[i]
		if len(d.Ghosts) > 0 {
			fail(ghostRows(d), "%s of %s came back in subtask %d", count(len(d.Ghosts), "key", "keys"), operator, d.Subtask)
		}
		if len(d.Foreign) > 0 {
			fail(foreignRows(d), "the store of subtask %d of %s holds key groups outside [%d..%d]", d.Subtask, operator, d.First, d.Last)
		}
	}
}

// judgeEntries compares the union of the dumps with what was frozen.
func judgeEntries(f *findings, e *Evidence, a *Audit, k *KeyedAudit) {
	c := newComparison(e, a, k)
	c.expected = k.Expected
	c.forgetExpired(e, k.Operator, a.Now)
	c.origin = newProvenance(e, a, k.Operator)
	d := c.difference()
	f.judged += d.compared
	if len(d.rows) > 0 {
		f.add(finding{
			step: a.Step, checkpoint: a.Checkpoint, details: d.rows, more: d.left(), title: stateTitle, note: d.note(),
			message: auditText(e, a) + d.sentence(operatorName(e, k.Operator)) + ".",
		})
	}
}

func ghostRows(d *history.Dump) []string {
	var rows []string
	for _, key := range d.Ghosts {
		rows = append(rows, fmt.Sprintf("+ subtask %d  %s  absent | present when read", d.Subtask, key))
	}
	return rows
}

// auditText begins a sentence about what an audit found.
func auditText(e *Evidence, a *Audit) string {
	from := 0
	if c := findCheckpoint(e.Run, a.Checkpoint); c != nil {
		from = c.Parallelism
	}
	how := rescaled(from, a.Parallelism)
	switch {
	case a.Checkpoint == 0:
		return fmt.Sprintf("After a start from nothing (%s), ", how)
	case a.Kind == AtRestore:
		return fmt.Sprintf("After restoring checkpoint %d (%s), ", a.Checkpoint, how)
	case a.Kind == AtCompleted:
		return fmt.Sprintf("In checkpoint %d, read back when it completed (%s), ", a.Checkpoint, how)
	}
	return fmt.Sprintf("In checkpoint %d, read back at the end (%s), ", a.Checkpoint, how)
}

func operatorName(e *Evidence, i int) string {
	if 0 <= i && i < len(e.Facts.Operators) {
		return "operator " + e.Facts.Operators[i].Name
	}
	return fmt.Sprintf("operator %d", i)
}
