package backends

import (
	"context"
	"errors"
	"fmt"
	"io"
)

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
