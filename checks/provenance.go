package checks

import (
	"fmt"
	"strings"

	"flinch/model"
	"flinch/model/history"
)

// provenance tells where entries that differ came from, and which checkpoint they
// belong to: the one with the first barrier behind the record that wrote them.
// The nil provenance says nothing.
type provenance struct {
	writers
	lineage lineage
}

// newProvenance is about one operator in an audited checkpoint; nil if that is
// not in the history.
func newProvenance(e *Evidence, a *Audit, operator int) *provenance {
	c := findCheckpoint(e.Run, a.Checkpoint)
	if c == nil {
		return nil
	}
	return &provenance{writers: writers{e: e, checkpoint: c, operator: operator}}
}

// lost says who wrote an entry that is missing.
func (p *provenance) lost(want *model.Entry) string {
	if p == nil {
		return ""
	}
	writes, ordered := p.of(want)
	if !ordered {
		return p.lastOfEach(writes)
	}
	i := p.barrier(writes) - 1
	if i < 0 {
		return ""
	}
	wrote := "last written by"
	switch {
	case !writes[i].present:
		wrote = "last removed by"
	case p.state(want.State) == LedgerState:
		// The harness' own: it has an entry for each record, that says how often it
		// was applied.
		wrote = "counts"
	}
	return fmt.Sprintf("%s %s, %s", wrote, p.record(writes[i].record), p.belongs(writes[i].record))
}

// lastOfEach names the record of each partition that was the last one before the
// barrier to write or to remove an entry: values, and which it was, depend on the
// order of partitions.
func (p *provenance) lastOfEach(writes []write) string {
	var names []string
	last := -1
	for i := len(writes) - 1; i >= 0; i-- {
		if partition := p.e.Facts.Records[writes[i].record].Partition; writes[i].before && partition != last {
			last = partition
			names = append(names, p.record(writes[i].record))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("last touched by %s, before barrier %d", strings.Join(names, " or "), p.checkpoint.ID)
}

// found says whose write an entry is that should not be there, or not with this
// value.
func (p *provenance) found(got *model.Entry) string {
	if p == nil {
		return ""
	}
	writes, ordered := p.of(got)
	if !ordered {
		return ""
	}
	barrier := p.barrier(writes)
	i := nearest(writes, barrier, got.Value)
	switch {
	case len(writes) == 0:
		return "no record writes it"
	case p.state(got.State) == LedgerState:
		return fmt.Sprintf("counts %s, %s", p.record(writes[0].record), p.belongs(writes[0].record))
	case i < 0 && barrier > 0 && writes[barrier-1].present && writes[barrier-1].value == got.Value:
		return "right, but more than once"
	case i < 0 && barrier == 0:
		return "no record leaves this value"
	case i < 0:
		return "no record leaves this value; " + p.lost(got)
	case i >= barrier:
		return fmt.Sprintf("written by %s, %s", p.record(writes[i].record), p.belongs(writes[i].record))
	}
	did := "replaced"
	if !writes[i+1].present {
		did = "removed"
	}
	return fmt.Sprintf("stale: of %s, and %s by %s, %s", p.record(writes[i].record), did, p.record(writes[i+1].record), p.belongs(writes[i+1].record))
}

// differs says where an entry comes from that has another value or stamp than it
// should have.
func (p *provenance) differs(want, got *model.Entry) string {
	if want.Value == got.Value {
		return "only the stamp differs"
	}
	return p.found(got)
}

// barrier is how many of ordered writes lie before the barrier.
func (p *provenance) barrier(writes []write) int {
	n := 0
	for n < len(writes) && writes[n].before {
		n++
	}
	return n
}

// nearest returns the write nearest to the barrier that left a value; -1: none. A
// checkpoint that is too new is the likelier bug where both are equally near.
func nearest(writes []write, barrier int, value string) int {
	for distance := range len(writes) + 1 {
		for _, i := range []int{barrier + distance, barrier - 2 - distance} {
			if i >= 0 && i < len(writes) && writes[i].present && writes[i].value == value {
				return i
			}
		}
	}
	return -1
}

// record names a record as the narrative does.
func (p *provenance) record(id int) string {
	r := &p.e.Facts.Records[id]
	return fmt.Sprintf("record %d of partition %d", r.Offset, r.Partition)
}

// belongs says on which side of which barrier a record lies, and so to which
// checkpoint what it wrote belongs.
func (p *provenance) belongs(id int) string {
	c, r := p.checkpoint, &p.e.Facts.Records[id]
	if !p.lies(id) {
		if next := p.next(r); next != 0 {
			return fmt.Sprintf("after barrier %d: belongs to checkpoint %d", c.ID, next)
		}
		return fmt.Sprintf("after barrier %d: belongs to a later checkpoint", c.ID)
	}
	first := p.first(r)
	if first == c.ID {
		return fmt.Sprintf("before barrier %d: belongs to checkpoint %d", c.ID, c.ID)
	}
	return fmt.Sprintf("before barrier %d: belongs to checkpoint %d and those after it", first, first)
}

// next is the checkpoint of the same attempt, after the audited one, whose barrier
// is the first behind a record; 0: there is none.
func (p *provenance) next(r *RecordFacts) int64 {
	for i := range p.e.Run.Checkpoints {
		c := &p.e.Run.Checkpoints[i]
		if c.ID > p.checkpoint.ID && c.Attempt == p.checkpoint.Attempt && !givenUp(c) && covers(c, r) {
			return c.ID
		}
	}
	return 0
}

// first is the checkpoint on the lineage of the audited one, or that one itself,
// whose barrier is the first behind a record that lies before it.
func (p *provenance) first(r *RecordFacts) int64 {
	if p.lineage.through == nil {
		p.lineage = lineageOf(p.e, p.checkpoint.Attempt)
	}
	for i := range p.e.Run.Checkpoints {
		c := &p.e.Run.Checkpoints[i]
		if c.ID <= p.checkpoint.ID && p.lineage.holds(c.Attempt, c.ID) && !givenUp(c) && covers(c, r) {
			return c.ID
		}
	}
	return p.checkpoint.ID
}

// givenUp tells whether a checkpoint was aborted for good: nothing belongs to it,
// though its barrier was sent.
func givenUp(c *history.Checkpoint) bool { return c.Aborted != 0 && c.Observed == 0 }
