package sim

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"flinch/backends"
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// fileLog is the harness' own book of the files on checkpoint storage: who needs
// them (oracle F1), and who wrote, lost or tried to delete them (oracle F2). It
// is kept from the disk's hook and the messages seen; it asks the system under
// test nothing.
type fileLog struct {
	w      *world
	needed map[string][]string // owners by path
	owners map[string][]member // members by owner
	known  map[string]*fileFacts
	lost   map[int64]history.Step // message about a checkpoint that never arrived
	doubt  map[int64]history.Step // checkpoints whose publishing outcome is unknown
}

// member is a file that somebody needs, as its handle describes it.
type member struct {
	path  string
	bytes int64
	sum   uint64
	exact bool // bytes and sum are known
}

func newFileLog(w *world) *fileLog {
	return &fileLog{
		w: w, needed: map[string][]string{}, owners: map[string][]member{}, known: map[string]*fileFacts{},
		lost: map[int64]history.Step{}, doubt: map[int64]history.Step{},
	}
}

const storedPrefix = "checkpoint "

func pendingOwner(id int64) string { return "pending checkpoint " + strconv.FormatInt(id, 10) }
func storedOwner(id int64) string  { return storedPrefix + strconv.FormatInt(id, 10) }

// need adds members to what an owner needs.
func (l *fileLog) need(owner string, members []member) {
	for _, m := range members {
		l.needed[m.path] = append(l.needed[m.path], owner)
	}
	l.owners[owner] = append(l.owners[owner], members...)
}

// release ends an owner's needs.
func (l *fileLog) release(owner string) {
	for _, m := range l.owners[owner] {
		left := slices.DeleteFunc(l.needed[m.path], func(o string) bool { return o == owner })
		if len(left) == 0 {
			delete(l.needed, m.path)
		} else {
			l.needed[m.path] = left
		}
	}
	delete(l.owners, owner)
}

func membersOf(streams []backends.StreamHandle) []member {
	var members []member
	for _, h := range streams {
		if h.Path != "" {
			members = append(members, member{path: path.Clean(h.Path), bytes: h.SizeBytes, sum: h.Sum, exact: true})
		}
	}
	return members
}

// before sees every change of the storage disk on entry: one that harms a needed
// file is damage.
func (l *fileLog) before(site faults.Site, op faults.Op, out faults.Outcome) {
	if out.Err != nil && out.Partial == 0 {
		l.failed(op, out)
		return
	}
	harmed := op.Path
	switch op.Kind {
	case faults.OpUnlink, faults.OpWrite, faults.OpTruncate, faults.OpCreate:
	case faults.OpRename:
		if l.damage(site, op, op.To) {
			return
		}
	default:
		return
	}
	l.damage(site, op, harmed)
	if op.Kind == faults.OpUnlink {
		if f := l.known[op.Path]; f != nil && f.DeleteIssued == 0 {
			f.DeleteIssued = l.w.step()
		}
	}
}

func (l *fileLog) damage(site faults.Site, op faults.Op, name string) bool {
	owners := l.needed[name]
	if len(owners) == 0 {
		return false
	}
	w := l.w
	w.run.Damages = append(w.run.Damages, history.Damage{
		Step: w.step(), At: w.loop.Now(), Machine: site.Process, Path: name, Op: op.Kind.String(), NeededBy: owners[0],
	})
	w.tell(site.Process, site.Checkpoint, "DAMAGE: %s of %s, which %s needs", op.Kind, name, owners[0])
	return true
}

// acknowledged notes that a live coordinator has taken files over.
func (l *fileLog) acknowledged(id int64, state checkpoint.Subtask) {
	members := membersOf(slices.Collect(state.Streams()))
	for _, m := range members {
		if f := l.known[m.path]; f != nil && f.AckAccepted == 0 {
			f.AckAccepted = l.w.step()
		}
	}
	l.need(pendingOwner(id), members)
}

// pendingOver ends the needs of a pending checkpoint.
func (l *fileLog) pendingOver(id int64) { l.release(pendingOwner(id)) }

// publishing notes that the write that publishes a checkpoint is about to be
// issued: from now on it may be in the durable store.
func (l *fileLog) publishing(id int64, m checkpoint.Metadata, location string) {
	l.need(storedOwner(id), storedMembers(m, location))
	l.release(pendingOwner(id))
}

// storedMembers lists the files of a checkpoint that is in the store.
func storedMembers(m checkpoint.Metadata, location string) []member {
	members := membersOf(slices.Collect(m.Streams()))
	if strings.HasPrefix(location, "/") {
		members = append(members, member{path: path.Join(location, "_metadata")})
	}
	return members
}

// unpublished notes that the checkpoint is certainly not in the store.
func (l *fileLog) unpublished(id int64) {
	l.release(storedOwner(id))
}

// released notes that the store has let a checkpoint go for good.
func (l *fileLog) released(id int64) { l.release(storedOwner(id)) }

// recovered notes what a new job manager found in the store: nothing else is
// needed from now on.
func (l *fileLog) recovered(retained []checkpoint.Completed) {
	keep := map[string]bool{}
	for _, c := range retained {
		keep[storedOwner(int64(c.ID))] = true
	}
	for _, owner := range slices.Sorted(maps.Keys(l.owners)) {
		if keep[owner] {
			continue
		}
		// Whoever dropped it died before it could clean up.
		for _, m := range l.owners[owner] {
			if f := l.known[m.path]; f != nil && f.OwnerDied == 0 {
				f.OwnerDied = l.w.step()
			}
		}
		l.release(owner)
	}
	for _, c := range retained {
		if owner := storedOwner(int64(c.ID)); l.owners[owner] == nil {
			l.need(owner, storedMembers(c.Metadata, c.Location))
		}
	}
}

// stored tells whether a checkpoint needs a file that is certainly in the store.
func (l *fileLog) stored(name string) bool {
	return slices.ContainsFunc(l.needed[name], func(owner string) bool {
		digits, found := strings.CutPrefix(owner, storedPrefix)
		id, err := strconv.ParseInt(digits, 10, 64)
		if !found || err != nil {
			return false
		}
		row := l.w.row(id)
		return row == nil || row.Published != 0
	})
}

// verify compares each file of a stored checkpoint with its handle.
func (l *fileLog) verify(when string, id int64) {
	owner := storedOwner(id)
	storage := l.w.machines[history.Storage].disk
	for _, m := range l.owners[owner] {
		c := history.FileCheck{Step: l.w.step(), When: when, Path: m.path, NeededBy: owner, WantBytes: m.bytes, WantSum: m.sum}
		f, err := storage.File(m.path)
		c.Missing, c.GotBytes = err != nil, f.Size
		switch {
		case !m.exact:
			c.WantBytes = c.GotBytes
		case err == nil:
			c.GotSum = f.Sum()
		}
		l.w.run.FileChecks = append(l.w.run.FileChecks, c)
	}
}
