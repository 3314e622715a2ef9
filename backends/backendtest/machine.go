package backendtest

import (
	"slices"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// machine drives one job of some subtasks, on one backend or on several in lock
// step, beside the naive model.
type machine struct {
	t         *rapid.T
	sides     []*side
	groups    int
	keys      []backends.Key
	byEncoded map[string]backends.Key
	favourite string
	subtasks  int
	model     naive
	taken     []taken
	ids       backends.CheckpointID
	confirmed backends.CheckpointID
	done      *tally
}

// side is the job on one backend.
type side struct {
	w           *World
	coordinator coordinator
	subtasks    []*Instance
}

// taken is an open snapshot of all subtasks and what it must hold.
type taken struct {
	id       backends.CheckpointID
	kind     backends.SnapshotOptions
	pendings [][]backends.Pending // by side, then by subtask
	want     naive
}

// drawGroups: the prefix of a key group takes one byte up to 128 and two from
// there on, and 32768 are the most that there can be.
var drawGroups = rapid.SampledFrom([]int{Groups, Groups, Groups, Groups, 128, 129, 200, 200, backends.MaxParallelismMax})

var drawKeys = rapid.SampledFrom([]int{3, 6, len(awkward)})

func newMachine(t *rapid.T, done *tally, worlds []*World) *machine {
	m := &machine{t: t, model: make(naive), byEncoded: make(map[string]backends.Key), subtasks: 2, done: done}
	m.groups = drawGroups.Draw(t, "key groups")
	keyBytes := 8
	if rapid.Bool().Draw(t, "keys are strings") {
		keyBytes = 0
		for _, s := range awkward {
			m.keys = append(m.keys, backends.StringKey(s))
		}
	} else {
		for k := range int64(len(awkward)) {
			m.keys = append(m.keys, backends.Int64Key(k-4))
		}
	}
	for _, k := range m.keys {
		m.byEncoded[k.Encoded] = k
	}
	// Few keys and a favourite state meet themselves often, many keys meet others.
	m.keys = m.keys[:drawKeys.Draw(t, "keys")]
	m.favourite = drawState.Draw(t, "favourite state")
	for _, w := range worlds {
		w.Groups, w.KeyBytes = m.groups, keyBytes
		s := &side{w: w, coordinator: coordinator{streams: w.Streams}}
		for i := range m.subtasks {
			s.subtasks = append(s.subtasks, w.Open(t, i, m.subtasks))
		}
		m.sides = append(m.sides, s)
	}
	return m
}

// step does one operation everywhere, and compares the answers.
func (m *machine) step() {
	o := drawOperation(m.t, m.keys, m.favourite)
	o.keys, o.maxParallelism = m.byEncoded, m.groups
	group := o.groupOf(o.key.Encoded)
	subtask := backends.SubtaskOf(group, m.subtasks, m.groups)
	o.groups = backends.RangeOf(subtask, m.subtasks, m.groups)
	o.at = spot{group: group, state: o.state, key: o.key.Encoded, ns: o.ns}
	want := m.model.apply(o)
	for _, s := range m.sides {
		if o.n%4 == 0 {
			s.subtasks[subtask].Work()
		}
		if got := s.subtasks[subtask].apply(o); got != want {
			m.t.Fatalf("%s: %s answers %q, want %q", o, s.w.Backend.Name(), got, want)
		}
	}
	m.done.count(o)
}

// steps does some operations: one, or many at once.
func (m *machine) steps(n int) {
	for range n {
		m.step()
	}
}

// check compares all that is held.
func (m *machine) check() {
	want := m.model.lines()
	for _, s := range m.sides {
		var lines []string
		for _, in := range s.subtasks {
			lines = append(lines, in.dumpOf(m.held(in))...)
		}
		if !slices.Equal(want, lines) {
			m.t.Fatalf("live state of %s (-want +got):\n%s", s.w.Backend.Name(), gocmp.Diff(want, lines))
		}
	}
}

// held are the key groups in which to look for entries: all, or where they are
// too many for that those of the keys.
func (m *machine) held(in *Instance) []backends.KeyGroupRange {
	if m.groups <= 1<<10 {
		return []backends.KeyGroupRange{in.Params.KeyGroups}
	}
	var groups []int
	for _, k := range m.keys {
		if g := backends.KeyGroup(k.Hash, m.groups); in.Params.KeyGroups.Contains(g) {
			groups = append(groups, g)
		}
	}
	slices.Sort(groups)
	var out []backends.KeyGroupRange
	for _, g := range slices.Compact(groups) {
		out = append(out, backends.KeyGroupRange{Start: g, End: g})
	}
	return out
}

// dumpOf is Dump of some key groups.
func (in *Instance) dumpOf(ranges []backends.KeyGroupRange) (lines []string) {
	in.t.Helper()
	in.Work()
	for _, r := range ranges {
		must(in.t, in.Entries(r, func(e backends.Entry) error {
			lines = append(lines, line(e))
			return nil
		}))
	}
	return lines
}
