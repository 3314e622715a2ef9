package kv

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"flinch/backends"
)

var errNoKeys = errors.New("the key group of a canonical savepoint's keys cannot be proven: KeyedParams.Key is nil")

// restoreSavepoint puts what a canonical savepoint has of the instance's key groups
// into the store, whatever backend wrote it.
//
// A savepoint does not tell how long the elements of its lists are, should they all
// be of one length: until the job registers the state with its codec, they are
// framed.
func (in *instance) restoreSavepoint(ctx context.Context, h backends.KeyedHandle) error {
	if in.params.Key == nil {
		return errNoKeys
	}
	wanted := h.KeyGroups.Intersect(in.params.KeyGroups)
	if wanted.Len() == 0 || h.Stream.IsEmpty() {
		return nil
	}
	savepoint, err := backends.OpenSavepoint(ctx, in.params.Storage, h)
	if err != nil {
		return err
	}
	l := loader{in: in, at: -1}
	if l.states, err = in.savepointStates(&savepoint.SavepointHeader); err != nil {
		return fmt.Errorf("header of stream %s: %w", h.Stream, err)
	}
	if err := savepoint.Entries(wanted, l.load); err != nil {
		return err
	}
	return l.putList()
}

// savepointStates returns the states of a savepoint by their places in its header.
func (in *instance) savepointStates(h *backends.SavepointHeader) ([]*state, error) {
	switch p := &in.params; {
	case h.MaxParallelism != p.MaxParallelism:
		return nil, fmt.Errorf("snapshot of an operator with %d key groups, not %d", h.MaxParallelism, p.MaxParallelism)
	case h.KeyBytes != p.KeyBytes:
		return nil, fmt.Errorf("snapshot of an operator with keys of %d bytes, not %d", h.KeyBytes, p.KeyBytes)
	}
	states := make([]*state, len(h.States))
	for i, meta := range h.States {
		var err error
		if states[i], err = in.described(&shape{meta: meta, keys: in.keys}); err != nil {
			return nil, err
		}
	}
	return states, nil
}

// loader puts the entries of one savepoint into the store. The elements of a list
// come one by one, and are put when the list is whole.
type loader struct {
	in     *instance
	states []*state
	at     int            // the state of the last entry
	last   backends.Entry // the last entry
	key    []byte         // its composite key
	value  []byte         // its value as it is stored
	list   *state         // whose list waits in key and value; nil: none
}

func (l *loader) load(id int, e backends.Entry) error {
	s := l.states[id]
	if err := l.loadEntry(s, id, e); err != nil {
		return fmt.Errorf("state %q: key %q: %w", s.meta.Name, e.Key, err)
	}
	return nil
}

func (l *loader) loadEntry(s *state, id int, e backends.Entry) (err error) {
	same := id == l.at && e.Group == l.last.Group && e.Key == l.last.Key
	if !same || e.Namespace != l.last.Namespace || e.Index == 0 {
		if err := l.putList(); err != nil {
			return err
		}
	}
	if err := l.follows(id, e); err != nil {
		return err
	}
	if !same {
		if err := l.in.owns(e); err != nil {
			return err
		}
	}
	l.at, l.last = id, e
	if e.Index == 0 {
		l.value = l.value[:0]
		if l.key, err = l.in.keys.appendEntry(l.key[:0], s.meta.Kind, e); err != nil {
			return err
		}
	}
	switch s.meta.Kind {
	case backends.ListKind:
		if e.Index > 0 {
			l.value = append(l.value, comma)
		}
		l.value, err = s.appendFramed(l.value, e.Value)
		l.list = s
		return err
	case backends.MapKind:
		l.value = append(l.value, present)
	}
	l.value = append(l.value, e.Value...)
	return s.put(l.key, l.value)
}

// putList puts the list that waits, if one does.
func (l *loader) putList() error {
	s := l.list
	if s == nil {
		return nil
	}
	l.list = nil
	return s.put(l.key, l.value)
}

var errOrder = errors.New("an entry is out of canonical order")

// follows tells whether an entry may stand behind the last one.
func (l *loader) follows(id int, e backends.Entry) error {
	last := &l.last
	order := cmp.Or(cmp.Compare(e.Group, last.Group), cmp.Compare(id, l.at), cmp.Compare(e.Key, last.Key),
		cmp.Compare(e.Namespace, last.Namespace), cmp.Compare(e.UserKey, last.UserKey))
	next := 0
	if l.at >= 0 && order == 0 {
		next = last.Index + 1
	}
	if l.at >= 0 && order < 0 || e.Index != next || order == 0 && l.states[id].meta.Kind != backends.ListKind {
		return errOrder
	}
	return nil
}

// owns tells whether the key of an entry is of the key group in which it stands.
func (in *instance) owns(e backends.Entry) error {
	key, err := in.params.Key(e.Key)
	switch {
	case err != nil:
		return err
	case key.Encoded != e.Key:
		return fmt.Errorf("it is encoded %q by KeyedParams.Key", key.Encoded)
	}
	if group := backends.KeyGroup(key.Hash, in.params.MaxParallelism); group != e.Group {
		return fmt.Errorf("it belongs to key group %d, not %d", group, e.Group)
	}
	return in.keys.checkKey(e.Key)
}

// appendEntry adds the composite key of an entry.
func (l keyLayout) appendEntry(dst []byte, kind backends.StateKind, e backends.Entry) ([]byte, error) {
	if kind != backends.TimerKind {
		dst = append(l.appendGroup(dst, e.Group), e.Key...)
		return append(appendNamespace(dst, e.Namespace), e.UserKey...), nil
	}
	time, err := backends.TimeOfKey(e.UserKey)
	if err != nil {
		return dst, err
	}
	prefix := append(l.appendGroup(nil, e.Group), e.Key...)
	return l.appendTimer(dst, prefix, time, e.Namespace), nil
}
