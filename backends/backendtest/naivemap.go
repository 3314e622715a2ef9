package backendtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flinch/backends"
)

// without returns parts without a user key, and whether it was there.
func without(parts []part, user string) ([]part, bool) {
	rest := slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.UserKey == user })
	return rest, len(rest) < len(parts)
}

// with returns parts in order of their user keys, with one in the place of what
// has its user key.
func with(parts []part, p part) []part {
	rest, _ := without(parts, p.UserKey)
	rest = append(rest, p)
	slices.SortFunc(rest, func(a, b part) int { return cmp.Compare(a.UserKey, b.UserKey) })
	return rest
}

func (m naive) applyMap(o operation) string {
	old := m[o.at]
	rest, there := without(old, o.user)
	switch o.verb {
	case "put":
		m.set(o.at, with(old, part{UserKey: o.user, N: o.n}))
		return ""
	case "remove":
		m.set(o.at, rest)
		return ""
	case "contains":
		return fmt.Sprint(there)
	case "isEmpty":
		return fmt.Sprint(len(old) == 0)
	case "range":
		return showEntries(old)
	case "iterate":
		return m.iterate(o)
	}
	if !there {
		return "none"
	}
	if o.verb == "change" {
		m.set(o.at, with(old, part{UserKey: o.user, N: o.n}))
	}
	return showParts(slices.DeleteFunc(slices.Clone(old), func(p part) bool { return p.UserKey != o.user }))
}

func showEntries(parts []part) string {
	var answer strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&answer, "%s=%d;", p.UserKey, p.N)
	}
	return answer.String()
}

func (m naive) iterate(o operation) string {
	entries := m[o.at]
	for i, p := range entries {
		switch o.iteration(i) {
		case iterationRemoves:
			rest, _ := without(m[o.at], p.UserKey)
			m.set(o.at, rest)
		case iterationReplaces:
			m.set(o.at, with(m[o.at], part{UserKey: p.UserKey, N: o.n}))
		case iterationChanges:
			m.set(o.at, with(m[o.at], part{UserKey: p.UserKey, N: p.N + 1}))
		case iterationStops:
			return showEntries(entries[:i+1])
		}
	}
	return showEntries(entries)
}

func (o operation) groupOf(key string) int {
	return backends.KeyGroup(o.keys[key].Hash, o.maxParallelism)
}

// first is the first timer of the subtask.
func (m naive) first(o operation) (backends.Timer, bool) {
	var all []backends.Timer
	for _, at := range m.spots(func(at spot) bool { return at.state == o.state && o.groups.Contains(at.group) }) {
		for _, p := range m[at] {
			all = append(all, backends.Timer{Time: p.N, Key: at.key, Group: at.group, Namespace: at.ns})
		}
	}
	if len(all) == 0 {
		return backends.Timer{}, false
	}
	return slices.MinFunc(all, backends.Timer.Compare), true
}

// timer adds or removes a timer, and tells whether that changed anything.
func (m naive) timer(at spot, time int64, add bool) bool {
	rest, there := without(m[at], backends.TimeKey(time))
	if add {
		rest = with(rest, part{UserKey: backends.TimeKey(time), N: time})
	}
	m.set(at, rest)
	return there != add
}

func (m naive) applyTimers(o operation) string {
	switch o.verb {
	case "register":
		return fmt.Sprint(m.timer(o.at, o.time(), true))
	case "delete":
		return fmt.Sprint(m.timer(o.at, o.time(), false))
	case "sweep":
		return m.sweep(o)
	}
	x, found := m.first(o)
	if o.verb == "poll" && found {
		m.timer(spot{group: x.Group, state: o.state, key: x.Key, ns: x.Namespace}, x.Time, false)
	}
	return showTimer(x, found)
}

func (m naive) sweep(o operation) string {
	var answer strings.Builder
	for range sweepMost {
		x, found := m.first(o)
		if !found || x.Time > o.time() {
			break
		}
		at := spot{group: x.Group, state: o.state, key: x.Key, ns: x.Namespace}
		m.timer(at, x.Time, false)
		answer.WriteString(showTimer(x, found))
		if next, again := o.again(x); again {
			answer.WriteString(fmt.Sprint(m.timer(at, next, true)))
		}
	}
	return answer.String()
}
