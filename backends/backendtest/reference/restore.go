package reference

import (
	"context"
	"fmt"
	"slices"

	"flinch/backends"
)

// restore adds what a handle has of the instance's key groups, and notes who
// brought them.
func (in *instance) restore(ctx context.Context, h backends.KeyedHandle, brought map[int]backends.CheckpointID) error {
	if h.Backend != backendName || h.Format != format {
		return fmt.Errorf("snapshot is of backend %q in layout %q: this backend reads %q in %q", h.Backend, h.Format, backendName, format)
	}
	if len(h.Offsets) != h.KeyGroups.Len() {
		return fmt.Errorf("handle has %d offsets for key groups %s", len(h.Offsets), h.KeyGroups)
	}
	data, err := backends.ReadStream(ctx, in.params.Storage, h.Stream)
	if err != nil {
		return err
	}
	c := backends.NewCursor(data)
	if err := in.readStates(c); err != nil {
		return fmt.Errorf("stream %s: %w", h.Stream, err)
	}
	wanted := h.KeyGroups.Intersect(in.params.KeyGroups)
	for group := wanted.Start; group <= wanted.End; group++ {
		if earlier, twice := brought[group]; twice {
			return fmt.Errorf("key group %d: checkpoint %d has brought it already", group, earlier)
		}
		brought[group] = h.Checkpoint
		if offset := h.Offsets[group-h.KeyGroups.Start]; offset >= 0 {
			c.Jump(offset)
			in.readGroup(c, group)
		}
	}
	if err := c.Err(); err != nil {
		return fmt.Errorf("stream %s: %w", h.Stream, err)
	}
	return nil
}

func (in *instance) readStates(c *backends.Cursor) error {
	if groups := c.Uvarint(); c.Err() == nil && groups != uint64(in.params.MaxParallelism) {
		return fmt.Errorf("snapshot of an operator with %d key groups, not %d", groups, in.params.MaxParallelism)
	}
	for range c.Count() {
		meta := backends.StateMeta{Name: c.String(), Kind: backends.StateKind(c.Byte())}
		meta.Codec = backends.CodecID{Name: c.String(), Version: int(c.Uvarint())}
		if !meta.Kind.Known() {
			c.Fail("state %q has the unknown %s", meta.Name, meta.Kind)
		}
		if c.Err() != nil {
			break
		}
		if known, there := in.metas[meta.Name]; there {
			if err := known.Check(meta); err != nil {
				return err
			}
		}
		in.metas[meta.Name] = meta
	}
	return c.Err()
}

func (in *instance) readGroup(c *backends.Cursor, group int) {
	for range c.Count() {
		at := place{group: group, state: c.String(), key: c.String(), namespace: c.String()}
		var parts []part
		for range c.Count() {
			parts = append(parts, part{user: c.String(), value: slices.Clone(c.Blob())})
		}
		if c.Err() != nil {
			return
		}
		in.entries[at] = parts
	}
}
