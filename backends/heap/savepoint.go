package heap

import (
	"cmp"
	"fmt"
	"slices"

	"flinch/backends"
)

// writeSavepoint writes the snapshot in backends.SavepointFormat, with its entries
// in canonical order. A key group is sorted when its turn comes, and released when
// it is written.
func (p *pending) writeSavepoint(w *backends.ChunkWriter) ([]int64, error) {
	states := slices.Clone(p.states)
	slices.SortFunc(states, func(a, b stateSnapshot) int { return cmp.Compare(a.meta.Name, b.meta.Name) })
	params := &p.in.params
	header := backends.SavepointHeader{MaxParallelism: params.MaxParallelism, KeyBytes: params.KeyBytes}
	for i := range states {
		header.States = append(header.States, states[i].meta)
	}
	to := backends.NewSavepointWriter(w, params.KeyGroups, header)
	for i := nextGroup(states); i >= 0; i = nextGroup(states) {
		for j := range states {
			if err := states[j].export(i, params.KeyGroups.Start+i, to); err != nil {
				return nil, err
			}
		}
		release(states, i)
	}
	return to.Finish()
}

// export writes the i-th key group of the state.
func (s *stateSnapshot) export(i, group int, to *backends.SavepointWriter) error {
	t := s.at(i)
	if t == nil {
		return nil
	}
	x := exporter{codec: s.codec, yield: to.Entry}
	for _, e := range t.sorted() {
		value := s.kept(e.value)
		if value == nil {
			continue
		}
		base := backends.Entry{State: s.meta.Name, Group: group, Key: e.key.Encoded, Namespace: e.namespace}
		if err := s.layout.entries(base, value, x); err != nil {
			return fmt.Errorf("key group %d: state %q: %w", group, s.meta.Name, err)
		}
	}
	return nil
}

// sorted returns the entries in canonical order.
func (s *tableSnapshot) sorted() []*entry {
	var found []*entry
	for _, e := range s.buckets {
		for ; e != nil; e = e.next {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, compareEntries)
	return found
}
