package checks

import (
	"context"
	"fmt"

	"flinch/model/history"
)

// The excuses for which a file that nobody needs may be left over.
const (
	ExcuseWriterDied     = "writer-died"     // before its ack was handed to a live coordinator
	ExcuseMessageLost    = "message-lost"    // that ack, or what should have triggered its clean-up
	ExcuseOwnerDied      = "owner-died"      // the coordinator, before the new owner was durable
	ExcuseDeleteFailed   = "delete-failed"   // an injected error or unknown outcome
	ExcuseDeleteUndone   = "delete-undone"   // by a power loss
	ExcusePublishUnknown = "publish-unknown" // keeping it was right
	ExcuseRetained       = "retained"        // retention asks for it
)

// F2. At quiesce, when everything is drained, each file on checkpoint storage
// that nobody needs has an excuse in the harness' own log: (1) its writer died
// before its ack was handed to a live coordinator; (2) that ack, or the message
// that should have triggered its clean-up, was lost, or went to a coordinator
// that died before the new owner was durable; (3) a delete of it, or of its
// directory, got an injected error or an unknown outcome, or was undone by a
// power loss; (4) the publishing outcome was unknown; (5) retention asks for it.
// Of the task managers' own disks, what instances that are gone have kept there
// must be gone, too: whoever ends deletes it, and so does the process that starts on
// the disk of one that died.
//
// Runs that were not drained, or stopped rightly before, are not judged.
var _ = register(Check{
	Order:     80,
	Name:      "left-over-files",
	Guarantee: "No file is left on checkpoint storage, or by an instance that is gone on a local disk, that nobody needs, unless a fault kept it from being removed.",
	Judge:     judgeLeftOverFiles,
})

func judgeLeftOverFiles(_ context.Context, e *Evidence) Verdict {
	var f findings
	if !quietEnd(e.Run) {
		return f.verdict()
	}
	for i := range e.Run.FileChecks {
		if e.Run.FileChecks[i].When == "quiesce" {
			f.judged++ // listed, and needed
		}
	}
	var rows []string
	var first *history.Leftover
	for i := range e.Run.Leftovers {
		f.judged++
		l := &e.Run.Leftovers[i]
		if excuse(l) != "" {
			continue
		}
		if first == nil {
			first = l
		}
		rows = append(rows, leftoverRow(l))
	}
	if first != nil {
		f.add(finding{
			step: first.Created, checkpoint: first.Checkpoint, details: rows,
			message: fmt.Sprintf("At the end, %s left over that nobody needs and no fault excuses: %s.", countAre(len(rows)), whatLeft(first)),
		})
	}
	return f.verdict()
}

// Excuses counts the left-over files of a run by their excuse. Files without one
// are not counted.
func Excuses(e *Evidence) map[string]int {
	counts := map[string]int{}
	for i := range e.Run.Leftovers {
		if why := excuse(&e.Run.Leftovers[i]); why != "" {
			counts[why]++
		}
	}
	return counts
}

// Strict tells whether a run was judged for left-over files without leniency:
// it was drained, and no file that is left needed an excuse but retention, so
// that the files there are exactly those that must be.
func Strict(e *Evidence) bool {
	counts := Excuses(e)
	delete(counts, ExcuseRetained)
	return quietEnd(e.Run) && len(counts) == 0
}

// excuse returns the first excuse of a file, or "".
func excuse(l *history.Leftover) string {
	switch {
	case l.Retained:
		return ExcuseRetained
	case l.WriterDied != 0 && (l.AckAccepted == 0 || l.WriterDied < l.AckAccepted):
		return ExcuseWriterDied
	case l.MessageLost != 0:
		return ExcuseMessageLost
	case l.OwnerDied != 0:
		return ExcuseOwnerDied
	case l.DeleteFailed != 0:
		return ExcuseDeleteFailed
	case l.Undone != 0:
		return ExcuseDeleteUndone
	case l.PublishUnknown != 0:
		return ExcusePublishUnknown
	}
	return ""
}

func countAre(files int) string {
	if files == 1 {
		return "1 file is"
	}
	return fmt.Sprintf("%d files are", files)
}

func whatLeft(l *history.Leftover) string {
	if l.Local {
		return fmt.Sprintf("%s on the disk of %s", l.Path, l.Writer)
	}
	return fmt.Sprintf("%s of checkpoint %d", l.Path, l.Checkpoint)
}

func leftoverRow(l *history.Leftover) string {
	if l.Local {
		return fmt.Sprintf("+ %s  on the disk of %s, of an instance that is gone", l.Path, l.Writer)
	}
	fate := "never deleted"
	if l.DeleteIssued != 0 {
		fate = fmt.Sprintf("delete issued at step %d", l.DeleteIssued)
	}
	acked := "never acknowledged"
	if l.AckAccepted != 0 {
		acked = fmt.Sprintf("acknowledged at step %d", l.AckAccepted)
	}
	return fmt.Sprintf("+ %s  checkpoint %d, written by %s in attempt %d at step %d, %s, %s", l.Path, l.Checkpoint, l.Writer, l.Attempt, l.Created, acked, fate)
}
