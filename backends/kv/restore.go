package kv

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"flinch/backends"
)

// open opens the store and restores what the parameters ask for. An instance that
// cannot be opened, or is killed meanwhile, leaves nothing open.
func (in *instance) open(ctx context.Context) error {
	streams, native, err := in.sortHandles()
	if err != nil {
		return err
	}
	p := in.params
	p.Restore = native
	if in.store, err = in.engine.Open(ctx, p); err != nil {
		return in.opening(err)
	}
	opened := false
	defer func() {
		if !opened {
			// The first error is the one that tells what happened.
			_ = in.Close()
		}
	}()
	in.snapshotter, _ = in.store.(Snapshotter)
	in.maintainer, _ = in.store.(backends.Maintainer)
	if err := in.adoptStates(native); err != nil {
		return err
	}
	for _, h := range streams {
		restore, counter := in.restore, "full_snapshots_restored"
		if h.Format == backends.SavepointFormat {
			restore, counter = in.restoreSavepoint, countSavepointsRestored
		}
		if err := restore(ctx, h); err != nil {
			return in.restoring(h, err)
		}
		in.count(counter)
	}
	opened = true
	return nil
}

func (in *instance) opening(err error) error {
	return fmt.Errorf("open %s state of %s/%d: %w", in.engine.Name(), in.params.Operator, in.params.Subtask, err)
}

func (in *instance) restoring(h backends.KeyedHandle, err error) error {
	return fmt.Errorf("restore checkpoint %d into %s/%d: %w", h.Checkpoint, in.params.Operator, in.params.Subtask, err)
}

// sortHandles tells the handles of full snapshots and canonical savepoints from the
// engine's own, of which it leaves out those without a key group of the instance. No
// key group may be in two of them.
func (in *instance) sortHandles() (streams, native []backends.KeyedHandle, err error) {
	for _, h := range in.params.Restore {
		isFull := h.Format == Format || h.Format == backends.SavepointFormat
		if isFull && len(h.Offsets) != h.KeyGroups.Len() {
			return nil, nil, in.restoring(h, fmt.Errorf("handle has %d offsets for key groups %s", len(h.Offsets), h.KeyGroups))
		}
		wanted := h.KeyGroups.Intersect(in.params.KeyGroups)
		for group := wanted.Start; group <= wanted.End; group++ {
			if isFull && h.Offsets[group-h.KeyGroups.Start] < 0 {
				continue
			}
			if earlier, twice := in.restored[group]; twice {
				return nil, nil, in.restoring(h, fmt.Errorf("key group %d: checkpoint %d has brought this key group already", group, earlier))
			}
			in.restored[group] = h.Checkpoint
		}
		switch {
		case isFull:
			streams = append(streams, h)
		case wanted.Len() > 0:
			native = append(native, h)
		}
	}
	return streams, native, nil
}

// adoptStates makes the states known that the store was opened with.
func (in *instance) adoptStates(native []backends.KeyedHandle) error {
	if len(native) == 0 {
		return nil
	}
	if in.snapshotter == nil {
		h := native[0]
		return in.restoring(h, fmt.Errorf("snapshot is of backend %q in layout %q: %q reads %q and %q alone", h.Backend, h.Format, in.engine.Name(), Format, backends.SavepointFormat))
	}
	tables := in.snapshotter.Tables()
	if len(tables) != len(native) {
		return in.opening(fmt.Errorf("the store has %d tables of states for %d handles", len(tables), len(native)))
	}
	for i, h := range native {
		c := backends.NewCursor(tables[i])
		states, err := in.readTable(c)
		if err == nil {
			err = c.Finish()
		}
		if err != nil {
			return in.restoring(h, fmt.Errorf("table of states: %w", err))
		}
		if err := in.settle(h, states); err != nil {
			return in.restoring(h, err)
		}
	}
	var families []string
	for _, s := range in.states {
		families = append(families, familyName(s.meta.Name))
	}
	// One error of several must not be a matter of the store's order.
	for _, name := range slices.Sorted(slices.Values(in.store.Families())) {
		if name != defaultFamily && !slices.Contains(families, name) {
			return in.opening(fmt.Errorf("the store has a family %q that no table of states has", name))
		}
	}
	return nil
}

// settle lays out the lists that a handle of the store's own brought like those of
// the handles before it.
func (in *instance) settle(h backends.KeyedHandle, states []tableEntry) error {
	groups := h.KeyGroups.Intersect(in.params.KeyGroups)
	for _, s := range states {
		if s.stored.elementBytes == s.elementBytes {
			continue
		}
		r := rewriting{state: s.state, groups: groups, from: &s.stored, to: &s.shape, replace: kept}
		if err := r.run(); err != nil {
			return fmt.Errorf("state %q: %w", s.meta.Name, err)
		}
	}
	return nil
}

// restore puts what a full snapshot has of the instance's key groups into the
// store.
func (in *instance) restore(ctx context.Context, h backends.KeyedHandle) error {
	wanted := h.KeyGroups.Intersect(in.params.KeyGroups)
	if wanted.Len() == 0 || h.Stream.IsEmpty() {
		return nil
	}
	data, err := backends.ReadStream(ctx, in.params.Storage, h.Stream)
	if err != nil {
		return err
	}
	c := backends.NewCursor(data)
	states, err := in.readTable(c)
	if err != nil {
		return fmt.Errorf("header of stream %s: %w", h.Stream, err)
	}
	r := groupReader{c: c, in: in, states: states}
	for group := wanted.Start; group <= wanted.End; group++ {
		offset := h.Offsets[group-h.KeyGroups.Start]
		if offset < 0 {
			continue
		}
		c.Jump(offset)
		if err := r.read(group); err != nil {
			return fmt.Errorf("key group %d in stream %s: %w", group, h.Stream, err)
		}
	}
	return nil
}

// groupReader reads what groupWriter wrote, and refuses what it never writes.
type groupReader struct {
	c         *backends.Cursor
	in        *instance
	states    []tableEntry // by id
	key, last []byte       // scratch
	value     []byte       // scratch
}

func (r *groupReader) read(group int) error {
	c := r.c
	if found := c.Uvarint(); c.Err() == nil && found != uint64(group) {
		c.Fail("key group %d begins here", found)
	}
	last := uint64(endOfGroup)
	for tag := c.Uvarint(); tag != endOfGroup; tag = c.Uvarint() {
		if tag <= last || tag > uint64(len(r.states)) {
			c.Fail("state %d is not in the header or comes twice", tag-1)
			return c.Err()
		}
		last = tag
		s := r.states[tag-1]
		if err := r.readState(group, &s); err != nil {
			return fmt.Errorf("state %q: %w", s.meta.Name, err)
		}
	}
	if last == endOfGroup {
		c.Fail("no state has an entry")
	}
	return c.Err()
}

func (r *groupReader) readState(group int, s *tableEntry) error {
	c := r.c
	r.last = r.last[:0]
	for {
		rest := c.Blob()
		if len(rest) == endOfState {
			break
		}
		value := c.Blob()
		r.key = append(r.in.keys.appendGroup(r.key[:0], group), rest...)
		p, err := s.stored.split(r.key)
		if err == nil {
			err = s.stored.check(p.userKey, value)
		}
		if err == nil && s.stored.elementBytes != s.elementBytes {
			value, err = s.stored.rewrite(r.value[:0], value, &s.shape, kept)
			r.value = value
		}
		switch {
		case c.Err() != nil:
			return c.Err()
		case err != nil:
			c.Fail("entry %q: %v", r.key, err)
		case bytes.Compare(r.key, r.last) <= 0:
			c.Fail("entry %q is out of order", r.key)
		}
		if c.Err() != nil {
			return c.Err()
		}
		if err := s.put(r.key, value); err != nil {
			return err
		}
		r.key, r.last = r.last, r.key
	}
	if len(r.last) == 0 {
		c.Fail("a state has no entries")
	}
	return c.Err()
}
