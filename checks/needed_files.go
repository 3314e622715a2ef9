package checks

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"flinch/model/history"
)

// F1. Needed are the files named by each checkpoint in the durable store, by
// each ack that a live coordinator accepted for a pending checkpoint, and by
// each savepoint that nobody disposed of, and all of each snapshot that a job was
// begun with and does not own; no checkpoint of the job names a file of those. No operation removes, overwrites or
// shortens one of them, at any time; and when a checkpoint is published, and at
// quiesce, each has the size and the checksum of its handle. At quiesce, what the
// metadata on storage names is exactly that.
var _ = register(Check{
	Order:     30,
	Name:      "needed-files",
	Guarantee: "No file that a checkpoint needs is removed or changed, and each holds what its handle says.",
	Judge:     judgeNeededFiles,
})

func judgeNeededFiles(_ context.Context, e *Evidence) Verdict {
	var f findings
	for i := range e.Run.Damages {
		d := &e.Run.Damages[i]
		f.judged++
		f.add(finding{
			step: d.Step, checkpoint: lastNumber(d.NeededBy),
			message: fmt.Sprintf("%s did %s on %s, which %s needs.", d.Machine, d.Op, d.Path, d.NeededBy),
		})
	}
	for i := range e.Run.FileChecks {
		c := &e.Run.FileChecks[i]
		f.judged++
		wrong := ""
		switch {
		case c.Missing:
			wrong = "is missing"
		case c.WantBytes != c.GotBytes:
			wrong = fmt.Sprintf("has %d bytes, and its handle says %d", c.GotBytes, c.WantBytes)
		case c.WantSum != c.GotSum:
			wrong = fmt.Sprintf("has checksum %016x, and its handle says %016x", c.GotSum, c.WantSum)
		default:
			continue
		}
		f.add(finding{
			step: c.Step, checkpoint: lastNumber(c.NeededBy),
			message: fmt.Sprintf("At %q, %s, which %s needs, %s.", c.When, c.Path, c.NeededBy, wrong),
		})
	}
	for _, b := range e.Run.Borrowed {
		f.judged++
		f.add(finding{
			step: b.Step, checkpoint: b.Checkpoint,
			message: fmt.Sprintf("Checkpoint %d names %s, a file of %s, which the job does not own.", b.Checkpoint, b.Path, b.From),
		})
	}
	retained(e, &f)
	recounted(e, &f)
	return f.verdict()
}

// retained compares how many checkpoints the store's root names in the end with
// how many it was to retain: a drained run has completed more than that.
func retained(e *Evidence, f *findings) {
	if !quietEnd(e.Run) {
		return
	}
	f.judged++
	if got := len(e.Run.Quiesce.Retained); got != e.Facts.Retained {
		f.add(finding{
			step:    endOf(e.Run),
			message: fmt.Sprintf("In the end %d checkpoints are retained, and %d were to be.", got, e.Facts.Retained),
		})
	}
}

// recounted judges the recount of the storage folder: all that retained metadata
// names is there, and is what subtasks had acknowledged. What is there beyond that is
// for left-over-files to judge.
func recounted(e *Evidence, f *findings) {
	r := e.Run.Recount
	if r == nil {
		return
	}
	f.judged++
	switch {
	case r.Error != "":
		f.add(finding{step: endOf(e.Run), message: fmt.Sprintf("At the end, the metadata of retained checkpoints could not be read back: %s.", r.Error)})
	case len(r.Missing) > 0:
		f.add(finding{
			step: endOf(e.Run), details: r.Missing,
			message: fmt.Sprintf("At the end, %s missing that the metadata of retained checkpoints names: %s.", countAre(len(r.Missing)), r.Missing[0]),
		})
	case len(r.Unlogged) > 0:
		f.add(finding{
			step: endOf(e.Run), details: r.Unlogged,
			message: fmt.Sprintf("At the end, the metadata of retained checkpoints names other files than were acknowledged: %s.", r.Unlogged[0]),
		})
	}
}

// endOf is the latest step at which files were compared: the end of the run.
func endOf(r *history.Run) history.Step {
	if n := len(r.FileChecks); n > 0 {
		return r.FileChecks[n-1].Step
	}
	return r.Quiesce.Healed
}

// lastNumber reads the id from "pending checkpoint 4"; 0 if there is none.
func lastNumber(text string) int64 {
	id, err := strconv.ParseInt(text[strings.LastIndexByte(text, ' ')+1:], 10, 64)
	if err != nil {
		return 0
	}
	return id
}
