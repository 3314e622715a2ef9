package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"flinch/model"
)

// Differential. Where a case is carried out on a second backend as well, what
// auditors find in checkpoints of the same cut is the same in both runs, entry by
// entry, without asking the model. A cut is the sources' offsets. In a job in
// which each key is fed by one partition, and nothing depends on time, they
// decide the state: it does not matter by how many attempts, checkpoints and
// restores a run came there. The last checkpoints of two runs that were read to
// the end are always of one cut.
//
// Timers, and what they leave, depend on when they fire. They, other jobs, and audits that could not be read, are not judged.
var _ = register(Check{
	Order:     25,
	Name:      "backends-agree",
	Guarantee: "Two backends under the same case bring back the same state from checkpoints of the same records.",
	Compares:  true,
	Judge:     judgeBackendsAgree,
})

func judgeBackendsAgree(_ context.Context, e *Evidence) Verdict {
	var f findings
	if e.Reference == nil || !e.Facts.Pure {
		return f.verdict()
	}
	theirs := map[string]*Audit{}
	for i := range e.Reference.Audits {
		theirs[cutOf(&e.Reference.Audits[i])] = &e.Reference.Audits[i]
	}
	for i := range e.Audits {
		ours := &e.Audits[i]
		cut := cutOf(ours)
		reference := theirs[cut]
		// What is wrong with an audit's shape is for restored-state to say.
		if cut == "" || reference == nil || len(reference.Keyed) != len(ours.Keyed) || ours.Parallelism < 1 || ours.Parallelism > e.Facts.MaxParallelism {
			continue
		}
		for k := range ours.Keyed {
			judgeAuditPair(&f, e, &auditPair{ours: ours, theirs: reference, operator: k})
		}
	}
	return f.verdict()
}

// cutOf names the sources' offsets that an audited checkpoint holds, however they
// were dealt to subtasks.
func cutOf(a *Audit) string {
	if len(a.Lists) == 0 {
		return ""
	}
	offsets := slices.Concat(a.Lists[0].Old...)
	slices.Sort(offsets)
	return strings.Join(offsets, "\n")
}

// auditPair is one keyed operator in two audits.
type auditPair struct {
	ours, theirs *Audit
	operator     int
}

func judgeAuditPair(f *findings, e *Evidence, p *auditPair) {
	c := newComparison(e, p.ours, &p.ours.Keyed[p.operator])
	for i := range p.theirs.Keyed[p.operator].Dumps {
		d := &p.theirs.Keyed[p.operator].Dumps[i]
		if d.Error != "" {
			return
		}
		c.expected = append(c.expected, d.Entries...)
	}
	slices.SortFunc(c.expected, model.Compare)
	c.ignored = byTime(e, p.operator)
	c.origin = newProvenance(e, p.ours, p.operator)
	d := c.difference()
	f.judged += max(d.compared, 1)
	if len(d.rows) == 0 {
		return
	}
	f.add(finding{
		step: p.ours.Step, checkpoint: p.ours.Checkpoint, details: d.rows, more: d.left(), note: d.note(),
		title: fmt.Sprintf("state (%s | %s)", e.Reference.Facts.Backend, e.Facts.Backend),
		message: fmt.Sprintf("Checkpoint %d, against checkpoint %d of the same records on %s: %s.",
			p.ours.Checkpoint, p.theirs.Checkpoint, e.Reference.Facts.Backend, d.sentence(operatorName(e, p.operator))),
	})
}
