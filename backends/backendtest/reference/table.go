package reference

import (
	"cmp"
	"slices"
	"strings"
)

// place is where entries are: what has one current key and one namespace.
type place struct {
	group                 int
	state, key, namespace string
}

// part is one entry of a place: an element of a list, a user key with its value,
// a timer with its time as user key, or all that other kinds hold.
type part struct {
	user  string
	value []byte // never changed
}

// table is all that an instance holds. No place is without parts; those of maps
// and timers are in the order of their user keys.
type table map[place][]part

func (t table) clone() table {
	out := make(table, len(t))
	for at, parts := range t { //tidy:anyorder one map is copied into another
		out[at] = slices.Clone(parts)
	}
	return out
}

// places returns those that keep says yes to, in canonical order.
func (t table) places(keep func(place) bool) []place {
	var out []place
	for at := range t { //tidy:anyorder sorted below
		if keep(at) {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.group, b.group), strings.Compare(a.state, b.state),
			strings.Compare(a.key, b.key), strings.Compare(a.namespace, b.namespace))
	})
	return out
}

// find returns the index of a user key, or where it belongs.
func find(parts []part, user string) (int, bool) {
	return slices.BinarySearchFunc(parts, user, func(p part, user string) int { return strings.Compare(p.user, user) })
}
