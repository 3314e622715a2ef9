package backendtest

import (
	"slices"

	"flinch/backends"

	"pgregory.net/rapid"
)

func (m *ttlMachine) onMap(s backends.RawMap, at spotWithAge) {
	s.SetNamespace(at.ns)
	user := drawTTLUser.Draw(m.t, "user key")
	switch rapid.IntRange(0, 11).Draw(m.t, "op") {
	case 0, 1, 2:
		b := m.box()
		m.set(at, certain(user, b.N, m.now))
		must(m.t, s.Put(user, b))
	case 3:
		must(m.t, s.Remove(user))
		m.set(at, item{at: user})
	case 4:
		must(m.t, s.Clear())
		delete(m.cells, at)
	case 5, 6:
		got, err := s.Get(user)
		must(m.t, err)
		m.readUser(at, user, showNumber, boxNumbers(got))
	case 7:
		there, err := s.Contains(user)
		must(m.t, err)
		var got []string
		if there {
			got = []string{"there"}
		}
		m.readUser(at, user, func(string, version) string { return "there" }, got)
	case 8:
		m.isEmpty(s, at)
	case 9:
		m.ranged(s, at)
	default:
		m.edited(s, at, user)
	}
}

// readUser compares what was read under one user key.
func (m *ttlMachine) readUser(at spotWithAge, user string, show func(string, version) string, got []string) {
	m.t.Helper()
	one := reading{show: show, access: m.access}
	i := slices.IndexFunc(m.cells[at], func(it item) bool { return it.at == user })
	if i < 0 {
		if len(got) > 0 {
			m.t.Fatalf("%s: %+v has %q under %q, of which the model knows nothing", m.aging.String(), at, got, user)
		}
		return
	}
	next, ok := m.read(m.cells[at][i:i+1], one, got)
	if !ok {
		m.t.Fatalf("%s: %+v was read as %q, of which the model says %+v", m.aging.String(), at, got, m.cells[at][i])
	}
	m.set(at, item{at: user})
	if len(next) > 0 {
		m.set(at, next[0])
	}
}

// isEmpty does not look at stamps.
func (m *ttlMachine) isEmpty(s backends.RawMap, at spotWithAge) {
	empty, err := s.IsEmpty()
	must(m.t, err)
	canBe := true
	for _, it := range m.cells[at] {
		canBe = canBe && slices.Contains(it.can, version{gone: true})
	}
	if empty && !canBe || !empty && len(m.cells[at]) == 0 {
		m.t.Fatalf("%s: %+v: IsEmpty is %v, of which the model says %+v", m.aging.String(), at, empty, m.cells[at])
	}
	if empty {
		delete(m.cells, at)
	}
}

func (m *ttlMachine) ranged(s backends.RawMap, at spotWithAge) {
	var got []string
	must(m.t, s.Range(func(user string, v any) bool {
		got = append(got, showPair(user, version{n: v.(*Box).N}))
		return true
	}))
	m.readAs(at, reading{show: showPair}, got)
}

// edited goes through a map and changes one entry on the way.
func (m *ttlMachine) edited(s backends.RawMap, at spotWithAge, user string) {
	remove, b := rapid.Bool().Draw(m.t, "remove"), m.box()
	var got []string
	change := item{at: "none"}
	all, err := s.Iterator()
	must(m.t, err)
	for all.Next() {
		got = append(got, showPair(all.Key(), version{n: all.Value().(*Box).N}))
		switch {
		case all.Key() != user:
		case remove:
			must(m.t, all.Remove())
			change = item{at: user}
		default:
			change = certain(user, b.N, m.now)
			must(m.t, all.SetValue(b))
		}
	}
	must(m.t, all.Err())
	all.Close()
	m.readAs(at, reading{show: showPair}, got)
	m.set(at, change)
}
