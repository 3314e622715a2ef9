package backendtest

import (
	"fmt"
	"slices"
	"strings"

	"flinch/backends"

	"pgregory.net/rapid"
)

var (
	drawTTLState = rapid.SampledFrom([]string{ttlValue, ttlList, ttlFixed, ttlMap, ttlMap, ttlReducing, ttlAggregating})
	drawTTLSpace = rapid.SampledFrom([]string{backends.VoidNamespace, "w"})
	drawTTLUser  = rapid.SampledFrom([]string{"a", "b", "c"})
)

// step does one operation on one state.
func (m *ttlMachine) step() {
	key := rapid.Int64Range(0, 3).Draw(m.t, "key")
	at := spotWithAge{drawTTLState.Draw(m.t, "state"), backends.Int64Key(key).Encoded, drawTTLSpace.Draw(m.t, "namespace")}
	s := m.owner(key)
	s.Use(key)
	switch at.state {
	case ttlValue:
		m.onValue(s.value, at)
	case ttlMap:
		m.onMap(s.users, at)
	case ttlReducing, ttlAggregating:
		m.onFolding(s.folding[at.state], at)
	default:
		m.onList(s.lists[at.state], at)
	}
	// A merge may move what has expired.
	m.mayClean()
}

func (m *ttlMachine) owner(key int64) *ttlSubtask {
	for _, s := range m.subtasks {
		if s.Params.KeyGroups.Contains(backends.KeyGroup(backends.Int64Key(key).Hash, s.Params.MaxParallelism)) {
			return s
		}
	}
	m.t.Fatalf("no subtask has key %d", key)
	return nil
}

func (m *ttlMachine) box() *Box {
	m.next++
	return &Box{N: m.next}
}

// boxNumbers tells the numbers of boxes, of which nil is none.
func boxNumbers(vs ...any) (texts []string) {
	for _, v := range vs {
		if v != nil {
			texts = append(texts, fmt.Sprint(v.(*Box).N))
		}
	}
	return texts
}

// readAs compares what was read of a cell with the model.
func (m *ttlMachine) readAs(at spotWithAge, r reading, got []string) {
	m.t.Helper()
	if r.access == nil {
		r.access = m.access
	}
	next, ok := m.read(m.cells[at], r, got)
	if !ok {
		m.t.Fatalf("%s: %+v was read as %q, of which the model says %+v", m.aging.String(), at, got, m.cells[at])
	}
	m.cells[at] = next
}

func showNumber(_ string, v version) string { return fmt.Sprint(v.n) }

func showPair(at string, v version) string { return fmt.Sprintf("%s=%d", at, v.n) }

func (m *ttlMachine) onValue(s backends.RawValue, at spotWithAge) {
	s.SetNamespace(at.ns)
	switch rapid.IntRange(0, 4).Draw(m.t, "op") {
	case 0, 1:
		b := m.box()
		m.cells[at] = cell{certain("", b.N, m.now)}
		must(m.t, s.Update(b))
	case 2:
		must(m.t, s.Clear())
		delete(m.cells, at)
	default:
		got, err := s.Get()
		must(m.t, err)
		m.readAs(at, reading{show: showNumber}, boxNumbers(got))
	}
}

func (m *ttlMachine) onList(s backends.RawList, at spotWithAge) {
	s.SetNamespace(at.ns)
	switch op := rapid.IntRange(0, 9).Draw(m.t, "op"); op {
	case 0, 1, 2:
		m.addAll(s, at)
	case 3:
		b := m.box()
		m.cells[at] = cell{certain("", b.N, m.now)}
		must(m.t, s.Update([]any{b}))
	case 4:
		must(m.t, s.Clear())
		delete(m.cells, at)
	case 5:
		m.merging(s.MergeNamespaces, at, func(older, newer cell) cell { return slices.Concat(older, newer) })
	default:
		got, err := s.Get()
		must(m.t, err)
		m.readAs(at, reading{show: showNumber}, boxNumbers(got...))
	}
}

func (m *ttlMachine) addAll(s backends.RawList, at spotWithAge) {
	first, second := m.box(), m.box()
	m.cells[at] = append(slices.Clone(m.cells[at]), certain("", first.N, m.now))
	if rapid.Bool().Draw(m.t, "one") {
		must(m.t, s.Add(first))
		return
	}
	m.cells[at] = append(m.cells[at], certain("", second.N, m.now))
	must(m.t, s.AddAll([]any{first, second}))
}

// merging merges some namespaces into one.
func (m *ttlMachine) merging(merge func(target string, sources []string) error, at spotWithAge, both func(older, newer cell) cell) {
	target := drawTTLSpace.Draw(m.t, "target")
	sources := rapid.SliceOfN(drawTTLSpace, 0, 3).Draw(m.t, "sources")
	must(m.t, merge(target, sources))
	m.merge(at, target, sources, both)
}

func (m *ttlMachine) onFolding(s backends.RawMerging, at spotWithAge) {
	s.SetNamespace(at.ns)
	switch op := rapid.IntRange(0, 9).Draw(m.t, "op"); op {
	case 0, 1, 2, 3:
		b := m.box()
		first := b.N
		if at.state == ttlAggregating {
			first = 7 + b.N
		}
		m.cells[at] = m.add(m.cells[at], b.N, first)
		must(m.t, s.Add(b))
	case 4:
		must(m.t, s.Clear())
		delete(m.cells, at)
	case 5:
		m.merging(s.MergeNamespaces, at, m.both)
	default:
		got, err := s.Get()
		must(m.t, err)
		show := showNumber
		if at.state == ttlAggregating {
			show = func(_ string, v version) string { return fmt.Sprint(-v.n) }
		}
		m.readAs(at, reading{show: show}, boxNumbers(got))
	}
}

// set puts an item in the place of another, or removes it if it can be nothing.
func (m *ttlMachine) set(at spotWithAge, it item) {
	next := slices.DeleteFunc(slices.Clone(m.cells[at]), func(o item) bool { return o.at == it.at })
	if len(it.can) > 0 {
		next = append(next, it)
	}
	slices.SortFunc(next, func(a, b item) int { return strings.Compare(a.at, b.at) })
	m.cells[at] = next
}
