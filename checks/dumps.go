package checks

import (
	"fmt"
	"slices"

	"flinch/model"
	"flinch/model/history"
)

// comparison compares the union of the dumps of an operator with the entries
// that are expected in it, as sets.
type comparison struct {
	maxParallelism int
	expected       []model.Entry   // sorted
	dumps          [][]model.Entry // by subtask
	readable       []bool          // by subtask: its dump may be compared
	ignored        []string        // names of states that are left out
	origin         *provenance     // explains rows; may be nil
}

// difference is what a comparison found.
type difference struct {
	compared           int64
	lost, wrong, extra int
	groups             []int    // where, sorted
	rows               []string // at most DetailsMax
	origin             *provenance
}

// stateTitle is over rows of differences.
const stateTitle = "state (expected | restored)"

// newComparison sorts dumps by subtask. Subtasks whose dump is missing or has an
// error are not compared: whoever owns that finding reports it.
func newComparison(e *Evidence, a *Audit, dumps []history.Dump) *comparison {
	c := &comparison{
		maxParallelism: e.Facts.MaxParallelism,
		dumps:          make([][]model.Entry, a.Parallelism),
		readable:       make([]bool, a.Parallelism),
	}
	for i := range dumps {
		if d := &dumps[i]; d.Error == "" && 0 <= d.Subtask && d.Subtask < a.Parallelism {
			c.dumps[d.Subtask], c.readable[d.Subtask] = d.Entries, true
		}
	}
	return c
}

// owner returns the subtask that owns a key group.
func (c *comparison) owner(group int) int { return group * len(c.dumps) / c.maxParallelism }

// difference walks the expected entries and, in step, the dump of each one's
// owner. That needs sorted dumps; since no unsorted dump can pass it, order is
// looked at only when something differs.
func (c *comparison) difference() difference {
	d := c.walk()
	if len(d.rows) == 0 {
		return d
	}
	sorted := true
	for i, dump := range c.dumps {
		if !slices.IsSortedFunc(dump, model.Compare) {
			sorted = false
			c.dumps[i] = slices.Clone(dump)
			slices.SortFunc(c.dumps[i], model.Compare)
		}
	}
	if !sorted {
		d = c.walk()
	}
	slices.Sort(d.groups)
	d.groups = slices.Compact(d.groups)
	return d
}

func (c *comparison) walk() difference {
	d := difference{origin: c.origin}
	heads := make([]int, len(c.dumps))
	for i := range c.expected {
		want := &c.expected[i]
		owner := c.owner(want.Group)
		if slices.Contains(c.ignored, want.State) || !c.readable[owner] {
			continue
		}
		d.compared++
		c.skipSmaller(&d, owner, &heads[owner], want)
		switch dump, head := c.dumps[owner], heads[owner]; {
		case head == len(dump) || !samePlace(&dump[head], want):
			d.lose(want)
		default:
			d.compare(want, &dump[head])
			heads[owner]++
		}
	}
	for subtask := range c.dumps {
		c.skipSmaller(&d, subtask, &heads[subtask], nil)
	}
	return d
}

// skipSmaller moves head over the entries before want, all if it is nil: none of
// them is expected.
func (c *comparison) skipSmaller(d *difference, subtask int, head *int, want *model.Entry) {
	dump := c.dumps[subtask]
	for ; *head < len(dump); *head++ {
		got := &dump[*head]
		if slices.Contains(c.ignored, got.State) {
			continue
		}
		if want != nil && (samePlace(got, want) || model.Compare(*got, *want) > 0) {
			return
		}
		d.compared++
		note := ""
		if owner := c.owner(got.Group); owner != subtask {
			note = fmt.Sprintf("in subtask %d, which does not own the group", subtask)
		}
		d.gain(got, note)
	}
}

func samePlace(a, b *model.Entry) bool {
	return a.Group == b.Group && a.Index == b.Index && a.UserKey == b.UserKey &&
		a.Key == b.Key && a.State == b.State && a.Namespace == b.Namespace
}

func (d *difference) lose(want *model.Entry) {
	d.lost++
	if d.row(want.Group) {
		d.print("- group %d  %s  %s | missing", d.origin.lost(want), want.Group, entryName(want), valueText(want))
	}
}

func (d *difference) gain(got *model.Entry, note string) {
	d.extra++
	if d.row(got.Group) {
		if note == "" {
			note = d.origin.found(got)
		}
		d.print("+ group %d  %s  absent | %s", note, got.Group, entryName(got), valueText(got))
	}
}

func (d *difference) compare(want, got *model.Entry) {
	if want.Value == got.Value && want.Stamp == got.Stamp {
		return
	}
	d.wrong++
	if d.row(want.Group) {
		d.print("~ group %d  %s  %s | %s", d.origin.differs(want, got), want.Group, entryName(want), valueText(want), valueText(got))
	}
}

// row counts a difference, and tells whether there is room to print it.
func (d *difference) row(group int) bool {
	d.groups = append(d.groups, group)
	return len(d.rows) < DetailsMax
}

// print adds a row, and at its end where the entry came from.
func (d *difference) print(format, note string, args ...any) {
	row := fmt.Sprintf(format, args...)
	if note != "" {
		row += "   " + note
	}
	d.rows = append(d.rows, row)
}

// total is how many entries differ.
func (d *difference) total() int { return d.lost + d.wrong + d.extra }

// left is how many of them have no row.
func (d *difference) left() int { return d.total() - len(d.rows) }

// note says how much differs: "2 of 1,204 entries differ".
func (d *difference) note() string {
	n := d.total()
	verb := "differ"
	if n == 1 {
		verb = "differs"
	}
	return fmt.Sprintf("%s of %s %s", grouped(n), count(int(d.compared), "entry", "entries"), verb)
}

// sentence says what differs: "key group 57 of operator count lost 1 entry and
// holds 1 wrong value".
func (d *difference) sentence(operator string) string {
	subject, holds := fmt.Sprintf("%d key groups of %s", len(d.groups), operator), "hold "
	if len(d.groups) == 1 {
		subject, holds = fmt.Sprintf("key group %d of %s", d.groups[0], operator), "holds "
	}
	var parts []string
	if d.lost > 0 {
		parts = append(parts, "lost "+count(d.lost, "entry", "entries"))
	}
	if d.wrong > 0 {
		parts = append(parts, holds+count(d.wrong, "wrong value", "wrong values"))
	}
	if d.extra > 0 {
		parts = append(parts, holds+count(d.extra, "entry too many", "entries too many"))
	}
	return subject + " " + list(parts)
}
