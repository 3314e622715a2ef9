package backendtest

import (
	"cmp"
	"encoding/binary"
	"slices"

	"flinch/backends"
)

// naive is what the state must be: its parts by where they are. A snapshot of it
// is a plain copy.
type naive map[spot][]part

type spot struct {
	group          int
	state, key, ns string
}

func (a spot) compare(b spot) int {
	return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.state, b.state), cmp.Compare(a.key, b.key), cmp.Compare(a.ns, b.ns))
}

// part is an element, a user key with its value, a timer with its time, or a value.
type part struct {
	UserKey string
	N       int64
}

func (m naive) clone() naive {
	out := make(naive, len(m))
	for at, parts := range m { //tidy:anyorder one map is copied into another
		out[at] = slices.Clone(parts)
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

// spots returns those that keep says yes to, in canonical order.
func (m naive) spots(keep func(spot) bool) []spot {
	var out []spot
	for at := range m { //tidy:anyorder sorted below
		if keep(at) {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, spot.compare)
	return out
}

// lines are those that Entries must give.
func (m naive) lines() []string {
	var lines []string
	for _, at := range m.spots(func(spot) bool { return true }) {
		for i, p := range m[at] {
			lines = append(lines, at.line(i, p))
		}
	}
	return lines
}

// line is how a backend must report the i-th part of a spot.
func (a spot) line(i int, p part) string {
	e := backends.Entry{State: a.state, Group: a.group, Key: a.key, Namespace: a.ns, UserKey: p.UserKey}
	switch randomStates[a.state] {
	case backends.ListKind:
		e.Index = i
	case backends.TimerKind:
		return line(e)
	}
	e.Value = binary.BigEndian.AppendUint64(nil, uint64(p.N))
	if a.state != "fixed" && a.state != "numbers" { // as BoxCodec has it, by other code
		e.Value = append(e.Value, ",,,"[:p.N%4]...)
	}
	return line(e)
}
