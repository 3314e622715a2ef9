package reference

import (
	"context"
	"fmt"

	"flinch/backends"
)

// restore adds what a savepoint has of the instance's key groups, whatever backend
// wrote it, and notes who brought them.
func (in *instance) restore(ctx context.Context, h backends.KeyedHandle, brought map[int]backends.CheckpointID) error {
	wanted := h.KeyGroups.Intersect(in.params.KeyGroups)
	if wanted.Len() == 0 {
		return nil
	}
	savepoint, err := backends.OpenSavepoint(ctx, in.params.Storage, h)
	if err != nil {
		return err
	}
	if err := in.describe(savepoint.SavepointHeader); err != nil {
		return fmt.Errorf("stream %s: %w", h.Stream, err)
	}
	for group := wanted.Start; group <= wanted.End; group++ {
		if earlier, twice := brought[group]; twice {
			return fmt.Errorf("key group %d: checkpoint %d has brought it already", group, earlier)
		}
		brought[group] = h.Checkpoint
	}
	return savepoint.Entries(wanted, func(_ int, e backends.Entry) error {
		at := place{group: e.Group, state: e.State, key: e.Key, namespace: e.Namespace}
		in.entries[at] = append(in.entries[at], part{user: e.UserKey, value: e.Value})
		return nil
	})
}

// describe takes over the states of a savepoint.
func (in *instance) describe(h backends.SavepointHeader) error {
	if h.MaxParallelism != in.params.MaxParallelism {
		return fmt.Errorf("savepoint of an operator with %d key groups, not %d", h.MaxParallelism, in.params.MaxParallelism)
	}
	if h.KeyBytes != in.params.KeyBytes {
		return fmt.Errorf("savepoint of an operator with keys of %d bytes, not %d (0: they vary)", h.KeyBytes, in.params.KeyBytes)
	}
	for _, meta := range h.States {
		if known, there := in.metas[meta.Name]; there {
			if err := known.CheckRestored(meta); err != nil {
				return err
			}
		}
		in.metas[meta.Name] = meta
	}
	return nil
}
