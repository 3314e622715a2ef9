package heap

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// naive is what the state must be: the lines that Entries must give, by where
// they are. A snapshot of it is a plain copy.
type naive map[spot][]part

type spot struct {
	group          int
	state, key, ns string
}

type part struct {
	userKey string
	n       int64
}

func (m naive) clone() naive {
	out := make(naive, len(m))
	for k, v := range m {
		out[k] = slices.Clone(v)
	}
	return out
}

func (m naive) set(at spot, parts []part) {
	if len(parts) == 0 {
		delete(m, at)
		return
	}
	m[at] = parts
}

func (m naive) lines() []string {
	var spots []spot
	for at := range m {
		spots = append(spots, at)
	}
	slices.SortFunc(spots, func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.state, b.state), cmp.Compare(a.key, b.key), cmp.Compare(a.ns, b.ns))
	})
	var lines []string
	for _, at := range spots {
		for i, p := range m[at] {
			index := i
			if at.state == "map" {
				index = 0
			}
			lines = append(lines, fmt.Sprintf("%d %s %x %x %x %d = %016x", at.group, at.state, at.key, at.ns, p.userKey, index, uint64(p.n)))
		}
	}
	return lines
}

// machine drives one heap job of some subtasks beside the naive model.
type machine struct {
	t        *rapid.T
	storage  *streams
	subtasks []*instance
	model    naive
	taken    []taken
	ids      backends.CheckpointID
}

// taken is an open snapshot of all subtasks and what it must hold.
type taken struct {
	pendings []backends.Pending
	want     naive
}

// step changes one entry, in place where it can.
func (m *machine) step() {
	key := backends.Int64Key(rapid.Int64Range(0, 23).Draw(m.t, "key"))
	group := backends.KeyGroup(key.Hash, groups)
	in := m.subtasks[backends.SubtaskOf(group, len(m.subtasks), groups)]
	must(m.t, in.SetCurrentKey(key))
	at := spot{group: group, key: key.Encoded, ns: rapid.SampledFrom([]string{backends.VoidNamespace, "w"}).Draw(m.t, "namespace")}
	n := rapid.Int64Range(0, 99).Draw(m.t, "n")
	switch at.state = rapid.SampledFrom([]string{"list", "map", "value"}).Draw(m.t, "state"); at.state {
	case "value":
		m.stepValue(in, at, n)
	case "list":
		m.stepList(in, at, n)
	case "map":
		m.stepMap(in, at, n)
	}
}

func (m *machine) stepValue(in *instance, at spot, n int64) {
	s := value(m.t, in, "value")
	s.SetNamespace(at.ns)
	switch rapid.IntRange(0, 3).Draw(m.t, "op") {
	case 0:
		must(m.t, s.Clear())
		m.model.set(at, nil)
	case 1:
		must(m.t, s.Update(&box{n: n}))
		m.model.set(at, []part{{n: n}})
	default:
		got, err := s.Get()
		must(m.t, err)
		m.same(at, one(got))
		if got != nil {
			got.(*box).n = n
			must(m.t, s.Update(got))
			m.model.set(at, []part{{n: n}})
		}
	}
}

func (m *machine) stepList(in *instance, at spot, n int64) {
	s, err := in.List(descriptor("list", backends.ListKind))
	must(m.t, err)
	s.SetNamespace(at.ns)
	old := m.model[at]
	switch rapid.IntRange(0, 4).Draw(m.t, "op") {
	case 0:
		must(m.t, s.Update(nil))
		m.model.set(at, nil)
	case 1:
		must(m.t, s.Update([]any{&box{n: n}}))
		m.model.set(at, []part{{n: n}})
	case 2:
		must(m.t, s.AddAll([]any{&box{n: n}, &box{n: n + 1}}))
		m.model.set(at, append(slices.Clone(old), part{n: n}, part{n: n + 1}))
	case 3:
		must(m.t, s.Add(&box{n: n}))
		m.model.set(at, append(slices.Clone(old), part{n: n}))
	case 4:
		got, err := s.Get()
		must(m.t, err)
		m.same(at, many(got))
		if len(got) > 0 {
			got[0].(*box).n = n
			must(m.t, s.Update(got))
			m.model.set(at, append([]part{{n: n}}, old[1:]...))
		}
	}
}

func (m *machine) stepMap(in *instance, at spot, n int64) {
	s, err := in.Map(descriptor("map", backends.MapKind))
	must(m.t, err)
	s.SetNamespace(at.ns)
	user := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(m.t, "user key")
	rest := slices.DeleteFunc(slices.Clone(m.model[at]), func(p part) bool { return p.userKey == user })
	with := append(slices.Clone(rest), part{userKey: user, n: n})
	slices.SortFunc(with, func(a, b part) int { return cmp.Compare(a.userKey, b.userKey) })
	switch rapid.IntRange(0, 4).Draw(m.t, "op") {
	case 0:
		must(m.t, s.Remove(user))
		m.model.set(at, rest)
	case 1:
		must(m.t, s.Put(user, &box{n: n}))
		m.model.set(at, with)
	case 2:
		var got []part
		must(m.t, s.Range(func(k string, v any) bool {
			got = append(got, part{userKey: k, n: v.(*box).n})
			return true
		}))
		m.same(at, got)
	default:
		got, err := s.Get(user)
		must(m.t, err)
		if got != nil {
			got.(*box).n = n
			must(m.t, s.Put(user, got))
			m.model.set(at, with)
		}
	}
}

func one(v any) []part {
	if v == nil {
		return nil
	}
	return []part{{n: v.(*box).n}}
}

func many(vs []any) []part {
	var out []part
	for _, v := range vs {
		out = append(out, part{n: v.(*box).n})
	}
	return out
}

func (m *machine) same(at spot, got []part) {
	if diff := gocmp.Diff(m.model[at], got, gocmp.AllowUnexported(part{})); diff != "" {
		m.t.Fatalf("%v (-want +got):\n%s", at, diff)
	}
}

func (m *machine) snapshot() {
	m.ids++
	s := taken{want: m.model.clone()}
	for _, in := range m.subtasks {
		s.pendings = append(s.pendings, snapshot(m.t, in, m.ids))
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

// write writes an open snapshot, changing state whenever a chunk goes out, and
// compares what is restored from it at another parallelism. It may go on from it.
func (m *machine) write() {
	s, ok := m.take()
	if !ok {
		return
	}
	m.storage.hook = func(string) error {
		for range rapid.IntRange(0, 2).Draw(m.t, "meanwhile") {
			m.step()
		}
		return nil
	}
	var handles []backends.KeyedHandle
	for _, p := range s.pendings {
		handles = append(handles, write(m.t, p))
	}
	m.storage.hook = nil
	m.open(rapid.IntRange(1, 3).Draw(m.t, "parallelism"), handles, s.want)
}

func (m *machine) open(n int, handles []backends.KeyedHandle, want naive) {
	var fresh []*instance
	var lines []string
	for i := range n {
		fresh = append(fresh, open(m.t, m.storage, i, n, handles...))
		lines = append(lines, dump(m.t, fresh[i])...)
	}
	if diff := gocmp.Diff(want.lines(), lines); diff != "" {
		m.t.Fatalf("restored (-want +got):\n%s", diff)
	}
	if len(m.taken) == 0 && rapid.Bool().Draw(m.t, "go on from it") {
		m.subtasks, m.model = fresh, want.clone()
	}
}

func (m *machine) discard() {
	if s, ok := m.take(); ok {
		for _, p := range s.pendings {
			must(m.t, p.Discard())
		}
	}
}

func (m *machine) check() {
	var lines []string
	for _, in := range m.subtasks {
		lines = append(lines, dump(m.t, in)...)
	}
	if diff := gocmp.Diff(m.model.lines(), lines); diff != "" {
		m.t.Fatalf("live state (-want +got):\n%s", diff)
	}
}

// TestStateAndSnapshotsEqualTheModel runs random jobs: snapshots overlap, state
// changes in place while they are written, and each is restored elsewhere.
func TestStateAndSnapshotsEqualTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{t: t, storage: newStreams(), model: make(naive)}
		for i := range 2 {
			m.subtasks = append(m.subtasks, open(t, m.storage, i, 2))
		}
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
