package checks

import (
	"context"
	"fmt"

	"flinch/model/history"
)

// FiredCounter names the counter of history.Run in which a run counts the timers
// that fired as the model's did.
const FiredCounter = "timers_fired"

// Q. A timer fires when its clock, the watermark or the processing time of its
// subtask, has reached its time, and not before. It is the first one of its queue
// then: by time, key and namespace. So it fires once, unless it is registered
// again or its firing is rolled back. When a run has come to its quiet end, none
// is left whose time has passed.
//
// What a firing leaves in state, and which timers a checkpoint holds, is for
// restored-state to judge.
var _ = register(Check{
	Order:     53,
	Name:      "timers",
	Guarantee: "Each timer fires once, when its time has come, and before all later ones.",
	Judge:     judgeTimers,
})

func judgeTimers(_ context.Context, e *Evidence) Verdict {
	f := findings{judged: e.Run.Counters[FiredCounter]}
	for i := range e.Run.Mistimed {
		f.judged++
		judgeMistimed(&f, &e.Run.Mistimed[i])
	}
	if quietEnd(e.Run) && len(e.Run.Quiesce.Overdue) > 0 {
		rows := e.Run.Quiesce.Overdue
		f.judged++
		f.add(finding{
			step: e.Run.Quiesce.Healed, details: rows,
			message: fmt.Sprintf("%s never fired although the time has passed.", count(len(rows), "timer", "timers")),
		})
	}
	return f.verdict()
}

func judgeMistimed(f *findings, m *history.Mistimed) {
	after := ""
	if m.Checkpoint != 0 {
		after = fmt.Sprintf(", after restoring checkpoint %d", m.Checkpoint)
	}
	f.add(finding{
		step: m.Step, checkpoint: m.Checkpoint,
		message: fmt.Sprintf("The first timer of %s in operator %s was wrong%s.", m.Queue, m.Operator, after),
		details: []string{fmt.Sprintf("~ %s, attempt %d, subtask %d, clock %d  %s  %s | %s", m.Machine, m.Attempt, m.Subtask, m.Clock, m.Queue, m.Want, m.Got)},
	})
}
