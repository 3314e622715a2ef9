package ttl_test

import (
	"fmt"
	"maps"
	"slices"

	"flinch/backends/ttl"
)

// sight is how much of an item is seen.
type sight uint8

const (
	unseen sight = iota
	maybe        // unless it has been cleaned up
	seen
)

// read reads one item as the rules say: what is seen of it, and what stays.
func (m *machine) read(c cell, at string) (int64, sight) {
	i, ok := c[at]
	switch {
	case !ok:
		return 0, unseen
	case i.stamp+lifetime <= m.w.now:
		delete(c, at)
		switch {
		case m.config.Visibility == ttl.NeverReturnExpired:
			return 0, unseen
		case m.config.CleanPerAccess > 0:
			return i.n, maybe
		}
	case m.config.Update == ttl.OnReadAndWrite:
		c[at] = item{i.n, m.w.now}
	}
	return i.n, seen
}

// line is an item that is seen, or maybe.
type line struct {
	text string
	sight
}

// one reads an item, of which there is a line if it may be seen.
func (m *machine) one(c cell, at string, show func(n int64) string) []line {
	if n, s := m.read(c, at); s != unseen {
		return []line{{show(n), s}}
	}
	return nil
}

func plain(n int64) string { return fmt.Sprint(n) }

// pair shows numbers as "at=n".
func pair(at string) func(n int64) string {
	return func(n int64) string { return fmt.Sprintf("%s=%d", at, n) }
}

// all reads every item in order, as "at=n" lines.
func (m *machine) all(c cell) (lines []line) {
	for _, at := range slices.Sorted(maps.Keys(c)) {
		lines = append(lines, m.one(c, at, pair(at))...)
	}
	return lines
}

// agree tells whether got is all that is seen, and some of what may be.
func agree(want []line, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0].sight == maybe && agree(want[1:], got) {
		return true
	}
	return len(got) > 0 && want[0].text == got[0] && agree(want[1:], got[1:])
}
