package backendtest

import (
	"fmt"
	"slices"
	"strings"

	"flinch/backends"
)

// apply is what an operation does, and answers, by the contract.
func (m naive) apply(o operation) string {
	switch o.verb {
	case "keys":
		return strings.Join(m.keys(o), "|")
	case "pairs":
		return fmt.Sprintf("%q", m.pairs(o))
	case "merge":
		m.merge(o)
		return ""
	case "refused":
		return "true"
	case "clear":
		m.set(o.at, nil)
		return ""
	}
	switch randomStates[o.state] {
	case backends.ValueKind:
		return m.applyValue(o)
	case backends.ListKind:
		return m.applyList(o)
	case backends.MapKind:
		return m.applyMap(o)
	case backends.TimerKind:
		return m.applyTimers(o)
	}
	return m.applyFolding(o)
}

func (m naive) keys(o operation) (keys []string) {
	for _, at := range m.spots(func(at spot) bool { return at.state == o.state && at.ns == o.ns && o.groups.Contains(at.group) }) {
		if randomStates[o.state] != backends.TimerKind {
			keys = append(keys, at.key)
		}
	}
	return keys
}

func (m naive) pairs(o operation) (pairs [][2]string) {
	for _, at := range m.spots(func(at spot) bool { return at.state == o.state && o.groups.Contains(at.group) }) {
		pairs = append(pairs, [2]string{at.key, at.ns})
	}
	return pairs
}

// both is how two values of a state become one: reduced, or merged.
func (o operation) both(a, b []part) []part {
	switch {
	case len(a) == 0 || len(b) == 0 || randomStates[o.state] == backends.ListKind:
		return slices.Concat(a, b)
	case o.state == "reducing":
		return []part{{N: reduced(a[0].N, b[0].N)}}
	}
	return []part{{N: mergedTogether(a[0].N, b[0].N)}}
}

func (m naive) merge(o operation) {
	var taken []part
	for _, ns := range o.others {
		source := o.at
		source.ns = ns
		taken = o.both(taken, m[source])
		m.set(source, nil)
	}
	if len(taken) > 0 {
		m.set(o.at, o.both(m[o.at], taken))
	}
}

func (m naive) applyValue(o operation) string {
	held := m[o.at]
	if len(held) == 0 && o.state == "or" {
		held = []part{{N: defaultOf}}
	}
	if o.verb == "update" {
		m.set(o.at, []part{{N: o.n}})
		return ""
	}
	if o.verb == "change" && len(held) > 0 {
		m.set(o.at, []part{{N: o.n}})
	}
	return showParts(held)
}

func showParts(parts []part) string {
	var ns []int64
	for _, p := range parts {
		ns = append(ns, p.N)
	}
	return showNumbers(ns)
}

func (m naive) applyList(o operation) string {
	old := m[o.at]
	switch o.verb {
	case "add":
		m.set(o.at, slices.Concat(old, []part{{N: o.n}}))
	case "addAll":
		m.set(o.at, slices.Concat(old, []part{{N: o.n}, {N: o.n + 1}}))
	case "update":
		m.set(o.at, []part{{N: o.n}, {N: o.n}})
	case "applyToAll":
		keys := m.keys(o)
		for i, key := range keys {
			at := o.at
			at.key, at.group = key, o.groupOf(key)
			m.set(at, nil)
			if (int64(i+1)+o.n)%2 != 0 {
				m.set(at, []part{{N: o.n}})
			}
		}
		return strings.Join(keys, "|")
	default:
		if o.verb == "change" && len(old) > 0 {
			m.set(o.at, slices.Concat([]part{{N: o.n}}, old[1:]))
		}
		return showParts(old)
	}
	return ""
}

func (m naive) applyFolding(o operation) string {
	old := m[o.at]
	switch {
	case o.verb == "add" && o.state == "reducing":
		m.set(o.at, o.both(old, []part{{N: o.n}}))
		return ""
	case o.verb == "add" && len(old) == 0:
		m.set(o.at, []part{{N: accumulated(created, o.n)}})
		return ""
	case o.verb == "add":
		m.set(o.at, []part{{N: accumulated(old[0].N, o.n)}})
		return ""
	case o.state != "reducing" && len(old) > 0:
		return resultOf(old[0].N)
	}
	return showParts(old)
}
