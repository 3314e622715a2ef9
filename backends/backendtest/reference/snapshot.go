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
	contents
	in      *instance
	id      backends.CheckpointID
	started bool
	over    bool
}

var (
	_ backends.Pending = (*pending)(nil)
	_ backends.Keyed   = (*instance)(nil)
)

// Snapshot copies everything. Every snapshot is a canonical savepoint.
func (in *instance) Snapshot(id backends.CheckpointID, _ backends.SnapshotOptions) (backends.Pending, error) {
	if in.closed {
		return nil, errClosed
	}
	return &pending{in: in, id: id, contents: contents{maps.Clone(in.metas), in.entries.clone()}}, nil
}

// Discard makes a Write that is under way fail at its next step.
func (p *pending) Discard() error {
	p.over = true
	return nil
}

// Write writes one stream.
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
	h := backends.KeyedHandle{Backend: backendName, Format: backends.SavepointFormat, Checkpoint: p.id, KeyGroups: p.in.params.KeyGroups}
	params := backends.StreamParams{Checkpoint: p.id, Scope: backends.Exclusive, ChunkBytes: 64, Alive: alive}
	var err error
	h.Stream, err = backends.WriteStream(ctx, p.in.params.Storage, params, func(w *backends.ChunkWriter) (err error) {
		h.Offsets, err = p.writeSavepoint(w)
		return err
	})
	return h, err
}

// writeSavepoint returns where each key group begins.
func (p *pending) writeSavepoint(w *backends.ChunkWriter) ([]int64, error) {
	header := backends.SavepointHeader{MaxParallelism: p.in.params.MaxParallelism, KeyBytes: p.in.params.KeyBytes}
	for _, name := range slices.Sorted(maps.Keys(p.metas)) {
		header.States = append(header.States, p.metas[name])
	}
	to := backends.NewSavepointWriter(w, p.in.params.KeyGroups, header)
	if err := p.report(func(place) bool { return true }, to.Entry); err != nil {
		return nil, err
	}
	return to.Finish()
}
