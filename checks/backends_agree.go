package checks

import (
	"context"
	"fmt"
	"slices"

	"flinch/model"
)

// Differential. Where a case is carried out on a second backend as well, under
// the same faults at the same moments of the protocol, both runs restore the same
// checkpoints, and what auditors find in them, and in what is retained at the
// end, is the same: entry by entry, without asking the model.
//
// It stands on cases in which the time that a disk takes decides nothing, and
// judges nothing else.
var _ = register(Check{
	Order:     25,
	Name:      "backends-agree",
	Guarantee: "Two backends under the same case bring back the same state from the same checkpoints.",
	Compares:  true,
	Judge:     judgeBackendsAgree,
})

func judgeBackendsAgree(_ context.Context, e *Evidence) Verdict {
	var f findings
	if e.Reference != nil {
		judgeAttempts(&f, e, e.Reference)
		judgeAuditPairs(&f, e, e.Reference)
	}
	return f.verdict()
}

// judgeAttempts compares what was restored, attempt by attempt.
func judgeAttempts(f *findings, e, reference *Evidence) {
	ours, theirs := e.Run.Attempts, reference.Run.Attempts
	if len(ours) != len(theirs) {
		f.add(finding{message: fmt.Sprintf("The job took %s; on %s it took %d.", count(len(ours), "attempt", "attempts"), reference.Facts.Backend, len(theirs))})
	}
	for i := range min(len(ours), len(theirs)) {
		f.judged++
		if a, b := &ours[i], &theirs[i]; a.Restored != b.Restored {
			f.add(finding{
				step: a.Begin, checkpoint: a.Restored,
				message: fmt.Sprintf("Attempt %d restores checkpoint %d; on %s it restores %d.", a.Number, a.Restored, reference.Facts.Backend, b.Restored),
			})
			return
		}
	}
}

// judgeAuditPairs compares each audit with the other run's audit of the same
// checkpoint on the same occasion.
func judgeAuditPairs(f *findings, e, reference *Evidence) {
	if len(e.Audits) != len(reference.Audits) {
		f.add(finding{message: fmt.Sprintf("%s; on %s there were %d.", count(len(e.Audits), "audit", "audits"), reference.Facts.Backend, len(reference.Audits))})
	}
	for i := range min(len(e.Audits), len(reference.Audits)) {
		a, b := &e.Audits[i], &reference.Audits[i]
		if a.Kind != b.Kind || a.Checkpoint != b.Checkpoint || a.Attempt != b.Attempt || a.Parallelism != b.Parallelism {
			f.add(finding{
				step: a.Step, checkpoint: a.Checkpoint,
				message: fmt.Sprintf("Audit %d is of checkpoint %d in attempt %d; on %s it is of checkpoint %d in attempt %d.",
					i+1, a.Checkpoint, a.Attempt, reference.Facts.Backend, b.Checkpoint, b.Attempt),
			})
			return
		}
		for k := range a.Keyed {
			judgeAuditPair(f, e, &auditPair{ours: a, theirs: b, operator: k, reference: reference.Facts.Backend})
		}
	}
}

// auditPair is one keyed operator in two audits.
type auditPair struct {
	ours, theirs *Audit
	operator     int
	reference    string
}

func judgeAuditPair(f *findings, e *Evidence, p *auditPair) {
	a := p.ours
	if a.Parallelism < 1 || e.Facts.MaxParallelism < a.Parallelism {
		return // restored-state says so
	}
	c := newComparison(e, a, a.Keyed[p.operator].Dumps)
	var theirs []model.Entry
	for i := range p.theirs.Keyed[p.operator].Dumps {
		d := &p.theirs.Keyed[p.operator].Dumps[i]
		if d.Error != "" {
			return
		}
		theirs = append(theirs, d.Entries...)
	}
	slices.SortFunc(theirs, model.Compare)
	c.expected = theirs
	d := c.difference()
	f.judged += max(d.compared, 1)
	if len(d.rows) == 0 {
		return
	}
	f.add(finding{
		step: a.Step, checkpoint: a.Checkpoint, details: d.rows,
		message: fmt.Sprintf("Checkpoint %d, against what %s brings back of it: %s.", a.Checkpoint, p.reference, d.sentence(operatorName(e, p.operator))),
	})
}
