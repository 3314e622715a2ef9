package kv

import (
	"context"
	"fmt"

	"flinch/backends"
)

// The stream of a full snapshot, layout Format:
//
//	header:  the table of states. A state's id is its place there.
//	group:   its number; for each state with entries, in the order of ids, its
//	         id + 1, its entries, endOfState; then endOfGroup. The handle has the
//	         group's offset, -1 if it is empty.
//	entry:   the composite key without its group, the value, both behind their
//	         length, as they are stored. Keys rise.
//
// Numbers are unsigned and of variable length. Length and checksum of the whole
// are the storage's concern. Another layout gets another number.
const (
	endOfGroup = 0
	endOfState = 0 // a key of no bytes
)

// Write writes the snapshot as one stream. The task may run whenever a piece goes
// out; the view does not change meanwhile.
func (p *pending) Write(ctx context.Context) (backends.KeyedHandle, error) {
	defer p.release()
	handle, err := p.write(ctx)
	if err != nil {
		params := &p.in.params
		return backends.KeyedHandle{}, fmt.Errorf("write checkpoint %d of %s/%d: %w", p.id, params.Operator, params.Subtask, err)
	}
	if p.canonical {
		p.in.count(countSavepointsWritten)
	} else {
		p.in.count("full_snapshots_written")
	}
	return handle, nil
}

func (p *pending) write(ctx context.Context) (handle backends.KeyedHandle, err error) {
	if err := p.check(ctx); err != nil {
		return handle, err
	}
	if p.started {
		return handle, errStarted
	}
	p.started = true
	in := p.in
	alive := func() error { return p.check(ctx) }
	handle = backends.KeyedHandle{Backend: in.engine.Name(), Format: Format, Checkpoint: p.id, KeyGroups: in.params.KeyGroups}
	params := backends.StreamParams{Checkpoint: p.id, Scope: backends.Exclusive, ChunkBytes: in.chunk, Alive: alive}
	content := p.writeGroups
	if p.canonical {
		handle.Format, content = backends.SavepointFormat, p.writeSavepoint
	}
	handle.Stream, err = backends.WriteStream(ctx, in.params.Storage, params, func(w *backends.ChunkWriter) (err error) {
		handle.Offsets, err = content(w)
		return err
	})
	return handle, err
}

// writeGroups writes the table of states, then each key group, and returns where
// each begins.
func (p *pending) writeGroups(w *backends.ChunkWriter) ([]int64, error) {
	w.Raw(p.table)
	groups := p.in.params.KeyGroups
	g := &groupWriter{w: w, states: p.states, walk: newWalk(p.in.keys, groups, len(p.states))}
	g.walk.scan = p.scan
	offsets := make([]int64, groups.Len())
	for i := range offsets {
		var err error
		if offsets[i], err = g.write(groups.Start + i); err != nil {
			return nil, fmt.Errorf("key group %d: %w", groups.Start+i, err)
		}
	}
	return offsets, nil
}

// groupWriter writes one key group after the other.
type groupWriter struct {
	w      *backends.ChunkWriter
	states []frozenState
	walk   *walk
	state  int // whose entries are being written; -1: none yet
	failed error
}

// write writes a key group and returns its offset, or -1 if no state has an entry
// in it.
func (g *groupWriter) write(group int) (int64, error) {
	begin := g.w.Offset()
	g.state = -1
	err := g.walk.group(group, func(state int, key, value []byte) bool {
		left, err := g.states[state].left(value)
		switch {
		case err != nil:
			g.failed = fmt.Errorf("state %q: entry %q: %w", g.states[state].meta.Name, key, err)
			return false
		case len(left) == 0 && len(value) > 0:
			return true
		}
		g.enter(group, state)
		// Neither slice is looked at any more once the writer has an error: the view
		// may be gone.
		g.w.Blob(key[g.walk.keys.groupBytes:])
		g.w.Blob(left)
		return g.w.Err() == nil
	})
	// The writer's error is why a scan ended early.
	if stopped := g.w.Err(); stopped != nil {
		return 0, stopped
	}
	switch {
	case g.failed != nil:
		return 0, g.failed
	case err != nil:
		return 0, err
	case g.state < 0:
		return -1, nil
	}
	g.w.Uvarint(endOfState)
	g.w.Uvarint(endOfGroup)
	return begin, g.w.Err()
}

// enter writes what stands before the first entry of a group and of a state.
func (g *groupWriter) enter(group, state int) {
	switch g.state {
	case state:
		return
	case -1:
		g.w.Uvarint(uint64(group))
	default:
		g.w.Uvarint(endOfState)
	}
	g.state = state
	g.w.Uvarint(uint64(state) + 1)
}
