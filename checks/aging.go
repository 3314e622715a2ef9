package checks

import (
	"slices"

	"flinch/model"
)

// forgetExpired leaves what had expired at a time out of both sides, where a
// backend may drop it in the background: it may be there or not. The elements of
// lists that are left count anew.
func (c *comparison) forgetExpired(e *Evidence, operator int, now int64) {
	drops := map[string]*model.TTL{}
	for _, s := range e.Facts.Operators[operator].States {
		if s.TTL.Drops() {
			drops[s.Name] = s.TTL
		}
	}
	if len(drops) == 0 {
		return
	}
	c.expected = alive(c.expected, drops, now)
	for i, dump := range c.dumps {
		c.dumps[i] = alive(dump, drops, now)
	}
}

// alive returns the entries that have not expired: the very same slice if all are.
func alive(entries []model.Entry, drops map[string]*model.TTL, now int64) []model.Entry {
	gone := func(e model.Entry) bool { return drops[e.State] != nil && drops[e.State].Expired(e.Stamp, now) }
	if !slices.ContainsFunc(entries, gone) {
		return entries
	}
	kept := make([]model.Entry, 0, len(entries))
	var before model.Entry // of the same state: the last one, with the index that it had
	next := 0
	for _, e := range entries {
		if drops[e.State] == nil {
			kept = append(kept, e)
			continue
		}
		if e.Index == 0 || e.State != before.State || e.Key != before.Key || e.Namespace != before.Namespace {
			next = 0
		}
		before = e
		if gone(e) {
			continue
		}
		if e.Index > 0 {
			e.Index = next
		}
		next++
		kept = append(kept, e)
	}
	return kept
}
