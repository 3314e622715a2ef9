package heap

import (
	"context"
	"errors"
	"fmt"

	"flinch/backends"
)

// restore adds what a handle has of the instance's key groups. The states stay
// as they are stored until the job registers them.
func (in *instance) restore(ctx context.Context, h backends.KeyedHandle) error {
	if h.Format == backends.SavepointFormat {
		return in.restoreSavepoint(ctx, h)
	}
	if h.Backend != backendName || h.Format != format {
		return fmt.Errorf("snapshot is of backend %q in layout %q: this backend reads %q in %q, and %q of any", h.Backend, h.Format, backendName, format, backends.SavepointFormat)
	}
	if len(h.Offsets) != h.KeyGroups.Len() {
		return fmt.Errorf("handle has %d offsets for key groups %s", len(h.Offsets), h.KeyGroups)
	}
	wanted := h.KeyGroups.Intersect(in.params.KeyGroups)
	if wanted.Len() == 0 || h.Stream.IsEmpty() {
		return nil
	}
	data, err := backends.ReadStream(ctx, in.params.Storage, h.Stream)
	if err != nil {
		return err
	}
	c := backends.NewCursor(data)
	byID, err := in.readHeader(c)
	if err != nil {
		return fmt.Errorf("header of stream %s: %w", h.Stream, err)
	}
	for group := wanted.Start; group <= wanted.End; group++ {
		offset := h.Offsets[group-h.KeyGroups.Start]
		if offset < 0 {
			continue
		}
		if err := in.readGroup(c, byID, location{checkpoint: h.Checkpoint, group: group, offset: offset}); err != nil {
			return fmt.Errorf("key group %d in stream %s: %w", group, h.Stream, err)
		}
	}
	return nil
}

// location is where in a snapshot a key group is.
type location struct {
	checkpoint backends.CheckpointID
	group      int
	offset     int64
}

// readHeader returns the states by the ids that they have in this stream, and
// in no other.
func (in *instance) readHeader(c *backends.Cursor) (map[uint64]*state, error) {
	if string(c.Raw(len(magic))) != magic {
		return nil, errors.Join(errors.New("not a heap snapshot"), c.Err())
	}
	if groups := c.Uvarint(); c.Err() == nil && groups != uint64(in.params.MaxParallelism) {
		return nil, otherGroups(int(groups), in.params.MaxParallelism)
	}
	if keyBytes := c.Uvarint(); c.Err() == nil && keyBytes != uint64(in.params.KeyBytes) {
		return nil, otherKeys(int(keyBytes), in.params.KeyBytes)
	}
	byID := make(map[uint64]*state)
	for id := range c.Count() {
		meta := backends.StateMeta{Name: c.String(), Kind: backends.StateKind(c.Byte())}
		meta.Codec = backends.CodecID{Name: c.String(), Version: int(c.Uvarint())}
		if meta.Name == "" || !meta.Kind.Known() {
			c.Fail("state %d has the name %q and is of the kind %q", id, meta.Name, meta.Kind)
		}
		if err := c.Err(); err != nil {
			return nil, err
		}
		s, err := in.stored(meta)
		if err != nil {
			return nil, err
		}
		byID[uint64(id)] = s
	}
	return byID, c.Err()
}

func otherKeys(found, wanted int) error {
	return fmt.Errorf("snapshot of an operator whose keys have %d bytes, not %d (0: their lengths vary)", found, wanted)
}

func otherGroups(found, wanted int) error {
	return fmt.Errorf("snapshot of an operator with %d key groups, not %d", found, wanted)
}

// stored returns the state that a snapshot describes, new or known from another
// handle.
func (in *instance) stored(meta backends.StateMeta) (*state, error) {
	s := in.byName[meta.Name]
	if s == nil {
		s = in.addState(meta)
	}
	return s, s.meta.CheckRestored(meta)
}

// claim notes which checkpoint brings a key group. Two that do are an error.
func (in *instance) claim(group int, id backends.CheckpointID) error {
	if earlier, twice := in.restored[group]; twice {
		return fmt.Errorf("checkpoint %d has brought this key group already", earlier)
	}
	in.restored[group] = id
	return nil
}

func (in *instance) readGroup(c *backends.Cursor, byID map[uint64]*state, at location) error {
	if err := in.claim(at.group, at.checkpoint); err != nil {
		return err
	}
	c.Jump(at.offset)
	for tag := c.Uvarint(); tag != endOfGroup; tag = c.Uvarint() {
		s := byID[tag-1]
		if s == nil {
			c.Fail("state %d is not in the header", tag-1)
			return c.Err()
		}
		if err := s.readTable(c, at.group); err != nil {
			return fmt.Errorf("state %q: %w", s.meta.Name, err)
		}
	}
	return c.Err()
}

func (s *state) readTable(c *backends.Cursor, group int) error {
	t := s.table(group)
	var at address // one for all, since a layout may complete it
	for tag := c.Byte(); tag != endOfState; tag = c.Byte() {
		if tag != entryFollows {
			c.Fail("neither an entry nor the end")
			return c.Err()
		}
		at = readAddress(c)
		value := s.layout.read(c, &at, group)
		if owner := backends.KeyGroup(at.key.Hash, s.in.params.MaxParallelism); owner != group {
			c.Fail("key %q belongs to key group %d", at.key.Encoded, owner)
		}
		if c.Err() != nil {
			return c.Err()
		}
		if t.put(&at, value) {
			c.Fail("key %q is there twice", at.key.Encoded)
		}
	}
	return c.Err()
}

func readAddress(c *backends.Cursor) address {
	key := backends.Key{Hash: int32(c.Uint32()), Encoded: c.String()}
	return addressOf(key, interned(c.String()))
}

// interned makes one string of all that are the usual namespace.
func interned(namespace string) string {
	if namespace == backends.VoidNamespace {
		return backends.VoidNamespace
	}
	return namespace
}
