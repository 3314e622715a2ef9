package heap

import (
	"context"
	"errors"
	"fmt"

	"flinch/backends"
)

// restoreSavepoint adds what a canonical savepoint has of the instance's key
// groups, whatever backend wrote it.
func (in *instance) restoreSavepoint(ctx context.Context, h backends.KeyedHandle) error {
	if in.params.Key == nil {
		return errNoHashes
	}
	wanted := h.KeyGroups.Intersect(in.params.KeyGroups)
	if wanted.Len() == 0 || h.Stream.IsEmpty() {
		return nil
	}
	savepoint, err := backends.OpenSavepoint(ctx, in.params.Storage, h)
	if err != nil {
		return err
	}
	l := loader{in: in, checkpoint: h.Checkpoint, group: -1}
	if l.states, err = in.describedBy(&savepoint.SavepointHeader); err != nil {
		return fmt.Errorf("header of stream %s: %w", h.Stream, err)
	}
	return savepoint.Entries(wanted, l.load)
}

var errNoHashes = errors.New("a canonical savepoint keeps no hashes of keys, and KeyedParams.Key is nil")

// describedBy returns the states of a savepoint by their places in its header.
func (in *instance) describedBy(h *backends.SavepointHeader) ([]*state, error) {
	switch p := &in.params; {
	case h.MaxParallelism != p.MaxParallelism:
		return nil, otherGroups(h.MaxParallelism, p.MaxParallelism)
	case h.KeyBytes != p.KeyBytes:
		return nil, otherKeys(h.KeyBytes, p.KeyBytes)
	}
	states := make([]*state, len(h.States))
	for i, meta := range h.States {
		var err error
		if states[i], err = in.stored(meta); err != nil {
			return nil, err
		}
	}
	return states, nil
}

// loader puts the entries of one savepoint into tables, as they are stored.
type loader struct {
	in         *instance
	checkpoint backends.CheckpointID
	states     []*state
	group      int          // of the last entry
	key        backends.Key // of the last entry: most have as many as there are states
}

func (l *loader) load(id int, e backends.Entry) error {
	if e.Group != l.group {
		if err := l.in.claim(e.Group, l.checkpoint); err != nil {
			return err
		}
		l.group = e.Group
	}
	s := l.states[id]
	at, err := l.address(s, e)
	if err != nil {
		return fmt.Errorf("state %q: key %q: %w", s.meta.Name, e.Key, err)
	}
	t := s.table(e.Group)
	old := t.peek(&at)
	value, err := s.layout.load(old, e)
	switch {
	case err != nil:
		return fmt.Errorf("state %q: key %q: %w", s.meta.Name, e.Key, err)
	case s.meta.Kind == backends.TimerKind:
		value = newTimer(&at, e.Group)
	}
	if old == nil {
		t.put(&at, value)
	}
	return nil
}

// address is where an entry belongs. Its key must be of the key group in which it
// stands.
func (l *loader) address(s *state, e backends.Entry) (at address, err error) {
	if e.Key != l.key.Encoded {
		if l.key, err = l.in.params.Key(e.Key); err != nil {
			return at, err
		}
		if l.key.Encoded != e.Key {
			return at, fmt.Errorf("it is encoded %q by KeyedParams.Key", l.key.Encoded)
		}
	}
	if owner := backends.KeyGroup(l.key.Hash, l.in.params.MaxParallelism); owner != e.Group {
		return at, fmt.Errorf("it belongs to key group %d, not %d", owner, e.Group)
	}
	at = addressOf(l.key, interned(e.Namespace))
	if s.meta.Kind == backends.TimerKind {
		if at.time, err = backends.TimeOfKey(e.UserKey); err != nil {
			return at, err
		}
		at.hash = timerHash(at.hash, at.time)
	}
	return at, nil
}
