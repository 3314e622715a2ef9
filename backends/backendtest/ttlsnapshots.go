package backendtest

import (
	"maps"
	"slices"

	"flinch/backends"

	"pgregory.net/rapid"
)

// ttlTaken is an open snapshot of all subtasks and what it may hold.
type ttlTaken struct {
	id       backends.CheckpointID
	kind     backends.SnapshotOptions
	pendings []backends.Pending
	want     map[spotWithAge]cell
}

func (m *ttlMachine) snapshot() {
	m.ids++
	taken := ttlTaken{id: m.ids, kind: drawSnapshot.Draw(m.t, "kind of snapshot"), want: m.clone()}
	// On some backends every snapshot is a full one.
	if m.config.CleanFullSnapshots {
		m.cleanAll(taken.want)
	}
	for _, s := range m.subtasks {
		taken.pendings = append(taken.pendings, s.take(taken.id, taken.kind))
	}
	m.taken = append(m.taken, taken)
}

// write writes the oldest open snapshot, with operations at the scheduling points,
// and compares what is restored from it. The job may go on from there.
func (m *ttlMachine) write() {
	if len(m.taken) == 0 {
		return
	}
	taken := m.taken[0]
	budget := 10
	m.w.at(func() {
		if budget > 0 {
			budget--
			m.steps(rapid.IntRange(0, 2).Draw(m.t, "meanwhile"))
		}
	})
	var handles []backends.KeyedHandle
	for _, p := range taken.pendings {
		handles = append(handles, m.w.Write(m.t, p))
	}
	m.w.at(nil)
	m.taken = m.taken[1:]
	if taken.kind == (backends.SnapshotOptions{}) {
		for _, s := range m.subtasks {
			must(m.t, s.NotifyComplete(taken.id))
		}
	}
	m.restore(handles, taken.want)
}

func (m *ttlMachine) restore(handles []backends.KeyedHandle, want map[spotWithAge]cell) {
	n := rapid.IntRange(1, 3).Draw(m.t, "parallelism")
	var fresh []*ttlSubtask
	for i := range n {
		fresh = append(fresh, &ttlSubtask{Instance: m.w.Open(m.t, i, n, m.w.dealt(i, n, handles)...)})
	}
	want = m.compare(fresh, want)
	old := fresh
	if rapid.Bool().Draw(m.t, "go on from it") {
		old = m.subtasks
		m.subtasks, m.cells, m.taken = nil, want, nil
		for _, s := range fresh {
			m.subtasks = append(m.subtasks, m.register(s.Instance))
		}
		// The clock may have gone on meanwhile.
		m.mayClean()
	}
	for _, s := range old {
		must(m.t, s.Close())
	}
}

// compare holds the entries of instances against what they may be, and returns
// what they are.
func (m *ttlMachine) compare(subtasks []*ttlSubtask, want map[spotWithAge]cell) map[spotWithAge]cell {
	m.t.Helper()
	got := make(map[spotWithAge][]string)
	for _, s := range subtasks {
		must(m.t, s.Entries(s.Params.KeyGroups, func(e backends.Entry) error {
			at := spotWithAge{e.State, e.Key, e.Namespace}
			text, err := m.entry(e)
			got[at] = append(got[at], text)
			return err
		}))
	}
	next := make(map[spotWithAge]cell)
	spots := slices.Concat(slices.Collect(maps.Keys(got)), slices.Collect(maps.Keys(want)))
	slices.SortFunc(spots, spotWithAge.compare)
	for _, at := range slices.Compact(spots) {
		c, ok := m.read(want[at], reading{access: look, show: entryLine}, got[at])
		if !ok {
			m.t.Fatalf("%s: restored %+v: %q, of which the model says %+v", m.aging.String(), at, got[at], want[at])
		}
		next[at] = c
	}
	return next
}
