package checks

import (
	"context"
	"fmt"
)

// L. Once faults are off, within the restart delay, the checkpoint timeout,
// three intervals and the longest stall, a checkpoint that was triggered
// afterwards completes, all sources are read to the end and the sink has
// committed everything. A run may stop before, if the job rightly gave up; it
// says why.
var _ = register(Check{
	Order:     90,
	Name:      "progress",
	Guarantee: "Once faults are over, the job goes on, completes checkpoints and finishes in time.",
	Judge:     judgeProgress,
})

func judgeProgress(_ context.Context, e *Evidence) Verdict {
	q := &e.Run.Quiesce
	f := findings{judged: 1}
	switch {
	case q.LegalStop != "":
	case q.GivenUp != "":
		return Verdict{Outcome: Unknown, Message: "The run was given up: " + q.GivenUp + "."}
	case q.Healed == 0:
		return Verdict{Outcome: Unknown, Message: "The run ended before faults were switched off."}
	case !q.Done:
		message := fmt.Sprintf("Faults were over at %v, and by %v the job had not finished.", q.HealedAt, q.Deadline)
		if len(q.Pending) > 0 {
			message = fmt.Sprintf("Faults were over at %v, and by %v the job had not finished: %s.", q.HealedAt, q.Deadline, q.Pending[0])
		}
		f.add(finding{step: q.Healed, message: message, details: q.Pending[:min(len(q.Pending), DetailsMax)]})
	case q.DoneAt > q.Deadline:
		f.add(finding{step: q.Healed, message: fmt.Sprintf("The job finished at %v, after its deadline at %v.", q.DoneAt, q.Deadline)})
	default:
		judgeFirstCheckpoint(&f, e)
	}
	return f.verdict()
}

// judgeFirstCheckpoint looks at the checkpoint that proves that the job goes on.
func judgeFirstCheckpoint(f *findings, e *Evidence) {
	q := &e.Run.Quiesce
	f.judged++
	c := findCheckpoint(e.Run, q.First)
	wrong := ""
	switch {
	case c == nil:
		wrong = "no checkpoint completed after faults were over"
	case c.Triggered < q.Healed:
		wrong = fmt.Sprintf("checkpoint %d was triggered before faults were over", c.ID)
	case c.FullyAcked == 0 || c.PublishIssued == 0:
		wrong = fmt.Sprintf("checkpoint %d never completed", c.ID)
	case q.FirstAt > q.FirstDeadline:
		wrong = fmt.Sprintf("checkpoint %d completed at %v, after the deadline at %v", c.ID, q.FirstAt, q.FirstDeadline)
	default:
		return
	}
	f.add(finding{step: q.Healed, checkpoint: q.First, message: "The job finished, but " + wrong + "."})
}
