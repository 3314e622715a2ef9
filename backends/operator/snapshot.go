package operator

import (
	"context"
	"errors"
	"fmt"

	"flinch/backends"
)

// chunkBytes is the size of the pieces in which a snapshot is written.
const chunkBytes = 1 << 10

// Pending is a snapshot whose synchronous phase is over.
type Pending struct {
	params   Params
	id       backends.CheckpointID
	states   []captured
	started  bool
	released bool
}

var (
	errReleased = errors.New("the snapshot was discarded")
	errStarted  = errors.New("the snapshot has been written before")
)

// Snapshot is the synchronous phase: it copies every state deeply. Any number of
// snapshots may be open.
func (b *Backend) Snapshot(id backends.CheckpointID) (*Pending, error) {
	p := &Pending{params: b.params, id: id, states: make([]captured, len(b.states))}
	for i, s := range b.states {
		var err error
		if p.states[i], err = s.capture(); err != nil {
			return nil, fmt.Errorf("snapshot %d of operator state %q of %s: %w", id, s.about().name, b.params.Operator, err)
		}
	}
	return p, nil
}

// Write is the asynchronous phase; every I/O is a scheduling point. It may be
// called once. Without a registered or restored state the handle is empty, and
// if there are only lists without elements there is no stream. On error what was
// written is deleted, best effort.
func (p *Pending) Write(ctx context.Context) (backends.OperatorHandle, error) {
	defer p.release()
	handle, err := p.write(ctx)
	if err != nil {
		return backends.OperatorHandle{}, fmt.Errorf("write checkpoint %d of operator state of %s/%d: %w", p.id, p.params.Operator, p.params.Subtask, err)
	}
	return handle, nil
}

// Discard releases a snapshot that will not be written, or whose Write was
// interrupted. It is idempotent, also after Write.
func (p *Pending) Discard() error {
	p.release()
	return nil
}

func (p *Pending) release() { p.released, p.states = true, nil }

func (p *Pending) write(ctx context.Context) (h backends.OperatorHandle, err error) {
	switch {
	case p.started:
		return h, errStarted
	case p.released:
		return h, errReleased
	}
	p.started = true
	if len(p.states) == 0 {
		return h, nil
	}
	h.Format, _ = layout(p.params.Compress)
	states := describe(p.states)
	if !p.hasPartitions() {
		h.States = states
		return h, ctx.Err()
	}
	alive := func() error { return p.check(ctx) }
	h.Stream, err = backends.WriteStream(ctx, p.params.Streams, backends.StreamParams{
		Checkpoint: p.id, Scope: backends.Exclusive, ChunkBytes: chunkBytes, Alive: alive,
	}, func(w *backends.ChunkWriter) error { return p.writeStates(w, states) })
	h.States = states
	return h, err
}

// check tells why the snapshot must not go on, if so.
func (p *Pending) check(ctx context.Context) error {
	if p.released {
		return errReleased
	}
	return ctx.Err()
}

func (p *Pending) hasPartitions() bool {
	for i := range p.states {
		if p.states[i].partitions() > 0 {
			return true
		}
	}
	return false
}

// describe returns the states' handles, without offsets.
func describe(states []captured) []backends.OperatorStateHandle {
	handles := make([]backends.OperatorStateHandle, len(states))
	for i, s := range states {
		handles[i] = backends.OperatorStateHandle{Name: s.name, Mode: s.mode, Codec: s.identity.codec}
	}
	return handles
}

// writeStates writes all partitions, and the offset of each into its state's
// handle.
func (p *Pending) writeStates(w *backends.ChunkWriter, handles []backends.OperatorStateHandle) error {
	_, magic := layout(p.params.Compress)
	w.Raw([]byte(magic))
	out := partitionWriter{w: w, compress: p.params.Compress}
	states := p.states // a Discard meanwhile takes them from p
	for i := range states {
		s := &states[i]
		offsets := make([]int64, s.partitions())
		for j := range offsets {
			var err error
			if offsets[j], err = out.add(s, j); err != nil {
				return fmt.Errorf("state %q, element %d: %w", s.name, j, err)
			}
		}
		handles[i].Offsets = offsets
	}
	return nil
}
