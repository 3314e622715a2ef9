package checks

import (
	"context"
	"fmt"
	"slices"

	"flinch/model/history"
)

// R. When an attempt is restored, let lo be the newest checkpoint whose
// completion anybody outside the coordinator could have observed, and hi the
// newest whose publishing write had been issued. The attempt is restored from a
// checkpoint r with lo <= r <= hi that every subtask had acknowledged, and whose
// own publishing had been issued. If there is a lo, an attempt never starts from
// nothing; except that where metadata does not survive the job manager, only
// checkpoints of the same incarnation count, and the attempt says why.
//
// A job that its user begins anew, from what he names, goes on from that until it has
// a checkpoint of its own, however old it is: lo counts within the submission.
// Savepoints are never gone on from unless they are named; but a job that was stopped
// with one does not begin again from anything older.
//
// Ids rise strictly, over all incarnations: none is used twice, not even one
// that never completed.
var _ = register(Check{
	Order:     10,
	Name:      "no-regress",
	Guarantee: "A job goes on from the newest checkpoint that anybody knows to be complete, and from nothing older or unfinished.",
	Judge:     judgeNoRegress,
})

func judgeNoRegress(_ context.Context, e *Evidence) Verdict {
	var f findings
	for region, view := range byRegion(e) {
		for i := range view.Run.Attempts {
			if a := &view.Run.Attempts[i]; a.Region != 0 || region == 0 {
				judgeRestore(&f, view, a)
			}
		}
	}
	judgeSubmissions(&f, e.Run)
	judgeIDs(&f, e.Run)
	return f.verdict()
}

func judgeRestore(f *findings, e *Evidence, a *history.Attempt) {
	lo, lost := newestObserved(e, a)
	if a.Restored == 0 && lo == nil && lost == nil {
		return
	}
	f.judged++
	fail := func(checkpoint int64, format string, args ...any) {
		f.add(finding{step: a.Begin, checkpoint: checkpoint, message: fmt.Sprintf("Attempt %d ", a.Number) + fmt.Sprintf(format, args...) + "."})
	}
	if a.Restored == 0 {
		switch {
		case lo != nil:
			fail(lo.ID, "started from nothing although checkpoint %d was known to be complete (%s)", lo.ID, lo.ObservedBy)
		case a.Empty == "":
			fail(lost.ID, "started from nothing after checkpoint %d had completed, and did not say why", lost.ID)
		}
		return
	}
	r := findCheckpoint(e.Run, a.Restored)
	switch {
	case r == nil || r.Triggered > a.Begin:
		fail(a.Restored, "was restored from checkpoint %d, which had never been triggered", a.Restored)
	case lo != nil && r.ID < lo.ID:
		fail(r.ID, "was restored from checkpoint %d although checkpoint %d was known to be complete (%s)", r.ID, lo.ID, lo.ObservedBy)
	case !reached(r.FullyAcked, a.Begin):
		fail(r.ID, "was restored from checkpoint %d, which not every subtask had acknowledged", r.ID)
	case !reached(r.PublishIssued, a.Begin):
		fail(r.ID, "was restored from checkpoint %d, whose publishing had not begun", r.ID)
	case r.Savepoint && r.ID != sourceOf(e.Run, a.Submission):
		fail(r.ID, "was restored from savepoint %d, which nobody had named", r.ID)
	case r.ID != sourceOf(e.Run, a.Submission) && submissionOf(e.Run, r.Attempt) != a.Submission:
		fail(r.ID, "was restored from checkpoint %d, which the job had before its user began it anew from %d", r.ID, sourceOf(e.Run, a.Submission))
	case r.Attempt >= a.Number:
		fail(r.ID, "was restored from checkpoint %d of attempt %d, which is no predecessor", r.ID, r.Attempt)
	}
}

// newestObserved returns the newest checkpoint that attempt a may not fall
// behind (lo), and the newest that it had a right to lose; nil if there is none.
func newestObserved(e *Evidence, a *history.Attempt) (lo, lost *history.Checkpoint) {
	// What the restore itself makes observable is no bound for it, nor is what a newer
	// job manager has completed one for an older that does not know of it.
	before := a.Begin
	if a.Superseded != 0 {
		before = a.Superseded
	}
	for i := range e.Run.Checkpoints {
		c := &e.Run.Checkpoints[i]
		if c.Observed == 0 || c.Observed >= before {
			continue
		}
		if c.Savepoint && !c.Stops || submissionOf(e.Run, c.Attempt) != a.Submission {
			continue
		}
		newest := &lo
		if !e.Facts.Durable && c.Incarnation != a.Incarnation {
			newest = &lost
		}
		if *newest == nil || (*newest).ID < c.ID {
			*newest = c
		}
	}
	if lo == nil {
		lo = findCheckpoint(e.Run, sourceOf(e.Run, a.Submission))
	}
	return lo, lost
}

// submissionOf is the submission that an attempt belongs to; 0: the job's first one.
func submissionOf(run *history.Run, attempt int) int64 {
	if a := findAttempt(run, attempt); a != nil {
		return a.Submission
	}
	return 0
}

// sourceOf is what a submission begins with; 0: nothing.
func sourceOf(run *history.Run, submission int64) int64 {
	for _, s := range run.Submissions {
		if s.Number == submission && submission != 0 {
			return s.Source
		}
	}
	return 0
}

// judgeSubmissions compares what the user named with what the job was begun with.
func judgeSubmissions(f *findings, run *history.Run) {
	for _, s := range run.Submissions {
		if s.Adopted == 0 || s.Named == 0 {
			continue
		}
		f.judged++
		if s.Source != s.Named {
			f.add(finding{step: s.Adopted, checkpoint: s.Source, message: fmt.Sprintf("The job was begun from checkpoint %d, and its user had named savepoint %d.", s.Source, s.Named)})
		}
	}
}

// reached tells whether something had happened by a step.
func reached(happened, by history.Step) bool { return happened != 0 && happened <= by }

func judgeIDs(f *findings, run *history.Run) {
	checkpoints := slices.Clone(run.Checkpoints)
	slices.SortStableFunc(checkpoints, func(a, b history.Checkpoint) int { return int(a.Triggered - b.Triggered) })
	for i := 1; i < len(checkpoints); i++ {
		f.judged++
		before, c := &checkpoints[i-1], &checkpoints[i]
		if c.ID > before.ID {
			continue
		}
		message := fmt.Sprintf("Checkpoint %d was triggered after checkpoint %d.", c.ID, before.ID)
		if c.ID == before.ID {
			message = fmt.Sprintf("The id %d was given to two checkpoints.", c.ID)
		}
		f.add(finding{step: c.Triggered, checkpoint: c.ID, message: message})
	}
}
