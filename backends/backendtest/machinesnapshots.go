package backendtest

import (
	"slices"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func (m *machine) snapshot() {
	m.taken = append(m.taken, m.freeze(drawSnapshot.Draw(m.t, "kind of snapshot")))
}

// drawSnapshot: most are checkpoints that may share files.
var drawSnapshot = rapid.SampledFrom([]backends.SnapshotOptions{{}, {}, {}, {Full: true}, canonical})

// freeze is the synchronous phase everywhere.
func (m *machine) freeze(kind backends.SnapshotOptions) taken {
	m.ids++
	frozen := taken{id: m.ids, want: m.model.clone(), kind: kind}
	for _, s := range m.sides {
		var pendings []backends.Pending
		for _, in := range s.subtasks {
			pendings = append(pendings, in.take(frozen.id, kind))
		}
		frozen.pendings = append(frozen.pendings, pendings)
	}
	return frozen
}

// take removes one of the open snapshots and returns it.
func (m *machine) take() (taken, bool) {
	if len(m.taken) == 0 {
		return taken{}, false
	}
	i := rapid.IntRange(0, len(m.taken)-1).Draw(m.t, "snapshot")
	s := m.taken[i]
	m.taken = slices.Delete(m.taken, i, i+1)
	return s, true
}

// written are the handles of one snapshot, by side and subtask.
type written [][]backends.KeyedHandle

// writeAll is the asynchronous phase on one side after the other, with operations
// at the scheduling points.
func (m *machine) writeAll(frozen taken) written {
	var all written
	for i, s := range m.sides {
		budget := 40
		s.w.at(func() {
			if budget > 0 {
				budget--
				m.steps(rapid.IntRange(0, 2).Draw(m.t, "meanwhile"))
			}
		})
		var handles []backends.KeyedHandle
		for _, p := range frozen.pendings[i] {
			handles = append(handles, write(m.t, p))
		}
		s.w.at(nil)
		all = append(all, handles)
	}
	return all
}

// resolve completes the handles of all sides. It returns false if one knows a file
// no more.
func (m *machine) resolve(all written) (written, bool) {
	var out written
	for i, s := range m.sides {
		handles, known := s.coordinator.resolve(all[i])
		if !known {
			return nil, false
		}
		out = append(out, handles)
	}
	return out, true
}

func (m *machine) drop(all written) {
	for i, s := range m.sides {
		s.coordinator.drop(all[i])
	}
}

// write writes an open snapshot, compares what is restored from it at another
// parallelism, and may go on from it.
func (m *machine) write() {
	frozen, ok := m.take()
	if !ok {
		return
	}
	all := m.writeAll(frozen)
	handles, known := m.resolve(all)
	switch {
	case !known || rapid.IntRange(0, 4).Draw(m.t, "fate") == 0:
		m.drop(all)
		m.notify(frozen.id, backends.Keyed.NotifyAborted)
	case frozen.kind.Canonical:
		m.restoreSomewhere(m.exchange(handles), frozen.want)
	case frozen.kind.Full:
		m.restoreSomewhere(handles, frozen.want)
	case frozen.id > m.confirmed:
		m.complete(frozen.id, handles)
		m.restoreSomewhere(handles, frozen.want)
	default: // subsumed before it was complete: no job goes on from that
		m.restore(handles, frozen.want, restoring{subtasks: rapid.IntRange(1, 5).Draw(m.t, "parallelism")})
		m.drop(handles)
		m.notify(frozen.id, backends.Keyed.NotifyAborted)
	}
}

// complete keeps a checkpoint in the place of the last one.
func (m *machine) complete(id backends.CheckpointID, handles written) {
	for i, s := range m.sides {
		s.coordinator.complete(handles[i])
	}
	m.notify(id, backends.Keyed.NotifyComplete)
	m.notify(m.confirmed, backends.Keyed.NotifySubsumed)
	m.confirmed = id
}

// notify tells the subtasks, most of the time.
func (m *machine) notify(id backends.CheckpointID, tell func(backends.Keyed, backends.CheckpointID) error) {
	if rapid.IntRange(0, 4).Draw(m.t, "notification") == 4 {
		return
	}
	for _, s := range m.sides {
		for _, in := range s.subtasks {
			must(m.t, tell(in.Keyed, id))
		}
	}
}

func (m *machine) restoreSomewhere(handles written, want naive) {
	n := rapid.IntRange(1, 5).Draw(m.t, "parallelism")
	m.restore(handles, want, restoring{subtasks: n, stay: rapid.Bool().Draw(m.t, "go on from it")})
}

// restoring says at which parallelism to restore, and whether the job goes on from
// there.
type restoring struct {
	subtasks int
	stay     bool
}

// restore opens new instances everywhere and compares what they hold.
func (m *machine) restore(handles written, want naive, r restoring) {
	lines := want.lines()
	for i, s := range m.sides {
		var fresh []*Instance
		var got []string
		for subtask := range r.subtasks {
			in := s.w.Open(m.t, subtask, r.subtasks, s.w.dealt(subtask, r.subtasks, handles[i])...)
			fresh = append(fresh, in)
			got = append(got, in.dumpOf(m.held(in))...)
		}
		if !slices.Equal(lines, got) {
			m.t.Fatalf("%s restored (-want +got):\n%s", s.w.Backend.Name(), gocmp.Diff(lines, got))
		}
		old := fresh
		if r.stay {
			old, s.subtasks = s.subtasks, fresh
		}
		for _, in := range old {
			must(m.t, in.Close())
		}
	}
	if r.stay {
		m.model, m.taken, m.subtasks = want.clone(), nil, r.subtasks
	}
}

// thereAndBack rescales the job to another parallelism, lets it change state
// there, and rescales it back.
func (m *machine) thereAndBack() {
	home := m.subtasks
	for _, n := range []int{rapid.IntRange(1, 5).Draw(m.t, "parallelism"), home} {
		frozen := m.freeze(drawSnapshot.Draw(m.t, "kind of snapshot"))
		handles, known := m.resolve(m.writeAll(frozen))
		if !known {
			m.t.Fatalf("snapshot %d refers to files that no confirmed checkpoint has", frozen.id)
		}
		switch {
		case frozen.kind.Canonical:
			handles = m.exchange(handles)
		case !frozen.kind.Full:
			m.complete(frozen.id, handles)
		}
		m.restore(handles, frozen.want, restoring{subtasks: n, stay: true})
		m.steps(rapid.IntRange(0, 20).Draw(m.t, "steps"))
	}
}

func (m *machine) discard() {
	if frozen, ok := m.take(); ok {
		for _, pendings := range frozen.pendings {
			for _, p := range pendings {
				must(m.t, p.Discard())
			}
		}
		m.notify(frozen.id, backends.Keyed.NotifyAborted)
	}
}
