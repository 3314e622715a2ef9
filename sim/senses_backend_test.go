package sim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
	"flinch/backends/heap"
)

// crooked is the heap backend, but for what its functions change. Those that are
// nil change nothing: the zero value is honest.
type crooked struct {
	heap.Backend

	params   func(p *backends.KeyedParams) error // before an instance is opened
	preset   func(v any) any                     // instead of a default
	value    func(in *instance, d backends.Descriptor, s backends.RawValue) backends.RawValue
	list     func(s backends.RawList) backends.RawList
	mapped   func(s backends.RawMap) backends.RawMap
	merging  func(d backends.Descriptor, s backends.RawMerging) backends.RawMerging
	reduce   func(a, b any) any    // instead of the job's
	keys     func(key string) bool // keeps a key in listings
	timers   func(in *instance, s backends.RawTimers) backends.RawTimers
	entry    func(in *instance, e *backends.Entry) int // how many times the entry is listed
	foreign  func(in *instance) ([]backends.ForeignGroup, error)
	snapshot func(in *instance, id backends.CheckpointID) error
	write    func(ctx context.Context, p *pending) (backends.KeyedHandle, error)
	complete func(in *instance, id backends.CheckpointID) error
	aborted  func(id backends.CheckpointID) error
	close    func() error
}

// instance is one that crooked opened. An embedded method is the honest one.
type instance struct {
	backends.Keyed
	wrong  *crooked
	params backends.KeyedParams
	key    backends.Key
	last   backends.KeyedHandle // of the newest snapshot that was written
}

// pending is a snapshot of an instance.
type pending struct {
	backends.Pending
	in *instance
	id backends.CheckpointID
}

func (b *crooked) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if b.params != nil {
		p.Restore = slices.Clone(p.Restore)
		if err := b.params(&p); err != nil {
			return nil, err
		}
	}
	honest, err := b.Backend.OpenKeyed(ctx, p)
	if err != nil {
		return nil, err
	}
	return &instance{Keyed: honest, wrong: b, params: p}, nil
}

func (in *instance) SetCurrentKey(k backends.Key) error {
	in.key = k
	return in.Keyed.SetCurrentKey(k)
}

func (in *instance) Value(d backends.Descriptor) (backends.RawValue, error) {
	if in.wrong.preset != nil {
		d.Default = in.wrong.preset(d.Default)
	}
	s, err := in.Keyed.Value(d)
	if err == nil && in.wrong.value != nil {
		s = in.wrong.value(in, d, s)
	}
	return s, err
}

func (in *instance) List(d backends.Descriptor) (backends.RawList, error) {
	s, err := in.Keyed.List(d)
	if err == nil && in.wrong.list != nil {
		s = in.wrong.list(s)
	}
	return s, err
}

func (in *instance) Map(d backends.Descriptor) (backends.RawMap, error) {
	s, err := in.Keyed.Map(d)
	if err == nil && in.wrong.mapped != nil {
		s = in.wrong.mapped(s)
	}
	return s, err
}

func (in *instance) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	if in.wrong.reduce != nil {
		d.Reduce = in.wrong.reduce
	}
	return in.folded(d, in.Keyed.Reducing)
}

func (in *instance) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	return in.folded(d, in.Keyed.Aggregating)
}

func (in *instance) folded(d backends.Descriptor, open func(backends.Descriptor) (backends.RawMerging, error)) (backends.RawMerging, error) {
	s, err := open(d)
	if err == nil && in.wrong.merging != nil {
		s = in.wrong.merging(d, s)
	}
	return s, err
}

func (in *instance) Keys(state, namespace string, yield func(string) bool) error {
	return in.Keyed.Keys(state, namespace, func(key string) bool {
		return in.wrong.keys != nil && !in.wrong.keys(key) || yield(key)
	})
}

func (in *instance) Timers(name string) (backends.RawTimers, error) {
	s, err := in.Keyed.Timers(name)
	if err == nil && in.wrong.timers != nil {
		s = in.wrong.timers(in, s)
	}
	return s, err
}

func (in *instance) Entries(r backends.KeyGroupRange, yield func(backends.Entry) error) error {
	return in.Keyed.Entries(r, func(e backends.Entry) error {
		times := 1
		if in.wrong.entry != nil {
			times = in.wrong.entry(in, &e)
		}
		for range times {
			if err := yield(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// ForeignGroups implements backends.Searcher.
func (in *instance) ForeignGroups() ([]backends.ForeignGroup, error) {
	if in.wrong.foreign == nil {
		return nil, nil
	}
	return in.wrong.foreign(in)
}

func (in *instance) Snapshot(id backends.CheckpointID, o backends.SnapshotOptions) (backends.Pending, error) {
	if in.wrong.snapshot != nil {
		if err := in.wrong.snapshot(in, id); err != nil {
			return nil, err
		}
	}
	honest, err := in.Keyed.Snapshot(id, o)
	return &pending{honest, in, id}, err
}

func (in *instance) NotifyComplete(id backends.CheckpointID) error {
	if in.wrong.complete != nil {
		return in.wrong.complete(in, id)
	}
	return in.Keyed.NotifyComplete(id)
}

func (in *instance) NotifyAborted(id backends.CheckpointID) error {
	if in.wrong.aborted != nil {
		return in.wrong.aborted(id)
	}
	return in.Keyed.NotifyAborted(id)
}

func (in *instance) Close() error {
	err := in.Keyed.Close()
	if in.wrong.close != nil {
		err = in.wrong.close()
	}
	return err
}

func (p *pending) Write(ctx context.Context) (backends.KeyedHandle, error) {
	write := p.honest
	if p.in.wrong.write != nil {
		write = func(ctx context.Context) (backends.KeyedHandle, error) { return p.in.wrong.write(ctx, p) }
	}
	h, err := write(ctx)
	if err == nil {
		p.in.last = h
	}
	return h, err
}

func (p *pending) honest(ctx context.Context) (backends.KeyedHandle, error) {
	return p.Pending.Write(ctx)
}

// stray writes a stream that nobody asked for.
func (p *pending) stray(ctx context.Context, scope backends.Scope) (backends.StreamHandle, error) {
	s, err := p.in.params.Storage.Create(ctx, p.id, scope)
	if err != nil {
		return backends.StreamHandle{}, err
	}
	if _, err := s.Write([]byte("nobody's")); err != nil {
		return backends.StreamHandle{}, err
	}
	return s.CloseForHandle()
}

// late writes what the instance holds by the time that it writes, after the task
// has gone on for a while.
func (p *pending) late(ctx context.Context) (backends.KeyedHandle, error) {
	for range 20 {
		h, err := p.stray(ctx, backends.Exclusive)
		if err == nil {
			err = p.in.params.Storage.Discard(ctx, h)
		}
		if err != nil {
			return backends.KeyedHandle{}, errors.Join(err, p.Discard())
		}
	}
	if err := p.Discard(); err != nil {
		return backends.KeyedHandle{}, err
	}
	now, err := p.in.Keyed.Snapshot(p.id, backends.SnapshotOptions{})
	if err != nil {
		return backends.KeyedHandle{}, fmt.Errorf("late snapshot: %w", err)
	}
	return now.Write(ctx)
}

// firstRead gives, for each key, what was read of it first, for ever.
type firstRead struct {
	backends.RawValue
	in   *instance
	seen map[backends.Key]any
}

func (s *firstRead) Get() (any, error) {
	v, err := s.RawValue.Get()
	if old, known := s.seen[s.in.key]; known {
		return old, err
	}
	if v != nil {
		s.seen[s.in.key] = v
	}
	return v, err
}

// ghost has a value under every key of a restored instance.
type ghost struct {
	backends.RawValue
	value any
}

func (s ghost) Get() (any, error) {
	v, err := s.RawValue.Get()
	if v == nil {
		v = s.value
	}
	return v, err
}

// reversed reads lists from their end.
type reversed struct{ backends.RawList }

func (s reversed) Get() ([]any, error) {
	vs, err := s.RawList.Get()
	vs = slices.Clone(vs)
	slices.Reverse(vs)
	return vs, err
}

// headless leaves out the first user key of a range.
type headless struct{ backends.RawMap }

func (s headless) Range(yield func(string, any) bool) error {
	first := true
	return s.RawMap.Range(func(userKey string, v any) bool {
		if first {
			first = false
			return true
		}
		return yield(userKey, v)
	})
}
