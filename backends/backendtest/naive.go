package backendtest

import (
	"cmp"
	"fmt"
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

// part is an element, a user key with its value, or a value.
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

// lines are those that Entries must give.
func (m naive) lines() []string {
	var spots []spot
	for at := range m { //tidy:anyorder sorted below
		spots = append(spots, at)
	}
	slices.SortFunc(spots, func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.state, b.state), cmp.Compare(a.key, b.key), cmp.Compare(a.ns, b.ns))
	})
	var lines []string
	for _, at := range spots {
		for i, p := range m[at] {
			index, encoded := i, encodedBox(p.N)
			if at.state == "map" {
				index = 0
			}
			if at.state == "fixed" {
				encoded = encoded[:16]
			}
			lines = append(lines, fmt.Sprintf("%d %s %x %x %x %d = %s", at.group, at.state, at.key, at.ns, p.UserKey, index, encoded))
		}
	}
	return lines
}

func one(v any) []part {
	if v == nil {
		return nil
	}
	return []part{{N: v.(*Box).N}}
}

func many(vs []any) (out []part) {
	for _, v := range vs {
		out = append(out, one(v)...)
	}
	return out
}

// coordinator is what the job manager does with checkpoints: it keeps the last
// completed one, knows the files of what it keeps, and deletes the others.
type coordinator struct {
	streams *Streams
	kept    []backends.KeyedHandle
}

// resolve completes handles. It returns false if a file is unknown, which
// declines the checkpoint.
func (c *coordinator) resolve(handles []backends.KeyedHandle) ([]backends.KeyedHandle, bool) {
	out := make([]backends.KeyedHandle, len(handles))
	for i, h := range handles {
		var known bool
		if out[i], known = c.streams.Resolve(h); !known {
			return nil, false
		}
	}
	return out, true
}

// drop deletes the files of handles that nothing kept has.
func (c *coordinator) drop(handles []backends.KeyedHandle) {
	needed := make(map[string]bool)
	for _, h := range c.kept {
		for _, path := range paths(h) {
			needed[path] = true
		}
	}
	for _, h := range handles {
		for _, path := range paths(h) {
			if !needed[path] {
				delete(c.streams.Files, path)
			}
		}
	}
}

func paths(h backends.KeyedHandle) []string {
	out := []string{h.Stream.Path}
	for _, f := range h.Files {
		out = append(out, f.Stream.Path)
	}
	return out
}

// complete keeps the handles and deletes what was kept before.
func (c *coordinator) complete(handles []backends.KeyedHandle) {
	older := c.kept
	c.kept = handles
	c.drop(older)
}
