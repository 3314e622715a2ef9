package kv

import (
	"cmp"
	"fmt"

	"flinch/backends"
)

// writeSavepoint writes the view in backends.SavepointFormat: what Entries would
// have reported when it was taken.
func (p *pending) writeSavepoint(w *backends.ChunkWriter) ([]int64, error) {
	params := &p.in.params
	header := backends.SavepointHeader{MaxParallelism: params.MaxParallelism, KeyBytes: params.KeyBytes}
	for i := range p.states {
		header.States = append(header.States, p.states[i].meta)
	}
	to := backends.NewSavepointWriter(w, params.KeyGroups, header)
	x := exporter{yield: to.Entry}
	walk := newWalk(p.in.keys, params.KeyGroups, len(p.states))
	walk.scan = p.scan
	for group := params.KeyGroups.Start; group <= params.KeyGroups.End; group++ {
		// After an error of the writer nothing that the view lent is looked at any
		// more: it may be gone.
		err := walk.group(group, func(state int, key, value []byte) bool {
			x.failed = x.exportLeft(&p.states[state], key, value)
			return x.failed == nil
		})
		if x.failed == nil && err == nil {
			x.failed = x.exportTimers()
		}
		// The writer's error is why a scan ended early.
		if stopped := w.Err(); stopped != nil {
			return nil, stopped
		}
		if err = cmp.Or(x.failed, err); err != nil {
			return nil, fmt.Errorf("key group %d: %w", group, err)
		}
	}
	return to.Finish()
}

// exportLeft reports what a snapshot has of a stored entry.
func (x *exporter) exportLeft(s *frozenState, key, value []byte) error {
	left, err := s.left(value)
	switch {
	case err != nil:
		return fmt.Errorf("state %q: entry %q: %w", s.meta.Name, key, err)
	case len(left) == 0 && len(value) > 0:
		return nil
	}
	return x.export(&s.shape, key, left)
}
