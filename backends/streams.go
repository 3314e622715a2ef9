package backends

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// StreamParams says which stream WriteStream writes, and how.
type StreamParams struct {
	Checkpoint CheckpointID
	Scope      Scope
	ChunkBytes int // pieces are at most this long
	// Alive tells why the snapshot must not go on, if so. It is asked after each
	// piece and whenever the storage has done something.
	Alive func() error
}

// WriteStream writes one checkpoint stream by what write does and returns its
// handle once it is durable. Whatever goes wrong, a kill at a scheduling point
// included, nothing of the stream stays behind, best effort.
func WriteStream(ctx context.Context, streams CheckpointStreams, p StreamParams, write func(*ChunkWriter) error) (h StreamHandle, err error) {
	stream, err := streams.Create(ctx, p.Checkpoint, p.Scope)
	if err != nil {
		return StreamHandle{}, err
	}
	done := false
	// Deferred, since a task may also be killed at any step, which unwinds it.
	defer func() {
		if !done {
			err = errors.Join(err, stream.Abort())
		}
	}()
	if err := p.Alive(); err != nil {
		return StreamHandle{}, err
	}
	w := NewChunkWriter(stream, p.ChunkBytes, p.Alive)
	if err := write(w); err != nil {
		return StreamHandle{}, err
	}
	if err := w.Flush(); err != nil {
		return StreamHandle{}, err
	}
	if h, err = stream.CloseForHandle(); err != nil {
		return StreamHandle{}, err
	}
	done = true
	if err := p.Alive(); err != nil {
		return StreamHandle{}, errors.Join(err, streams.Discard(context.WithoutCancel(ctx), h))
	}
	return h, nil
}

// ReadStream reads a whole stream into memory that the caller owns. The empty
// stream gives no bytes.
func ReadStream(ctx context.Context, streams CheckpointStreams, h StreamHandle) ([]byte, error) {
	if h.IsEmpty() {
		return nil, nil
	}
	r, err := streams.Open(ctx, h)
	if err != nil {
		return nil, err
	}
	data, err := readAll(r, h)
	return data, errors.Join(err, r.Close())
}

func readAll(r StreamReader, h StreamHandle) ([]byte, error) {
	if r.Size() != h.SizeBytes {
		return nil, fmt.Errorf("stream %s has %d bytes, its handle says %d", h, r.Size(), h.SizeBytes)
	}
	data := make([]byte, h.SizeBytes)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("read stream %s: %w", h, err)
	}
	return data, nil
}

// IsShared tells whether the handle names a file that other checkpoints may name
// as well, so that it outlives its own.
func (h StreamHandle) IsShared() bool { return h.Scope == Shared && h.Path != "" }

// String names the stream for error texts: its path, or that it has none.
func (h StreamHandle) String() string {
	switch {
	case h.Path != "":
		return h.Path
	case h.IsEmpty():
		return "(empty)"
	}
	return "(inline)"
}
