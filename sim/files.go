package sim

import (
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
	handed map[int64][]member  // by checkpoint: what accepted acknowledgements named
	root   []int64             // checkpoints that the store's root names, or may name after a crash
	issuer int                 // incarnation of the job manager that wrote the root last
	known  map[string]*fileFacts
	clean  map[int64]bool         // checkpoints whose place was cleaned up without an error
	doubt  map[int64]history.Step // checkpoints whose publishing outcome is unknown
	shared map[string]*history.SharedFile
}

// member is a file that somebody needs, as its handle describes it.
type member struct {
	path  string
	bytes int64
	sum   uint64
	exact bool // bytes and sum are known

	shared bool // several checkpoints may name it
}

func newFileLog(w *world) *fileLog {
	return &fileLog{
		w: w, needed: map[string][]string{}, owners: map[string][]member{}, known: map[string]*fileFacts{}, handed: map[int64][]member{},
		clean: map[int64]bool{}, doubt: map[int64]history.Step{}, shared: map[string]*history.SharedFile{},
	}
}

const (
	storedPrefix  = "checkpoint "
	pendingPrefix = "pending checkpoint "
)

func pendingOwner(id int64) string { return pendingPrefix + strconv.FormatInt(id, 10) }
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
			members = append(members, member{path: path.Clean(h.Path), bytes: h.SizeBytes, sum: h.Sum, exact: true, shared: h.IsShared()})
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
	switch op.Kind {
	case faults.OpWrite, faults.OpTruncate, faults.OpCreate:
		l.damage(site, op, op.Path)
	case faults.OpUnlink:
		l.damage(site, op, op.Path)
		l.deleting(op.Path)
	case faults.OpRename:
		for _, name := range l.below(op.Path) {
			l.damage(site, op, name)
		}
		l.damage(site, op, op.To)
	}
}

// below lists the needed files that a rename of name takes away: itself, or all
// that is in it.
func (l *fileLog) below(name string) []string {
	var names []string
	for needed := range l.needed {
		if needed == name || strings.HasPrefix(needed, name+"/") {
			names = append(names, needed)
		}
	}
	slices.Sort(names)
	return names
}

// deleting notes that a file is being deleted. That of a completed checkpoint
// shows to everybody that a newer one has completed.
func (l *fileLog) deleting(name string) {
	if f := l.known[name]; f != nil && f.DeleteIssued == 0 {
		f.DeleteIssued = l.w.step()
	}
	of := checkpointOf(name)
	if f := l.known[name]; of == 0 && f != nil {
		of = f.Checkpoint // a shared file's first one
	}
	row := l.w.row(of)
	if row != nil && row.Published != 0 && len(l.root) > 0 && l.root[len(l.root)-1] > row.ID {
		l.w.observed(l.root[len(l.root)-1], "delete")
	}
}

func (l *fileLog) damage(site faults.Site, op faults.Op, name string) {
	owners := l.needed[name]
	if len(owners) == 0 {
		return
	}
	w := l.w
	w.run.Damages = append(w.run.Damages, history.Damage{
		Step: w.step(), At: w.loop.Now(), Machine: site.Process, Path: name, Op: op.Kind.String(), NeededBy: owners[0],
	})
	w.tell(site.Process, site.Checkpoint, "DAMAGE: %s of %s, which %s needs", op.Kind, name, owners[0])
}

// acknowledged notes that a live coordinator has taken files over.
func (l *fileLog) acknowledged(id int64, state checkpoint.Subtask) {
	members := membersOf(slices.Collect(state.Streams()))
	for _, m := range members {
		if f := l.known[m.path]; f != nil && f.AckAccepted == 0 {
			f.AckAccepted = l.w.step()
		}
	}
	l.handed[id] = append(l.handed[id], members...)
	l.need(pendingOwner(id), members)
}

// pendingOver ends the needs of a pending checkpoint.
func (l *fileLog) pendingOver(id int64) { l.release(pendingOwner(id)) }

// stored tells whether a checkpoint that the root names needs a file.
func (l *fileLog) stored(name string) bool {
	return slices.ContainsFunc(l.needed[name], func(owner string) bool { return strings.HasPrefix(owner, storedPrefix) })
}

// verify compares each file that an owner needs with its handle.
func (l *fileLog) verify(when, owner string) {
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
