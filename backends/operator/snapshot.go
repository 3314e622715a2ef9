package operator

import (
	"context"
	"errors"
	"fmt"

	"flinch/backends"
)

// format names the layout of a snapshot's stream: magic, then elements, each the
// bytes of its codec behind their length. Where the elements are, and whose, is
// in the handle.
const (
	format = "operator/1"
	magic  = "FLOP1"
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

// captured is a list as it was in the synchronous phase.
type captured struct {
	meta  backends.StateMeta
	codec backends.Codec // of the asynchronous phase alone; nil if the list is raw
	items []any
	raw   [][]byte
}

func (c *captured) len() int {
	if c.codec == nil {
		return len(c.raw)
	}
	return len(c.items)
}

// encode returns the bytes of an element, lent until the next call.
func (c *captured) encode(i int) ([]byte, error) {
	if c.codec == nil {
		return c.raw[i], nil
	}
	return c.codec.Encode(c.items[i])
}

var (
	errReleased = errors.New("the snapshot was discarded")
	errStarted  = errors.New("the snapshot has been written before")
)

// Snapshot is the synchronous phase: it copies every list deeply. Any number of
// snapshots may be open.
func (b *Backend) Snapshot(id backends.CheckpointID) (*Pending, error) {
	p := &Pending{params: b.params, id: id, states: make([]captured, len(b.lists))}
	for i, l := range b.lists {
		var err error
		if p.states[i], err = l.capture(); err != nil {
			return nil, fmt.Errorf("snapshot %d of operator state %q of %s: %w", id, l.meta.Name, b.params.Operator, err)
		}
	}
	return p, nil
}

// Write is the asynchronous phase; every I/O is a scheduling point. It may be
// called once. Without a registered or restored state the handle is empty, and
// without an element there is no stream. On error what was written is deleted,
// best effort.
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

func (p *Pending) write(ctx context.Context) (backends.OperatorHandle, error) {
	switch {
	case p.started:
		return backends.OperatorHandle{}, errStarted
	case p.released:
		return backends.OperatorHandle{}, errReleased
	}
	p.started = true
	if len(p.states) == 0 {
		return backends.OperatorHandle{}, nil
	}
	if !p.hasElements() {
		return backends.OperatorHandle{Format: format, States: describe(p.states)}, ctx.Err()
	}
	return p.writeStream(ctx)
}

func (p *Pending) writeStream(ctx context.Context) (handle backends.OperatorHandle, err error) {
	stream, err := p.params.Streams.Create(ctx, p.id, backends.Exclusive)
	if err != nil {
		return handle, err
	}
	done := false
	// Deferred, since a task may also be killed at any step, which unwinds it.
	defer func() {
		if !done {
			err = errors.Join(err, stream.Abort())
		}
	}()
	alive := func() error { return p.check(ctx) }
	if err := alive(); err != nil {
		return handle, err
	}
	handle.Format = format
	if handle.States, err = writeStates(backends.NewChunkWriter(stream, chunkBytes, alive), p.states); err != nil {
		return handle, err
	}
	if handle.Stream, err = stream.CloseForHandle(); err != nil {
		return handle, err
	}
	done = true
	if err := alive(); err != nil {
		return handle, errors.Join(err, p.params.Streams.Discard(context.WithoutCancel(ctx), handle.Stream))
	}
	return handle, nil
}

// check tells why the snapshot must not go on, if so.
func (p *Pending) check(ctx context.Context) error {
	if p.released {
		return errReleased
	}
	return ctx.Err()
}

func (p *Pending) hasElements() bool {
	for i := range p.states {
		if p.states[i].len() > 0 {
			return true
		}
	}
	return false
}

// describe returns the states' handles, without offsets.
func describe(states []captured) []backends.OperatorStateHandle {
	handles := make([]backends.OperatorStateHandle, len(states))
	for i, s := range states {
		handles[i] = backends.OperatorStateHandle{Name: s.meta.Name, Mode: backends.Split, Codec: s.meta.Codec}
	}
	return handles
}

// writeStates writes all elements and returns the states' handles, with the
// offset of each element.
func writeStates(w *backends.ChunkWriter, states []captured) ([]backends.OperatorStateHandle, error) {
	handles := describe(states)
	w.Raw([]byte(magic))
	for i := range states {
		s := &states[i]
		offsets := make([]int64, s.len())
		for j := range offsets {
			encoded, err := s.encode(j)
			if err != nil {
				return nil, fmt.Errorf("state %q, element %d: %w", s.meta.Name, j, err)
			}
			offsets[j] = w.Offset()
			w.Blob(encoded)
			if err := w.Err(); err != nil {
				return nil, fmt.Errorf("state %q, element %d: %w", s.meta.Name, j, err)
			}
		}
		handles[i].Offsets = offsets
	}
	return handles, w.Flush()
}
