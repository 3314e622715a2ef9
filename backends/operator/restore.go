package operator

import (
	"context"
	"errors"
	"fmt"

	"flinch/backends"
)

// restore puts what a handle names into the states. It stays as it is stored
// until the job registers the state.
func (b *Backend) restore(ctx context.Context, h backends.OperatorHandle) error {
	if len(h.States) == 0 {
		return nil
	}
	r := partitionReader{compressed: h.Format == formatCompressed}
	if !r.compressed && h.Format != formatPlain {
		return fmt.Errorf("snapshot is in layout %q: operator state is read from %q and %q", h.Format, formatPlain, formatCompressed)
	}
	data, err := backends.ReadStream(ctx, b.params.Streams, h.Stream)
	if err != nil {
		return err
	}
	r.c = backends.NewCursor(data)
	_, magic := layout(r.compressed)
	if len(data) > 0 && string(r.c.Raw(len(magic))) != magic {
		return errors.Join(fmt.Errorf("stream %s is no snapshot of operator state in layout %q", h.Stream, h.Format), r.c.Err())
	}
	for _, s := range h.States {
		if err := b.restoreState(&r, s); err != nil {
			return fmt.Errorf("state %q in stream %s: %w", s.Name, h.Stream, err)
		}
	}
	return nil
}

func (b *Backend) restoreState(r *partitionReader, h backends.OperatorStateHandle) error {
	if !knownMode(h.Mode) {
		return fmt.Errorf("distribution mode %d is not known", h.Mode)
	}
	s, err := b.find(identity{name: h.Name, mode: h.Mode, codec: h.Codec})
	if err != nil {
		return err
	}
	if known := s.about().codec; known != h.Codec {
		return mixedCodecs(h, known)
	}
	for i, offset := range h.Offsets {
		partition, err := r.partition(offset)
		if err == nil {
			err = s.restore(partition)
		}
		if err != nil {
			return fmt.Errorf("element %d, at offset %d: %w", i, offset, err)
		}
	}
	return nil
}

// partitionReader reads partitions out of one stream.
type partitionReader struct {
	c          *backends.Cursor
	compressed bool
}

// partition returns a cursor on the partition at an offset.
func (r *partitionReader) partition(offset int64) (*backends.Cursor, error) {
	r.c.Jump(offset)
	stored := r.c.Blob()
	if err := r.c.Err(); err != nil {
		return nil, err
	}
	if r.compressed {
		var err error
		if stored, err = unpack(stored); err != nil {
			return nil, err
		}
	}
	return backends.NewCursor(stored), nil
}
