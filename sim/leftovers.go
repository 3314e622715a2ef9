package sim

import (
	"errors"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"flinch/faults"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// fileFacts is what the log knows of one file.
type fileFacts struct {
	history.Leftover
	writer  *process
	answers int // incarnation of the job manager that has to delete it; 0: the one that its checkpoint is of
}

// after sees every change once it has taken effect.
func (l *fileLog) after(site faults.Site, op faults.Op, p *process) {
	switch op.Kind {
	case faults.OpUnlink:
		l.sharedDeleted(op.Path)
	case faults.OpCreate:
		l.known[op.Path] = &fileFacts{writer: p, Leftover: history.Leftover{
			Path: op.Path, Checkpoint: site.Checkpoint, Writer: site.Process, Attempt: l.w.attempts, Created: l.w.step(),
		}}
	case faults.OpRename:
		// The old name stays in the book: a power loss may bring it back.
		if f := l.known[op.Path]; f != nil {
			renamed := *f
			renamed.Path = op.To
			l.known[op.To] = &renamed
			f.DeleteIssued = l.w.step()
		}
	}
}

// failed notes a delete of a file or of its folder that did not do what it
// should.
func (l *fileLog) failed(op faults.Op, out faults.Outcome) {
	if !errors.Is(out.Err, faults.ErrInjected) && !errors.Is(out.Err, errStorageDown) {
		return
	}
	if op.Kind != faults.OpUnlink {
		return
	}
	for name, f := range l.known {
		if name == op.Path || path.Dir(name) == op.Path {
			f.DeleteFailed = l.w.step()
		}
	}
}

// swept notes that a checkpoint's place was cleaned up, or why it could not be:
// then nobody knows which of its files were tried.
func (l *fileLog) swept(id int64, err error) {
	if err == nil {
		l.clean[id] = true
		return
	}
	if !explained(err) {
		return
	}
	for name, f := range l.known {
		if checkpointOf(name) == id {
			f.DeleteFailed = l.w.step()
		}
	}
}

// settled tells whether a file's time had passed before something happened: what
// is left of a checkpoint whose place was cleaned up has no excuse in later deaths.
// Shared files are in no checkpoint's place.
func (l *fileLog) settled(name string) bool { return l.clean[checkpointOf(name)] }

// written notes which files a subtask hands over with its acknowledgement.
func (l *fileLog) written(id int64, state checkpoint.Subtask) {
	for h := range state.Streams() {
		if f := l.known[path.Clean(h.Path)]; h.Path != "" && f != nil && !h.Placeholder {
			f.Checkpoint = id
		}
	}
}

// registered notes which shared files a coordinator has taken into its book.
func (l *fileLog) registered(state checkpoint.Subtask) {
	for h := range state.Streams() {
		if f := l.known[path.Clean(h.Path)]; h.IsShared() && f != nil && f.AckAccepted == 0 {
			f.AckAccepted = l.w.step()
		}
	}
}

// strangers tells whether an acknowledgement that was turned down for an unknown
// place-holder should not have been. It should if all its place-holders stand for
// files that somebody needs, so that the coordinator knows them; or if one stands
// for a file that the subtask should not build on, since no published checkpoint
// ever named it. Else one may stand for a file that was let go of meanwhile, which
// the subtask has not heard of yet: with several checkpoints under way, one that
// completes may do without what a later one builds on.
func (l *fileLog) strangers(state checkpoint.Subtask) bool {
	gone := false
	for h := range state.Streams() {
		name := path.Clean(h.Path)
		if !h.Placeholder || len(l.needed[name]) > 0 {
			continue
		}
		f := l.known[name]
		if f == nil || f.AckAccepted == 0 {
			return true
		}
		if row := l.w.row(f.Checkpoint); row != nil && row.Published == 0 {
			return true
		}
		gone = true
	}
	return !gone
}

// ackLost notes that an acknowledgement reached nobody.
func (l *fileLog) ackLost(state checkpoint.Subtask) {
	for h := range state.Streams() {
		if f := l.known[path.Clean(h.Path)]; h.Path != "" && f != nil && !h.Placeholder {
			f.MessageLost = l.w.step()
		}
	}
}

func (l *fileLog) unknown(id int64) { l.doubt[id] = l.w.step() }

// found takes a file into the book that was there before the run began: whoever
// wrote it is dead.
func (l *fileLog) found(name string) {
	l.known[name] = &fileFacts{Leftover: history.Leftover{
		Path: name, Checkpoint: checkpointOf(name), WriterDied: l.w.step(), OwnerDied: l.w.step(),
	}}
}

// processDied notes whose files have lost their writer before anybody else
// answered for them.
func (l *fileLog) processDied(p *process) {
	for name, f := range l.known {
		if f.writer == p && f.WriterDied == 0 && !l.settled(name) {
			f.WriterDied = l.w.step()
		}
	}
}

// leaderDied ends what a coordinator needed, and notes which files it alone
// answered for: those of stored checkpoints have an owner that lives on, and those
// of a newer coordinator are none of its business.
func (l *fileLog) leaderDied(incarnation int) {
	for name, f := range l.known {
		if f.OwnerDied == 0 && !l.outlived(name) && !l.settled(name) && l.answerer(name, f) <= incarnation {
			f.OwnerDied = l.w.step()
		}
	}
	for _, owner := range slices.Sorted(maps.Keys(l.owners)) {
		if id, pending := strings.CutPrefix(owner, pendingPrefix); pending && l.incarnationOf(id) == incarnation {
			l.release(owner)
		}
	}
}

// answerer is the incarnation of the job manager that has to delete a file which no
// stored checkpoint needs; 0: nobody's.
func (l *fileLog) answerer(name string, f *fileFacts) int {
	if f.answers != 0 {
		return f.answers
	}
	id := f.Checkpoint
	if in := checkpointOf(name); in != 0 {
		id = in
	}
	if row := l.w.row(id); row != nil {
		return row.Incarnation
	}
	return 0
}

// incarnationOf is the incarnation of the job manager that triggered a checkpoint.
func (l *fileLog) incarnationOf(id string) int {
	n, err := strconv.ParseInt(id, 10, 64)
	if row := l.w.row(n); err == nil && row != nil {
		return row.Incarnation
	}
	return 0
}

// lostPower notes that deletes may have been undone.
func (l *fileLog) lostPower() {
	for _, f := range l.known {
		if f.DeleteIssued != 0 {
			f.Undone = l.w.step()
		}
	}
}

// leftovers lists the files that nobody needs, with what is known of them.
func (l *fileLog) leftovers() []history.Leftover {
	var left []history.Leftover
	for f := range l.w.machines[history.Storage].disk.Files() {
		if len(l.needed[f.Path]) > 0 {
			continue
		}
		facts := l.known[f.Path]
		row := history.Leftover{Path: f.Path}
		if facts != nil {
			row = facts.Leftover
		}
		id := row.Checkpoint
		if in := checkpointOf(f.Path); in != 0 {
			id = in
		}
		row.Checkpoint, row.PublishUnknown = id, l.doubt[id]
		left = append(left, row)
	}
	return left
}

// checkpointOf reads the checkpoint's number off a path's chk-<n> or savepoint-<n>
// folder; 0: it has none.
func checkpointOf(name string) int64 {
	for part := range strings.SplitSeq(name, "/") {
		digits, found := strings.CutPrefix(part, "chk-")
		if !found {
			digits, found = strings.CutPrefix(part, "savepoint-")
		}
		if found {
			if id, err := strconv.ParseInt(digits, 10, 64); err == nil {
				return id
			}
		}
	}
	return 0
}
