package reference

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"flinch/backends"
)

// pending is a copy of all that the instance held.
type pending struct {
	in      *instance
	id      backends.CheckpointID
	metas   map[string]backends.StateMeta
	entries table
	started bool
	over    bool
}

var (
	_ backends.Pending = (*pending)(nil)
	_ backends.Keyed   = (*instance)(nil)
)

// Snapshot copies everything. Every snapshot is full.
func (in *instance) Snapshot(id backends.CheckpointID, _ backends.SnapshotOptions) (backends.Pending, error) {
	if in.closed {
		return nil, errClosed
	}
	return &pending{in: in, id: id, metas: maps.Clone(in.metas), entries: in.entries.clone()}, nil
}

// Discard makes a Write that is under way fail at its next step.
func (p *pending) Discard() error {
	p.over = true
	return nil
}

// Write writes one stream: the states, then each key group at its offset.
func (p *pending) Write(ctx context.Context) (backends.KeyedHandle, error) {
	defer func() { p.over = true }()
	h, err := p.write(ctx)
	if err != nil {
		return backends.KeyedHandle{}, fmt.Errorf("write checkpoint %d of %s/%d: %w", p.id, p.in.params.Operator, p.in.params.Subtask, err)
	}
	return h, nil
}

func (p *pending) write(ctx context.Context) (backends.KeyedHandle, error) {
	alive := func() error {
		switch {
		case p.in.closed:
			return errClosed
		case p.over:
			return errors.New("the snapshot was discarded")
		}
		return ctx.Err()
	}
	if err := alive(); err != nil {
		return backends.KeyedHandle{}, err
	}
	if p.started {
		return backends.KeyedHandle{}, errors.New("the snapshot has been written before")
	}
	p.started = true
	h := backends.KeyedHandle{Backend: backendName, Format: format, Checkpoint: p.id, KeyGroups: p.in.params.KeyGroups}
	params := backends.StreamParams{Checkpoint: p.id, Scope: backends.Exclusive, ChunkBytes: 64, Alive: alive}
	var err error
	h.Stream, err = backends.WriteStream(ctx, p.in.params.Storage, params, func(w *backends.ChunkWriter) error {
		p.writeStates(w)
		groups := make(map[int][]place)
		for _, at := range p.entries.places(func(place) bool { return true }) {
			groups[at.group] = append(groups[at.group], at)
		}
		for group := h.KeyGroups.Start; group <= h.KeyGroups.End; group++ {
			h.Offsets = append(h.Offsets, p.writeGroup(w, groups[group]))
		}
		return w.Err()
	})
	return h, err
}

func (p *pending) writeStates(w *backends.ChunkWriter) {
	w.Uvarint(uint64(p.in.params.MaxParallelism))
	w.Uvarint(uint64(len(p.metas)))
	for _, name := range slices.Sorted(maps.Keys(p.metas)) {
		meta := p.metas[name]
		w.String(name)
		w.Byte(byte(meta.Kind))
		w.String(meta.Codec.Name)
		w.Uvarint(uint64(meta.Codec.Version))
	}
}

// writeGroup returns where the group begins, or -1 if it is empty.
func (p *pending) writeGroup(w *backends.ChunkWriter, places []place) int64 {
	if len(places) == 0 {
		return -1
	}
	begin := w.Offset()
	w.Uvarint(uint64(len(places)))
	for _, at := range places {
		w.String(at.state)
		w.String(at.key)
		w.String(at.namespace)
		w.Uvarint(uint64(len(p.entries[at])))
		for _, part := range p.entries[at] {
			w.String(part.user)
			w.Blob(part.value)
		}
	}
	return begin
}
