package backendtest

import (
	"cmp"
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// randomClauses run random jobs beside the naive model.
var randomClauses = []clause{
	{"StateAndSnapshotsEqualTheModel", randomJobs},
}

// machine drives one job of some subtasks beside the naive model.
type machine struct {
	t           *rapid.T
	w           *World
	coordinator coordinator
	keys        []backends.Key
	subtasks    []*Instance
	model       naive
	taken       []taken
	ids         backends.CheckpointID
	confirmed   backends.CheckpointID
}

// taken is an open snapshot of all subtasks and what it must hold.
type taken struct {
	id       backends.CheckpointID
	full     bool
	pendings []backends.Pending
	want     naive
}

func newMachine(t *rapid.T, w *World) *machine {
	m := &machine{t: t, w: w, coordinator: coordinator{streams: w.Streams}, model: make(naive)}
	w.Groups = rapid.SampledFrom([]int{Groups, 200}).Draw(t, "key groups")
	if rapid.Bool().Draw(t, "keys are strings") {
		w.KeyBytes = 0
		for _, s := range awkward {
			m.keys = append(m.keys, backends.StringKey(s))
		}
	} else {
		for k := range int64(24) {
			m.keys = append(m.keys, backends.Int64Key(k))
		}
	}
	for i := range 2 {
		m.subtasks = append(m.subtasks, w.Open(t, i, 2))
	}
	return m
}

// step changes one entry, in place where it can, or goes on with background work.
func (m *machine) step() {
	key := rapid.SampledFrom(m.keys).Draw(m.t, "key")
	group := backends.KeyGroup(key.Hash, m.w.Groups)
	in := m.subtasks[backends.SubtaskOf(group, len(m.subtasks), m.w.Groups)]
	if rapid.IntRange(0, 3).Draw(m.t, "work") == 0 {
		in.Work()
	}
	must(m.t, in.SetCurrentKey(key))
	at := spot{group: group, key: key.Encoded, ns: rapid.SampledFrom([]string{backends.VoidNamespace, "w", "w\x00", "\x00\x00"}).Draw(m.t, "namespace")}
	n := rapid.Int64Range(0, 99).Draw(m.t, "n")
	switch at.state = rapid.SampledFrom([]string{"list", "map", "default", "fixed"}).Draw(m.t, "state"); at.state {
	case "default":
		m.stepValue(in.Boxes(at.state), at, n)
	case "list":
		m.stepList(in.BoxList(at.state), at, n)
	case "fixed":
		m.stepList(must2[backends.RawList](m.t)(in.List(FixedBoxes(at.state, backends.ListKind))), at, n)
	case "map":
		m.stepMap(in.BoxMap(at.state), at, n)
	}
}

func (m *machine) stepValue(s backends.RawValue, at spot, n int64) {
	s.SetNamespace(at.ns)
	switch rapid.IntRange(0, 3).Draw(m.t, "op") {
	case 0:
		must(m.t, s.Clear())
		m.model.set(at, nil)
	case 1:
		must(m.t, s.Update(&Box{N: n}))
		m.model.set(at, []part{{N: n}})
	default:
		got, err := s.Get()
		must(m.t, err)
		m.same(at, one(got))
		if got != nil {
			got.(*Box).N = n
			must(m.t, s.Update(got))
			m.model.set(at, []part{{N: n}})
		}
	}
}

func (m *machine) stepList(s backends.RawList, at spot, n int64) {
	s.SetNamespace(at.ns)
	old := slices.Clone(m.model[at])
	switch rapid.IntRange(0, 4).Draw(m.t, "op") {
	case 0:
		must(m.t, s.Update(nil))
		m.model.set(at, nil)
	case 1:
		must(m.t, s.Update([]any{&Box{N: n}}))
		m.model.set(at, []part{{N: n}})
	case 2:
		must(m.t, s.AddAll([]any{&Box{N: n}, &Box{N: n + 1}}))
		m.model.set(at, append(old, part{N: n}, part{N: n + 1}))
	case 3:
		must(m.t, s.Add(&Box{N: n}))
		m.model.set(at, append(old, part{N: n}))
	case 4:
		got, err := s.Get()
		must(m.t, err)
		m.same(at, many(got))
		if len(got) > 0 {
			got[0].(*Box).N = n
			must(m.t, s.Update(got))
			m.model.set(at, append([]part{{N: n}}, old[1:]...))
		}
	}
}

func (m *machine) stepMap(s backends.RawMap, at spot, n int64) {
	s.SetNamespace(at.ns)
	user := rapid.SampledFrom([]string{"a", "b", "b\x00", ",", "\x00"}).Draw(m.t, "user key")
	rest := slices.DeleteFunc(slices.Clone(m.model[at]), func(p part) bool { return p.UserKey == user })
	with := append(slices.Clone(rest), part{UserKey: user, N: n})
	slices.SortFunc(with, func(a, b part) int { return cmp.Compare(a.UserKey, b.UserKey) })
	switch rapid.IntRange(0, 6).Draw(m.t, "op") {
	case 0:
		must(m.t, s.Remove(user))
		m.model.set(at, rest)
	case 1, 2:
		must(m.t, s.Put(user, &Box{N: n}))
		m.model.set(at, with)
	case 3:
		var got []part
		must(m.t, s.Range(func(k string, v any) bool {
			got = append(got, part{UserKey: k, N: v.(*Box).N})
			return true
		}))
		m.same(at, got)
	case 4:
		must(m.t, s.Clear())
		m.model.set(at, nil)
	default:
		got, err := s.Get(user)
		must(m.t, err)
		if (got != nil) != (len(rest) < len(m.model[at])) {
			m.t.Fatalf("%v: user key %q has %v", at, user, got)
		}
		if got != nil {
			got.(*Box).N = n
			must(m.t, s.Put(user, got))
			m.model.set(at, with)
		}
	}
}

func (m *machine) same(at spot, got []part) {
	if diff := gocmp.Diff(m.model[at], got); diff != "" {
		m.t.Fatalf("%v (-want +got):\n%s", at, diff)
	}
}

func (m *machine) snapshot() {
	m.ids++
	s := taken{id: m.ids, want: m.model.clone(), full: rapid.IntRange(0, 3).Draw(m.t, "full") == 0}
	for _, in := range m.subtasks {
		s.pendings = append(s.pendings, in.take(s.id, backends.SnapshotOptions{Full: s.full}))
	}
	m.taken = append(m.taken, s)
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

// write writes an open snapshot, changing state at each scheduling point, and
// compares what is restored from it at another parallelism. It may go on from it.
func (m *machine) write() {
	s, ok := m.take()
	if !ok {
		return
	}
	budget := 40
	m.w.at(func() {
		if budget > 0 {
			budget--
			for range rapid.IntRange(0, 2).Draw(m.t, "meanwhile") {
				m.step()
			}
		}
	})
	var written []backends.KeyedHandle
	for _, p := range s.pendings {
		written = append(written, write(m.t, p))
	}
	m.w.at(nil)
	handles, known := m.coordinator.resolve(written)
	switch {
	case !known || rapid.IntRange(0, 4).Draw(m.t, "fate") == 0:
		m.coordinator.drop(written)
		m.notify(s.id, backends.Keyed.NotifyAborted)
	case s.full:
		m.restore(handles, s.want)
	case s.id > m.confirmed:
		m.complete(s.id, handles)
		m.restore(handles, s.want)
	default: // subsumed before it was complete
		m.restore(handles, s.want)
		m.coordinator.drop(handles)
		m.notify(s.id, backends.Keyed.NotifyAborted)
	}
}

// complete keeps a checkpoint in the place of the last one.
func (m *machine) complete(id backends.CheckpointID, handles []backends.KeyedHandle) {
	m.coordinator.complete(handles)
	m.notify(id, backends.Keyed.NotifyComplete)
	m.notify(m.confirmed, backends.Keyed.NotifySubsumed)
	m.confirmed = id
}

// notify tells the subtasks, most of the time.
func (m *machine) notify(id backends.CheckpointID, tell func(backends.Keyed, backends.CheckpointID) error) {
	if rapid.IntRange(0, 4).Draw(m.t, "notification") == 4 {
		return
	}
	for _, in := range m.subtasks {
		must(m.t, tell(in.Keyed, id))
	}
}

func (m *machine) restore(handles []backends.KeyedHandle, want naive) {
	n := rapid.IntRange(1, 3).Draw(m.t, "parallelism")
	var fresh []*Instance
	var lines []string
	for i := range n {
		fresh = append(fresh, m.w.Open(m.t, i, n, handles...))
		lines = append(lines, fresh[i].Dump()...)
	}
	if diff := gocmp.Diff(want.lines(), lines); diff != "" {
		m.t.Fatalf("restored (-want +got):\n%s", diff)
	}
	old := fresh
	if rapid.Bool().Draw(m.t, "go on from it") {
		old, m.subtasks, m.model, m.taken = m.subtasks, fresh, want.clone(), nil
	}
	for _, in := range old {
		must(m.t, in.Close())
	}
}

func (m *machine) discard() {
	if s, ok := m.take(); ok {
		for _, p := range s.pendings {
			must(m.t, p.Discard())
		}
		m.notify(s.id, backends.Keyed.NotifyAborted)
	}
}

func (m *machine) check() {
	var lines []string
	for _, in := range m.subtasks {
		lines = append(lines, in.Dump()...)
	}
	if diff := gocmp.Diff(m.model.lines(), lines); diff != "" {
		m.t.Fatalf("live state (-want +got):\n%s", diff)
	}
}

// randomJobs: snapshots overlap, state changes in place while they are written,
// and each is restored elsewhere.
func randomJobs(t *testing.T, world func() *World) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t, world())
		t.Repeat(map[string]func(*rapid.T){
			"change": func(*rapid.T) { m.step() },
			"burst": func(*rapid.T) {
				for range 8 {
					m.step()
				}
			},
			"snapshot": func(*rapid.T) { m.snapshot() },
			"write":    func(*rapid.T) { m.write() },
			"discard":  func(*rapid.T) { m.discard() },
			"":         func(*rapid.T) { m.check() },
		})
	})
}
