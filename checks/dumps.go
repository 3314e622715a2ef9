package checks

import (
	"fmt"
	"slices"

	"flinch/model"
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
	spelling       spelling
}

// difference is what a comparison found.
type difference struct {
	compared           int64
	lost, wrong, extra int
	groups             []int    // where, sorted
	rows               []string // at most DetailsMax
	origin             *provenance
	spelling           spelling
}

// stateTitle is over rows of differences.
const stateTitle = "state (expected | restored)"

// newComparison sorts dumps by subtask. Subtasks whose dump is missing or has an
// error are not compared: whoever owns that finding reports it.
func newComparison(e *Evidence, a *Audit, k *KeyedAudit) *comparison {
	dumps := k.Dumps
	c := &comparison{
		maxParallelism: e.Facts.MaxParallelism,
		spelling:       newSpelling(e, a, k.Operator),
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
	d := difference{origin: c.origin, spelling: c.spelling}
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
	if d.room(want.Group) {
		d.print(row{'-', want, d.spelling.value(want), "missing", d.origin.lost(want)})
	}
}

func (d *difference) gain(got *model.Entry, note string) {
	d.extra++
	if d.room(got.Group) {
		if note == "" {
			note = d.origin.found(got)
		}
		d.print(row{'+', got, "absent", d.spelling.value(got), note})
	}
}

func (d *difference) compare(want, got *model.Entry) {
	if want.Value == got.Value && want.Stamp == got.Stamp {
		return
	}
	d.wrong++
	if d.room(want.Group) {
		d.print(row{'~', want, d.spelling.value(want), d.spelling.value(got), d.origin.differs(want, got)})
	}
}

// room counts a difference, and tells whether there is room to print it.
func (d *difference) room(group int) bool {
	d.groups = append(d.groups, group)
	return len(d.rows) < DetailsMax
}

// row is one difference: of an entry, what was expected and what is there.
type row struct {
	sign      rune // as in a diff
	at        *model.Entry
	want, got string
	note      string // where the entry came from
}

// print adds a row. At its end stand its note and its state's time to live.
func (d *difference) print(r row) {
	text := fmt.Sprintf("%c group %d  %s  %s | %s", r.sign, r.at.Group, d.spelling.name(r.at), r.want, r.got)
	for _, note := range []string{r.note, d.spelling.lifetime(r.at)} {
		if note != "" {
			text += "   " + note
		}
	}
	d.rows = append(d.rows, text)
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
