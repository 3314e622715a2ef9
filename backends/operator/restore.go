package operator

import (
	"context"
	"errors"
	"fmt"

	"flinch/backends"
)

// restore appends the elements that a handle names to their lists. They stay as
// they are stored until the job registers the list.
func (b *Backend) restore(ctx context.Context, h backends.OperatorHandle) error {
	if len(h.States) == 0 {
		return nil
	}
	if h.Format != format {
		return fmt.Errorf("snapshot is in layout %q: operator state is read from %q", h.Format, format)
	}
	data, err := backends.ReadStream(ctx, b.params.Streams, h.Stream)
	if err != nil {
		return err
	}
	c := backends.NewCursor(data)
	if len(data) > 0 && string(c.Raw(len(magic))) != magic {
		return errors.Join(fmt.Errorf("stream %s is no snapshot of operator state", h.Stream), c.Err())
	}
	for _, s := range h.States {
		if err := b.restoreState(c, s); err != nil {
			return fmt.Errorf("state %q in stream %s: %w", s.Name, h.Stream, err)
		}
	}
	return nil
}

func (b *Backend) restoreState(c *backends.Cursor, s backends.OperatorStateHandle) error {
	if s.Mode != backends.Split {
		return fmt.Errorf("distribution mode %d is not known", s.Mode)
	}
	l, err := b.list(backends.StateMeta{Name: s.Name, Kind: backends.ListKind, Codec: s.Codec})
	if err != nil {
		return err
	}
	for i, offset := range s.Offsets {
		c.Jump(offset)
		element := c.Blob()
		if len(element) == 0 {
			c.Fail("the element has no bytes")
		}
		if err := c.Err(); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
		l.raw = append(l.raw, element)
	}
	return nil
}
