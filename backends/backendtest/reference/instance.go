package reference

import (
	"errors"
	"fmt"

	"flinch/backends"
)

// contents are all states and what they hold.
type contents struct {
	metas   map[string]backends.StateMeta // of all registered and restored states
	entries table
}

// instance is the state of one operator subtask.
type instance struct {
	contents
	params  backends.KeyedParams
	handles map[string]*state // of the registered states
	writes  map[place]int     // how often each place was changed
	key     string            // current, encoded; "": none
	group   int               // of the current key
	closed  bool
}

var errClosed = errors.New("reference state is closed")

// SetCurrentKey refuses a key of a group that others own.
func (in *instance) SetCurrentKey(k backends.Key) error {
	group := backends.KeyGroup(k.Hash, in.params.MaxParallelism)
	switch {
	case in.closed:
		return errClosed
	case k.Encoded == "":
		return errors.New("set key: its encoded form is empty")
	case !in.params.KeyGroups.Contains(group):
		return fmt.Errorf("set key %q: its key group %d is not within %s of %s/%d",
			k.Encoded, group, in.params.KeyGroups, in.params.Operator, in.params.Subtask)
	}
	in.key, in.group = k.Encoded, group
	return nil
}

// register returns the one handle of a state.
func (in *instance) register(d backends.Descriptor, kind backends.StateKind) (*state, error) {
	if in.closed {
		return nil, errClosed
	}
	meta, err := d.MetaAs(kind)
	if err != nil {
		return nil, fmt.Errorf("register state of %s: %w", in.params.Operator, err)
	}
	if in.handles[meta.Name] == nil {
		if err := in.adopt(d, meta); err != nil {
			return nil, fmt.Errorf("register state of %s: %w", in.params.Operator, err)
		}
		in.metas[meta.Name] = meta
		in.handles[meta.Name] = &state{in: in, d: d, namespace: backends.VoidNamespace}
	}
	if err := in.metas[meta.Name].Check(meta); err != nil {
		return nil, fmt.Errorf("register state of %s: %w", in.params.Operator, err)
	}
	return in.handles[meta.Name], nil
}

// Value returns a value state.
func (in *instance) Value(d backends.Descriptor) (backends.RawValue, error) {
	s, err := in.register(d, backends.ValueKind)
	return valueState{s}, err
}

// List returns a list state.
func (in *instance) List(d backends.Descriptor) (backends.RawList, error) {
	s, err := in.register(d, backends.ListKind)
	return listState{s}, err
}

// Map returns a map state.
func (in *instance) Map(d backends.Descriptor) (backends.RawMap, error) {
	s, err := in.register(d, backends.MapKind)
	return mapState{s}, err
}

// Reducing returns a reducing state.
func (in *instance) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	s, err := in.register(d, backends.ReducingKind)
	return mergingState{s}, err
}

// Aggregating returns an aggregating state.
func (in *instance) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	s, err := in.register(d, backends.AggregatingKind)
	return mergingState{s}, err
}

// Timers returns a queue of timers.
func (in *instance) Timers(name string) (backends.RawTimers, error) {
	s, err := in.register(backends.Descriptor{Name: name, Kind: backends.TimerKind}, backends.TimerKind)
	return timers{s}, err
}

// NotifyComplete has nothing to do: every snapshot is whole.
func (*instance) NotifyComplete(backends.CheckpointID) error { return nil }

// NotifyAborted has nothing to do.
func (*instance) NotifyAborted(backends.CheckpointID) error { return nil }

// NotifySubsumed has nothing to do.
func (*instance) NotifySubsumed(backends.CheckpointID) error { return nil }

// Close is idempotent.
func (in *instance) Close() error {
	in.closed = true
	return nil
}
