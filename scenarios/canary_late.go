package scenarios

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"slices"

	"flinch/backends"
)

// latePending is a snapshot whose synchronous phase did nothing: the live state
// was handed to the asynchronous phase.
type latePending struct {
	in       *canaryInstance
	id       backends.CheckpointID
	options  backends.SnapshotOptions
	barrier  map[int]uint64 // by key group: a checksum of the state at the barrier
	inner    backends.Pending
	err      error // of the synchronous phase, once it was made up for
	released bool
}

var errCanaryReleased = errors.New("canary: the snapshot was discarded")

// snapshotLater only looks at what the snapshot ought to hold.
func (in *canaryInstance) snapshotLater(id backends.CheckpointID, o backends.SnapshotOptions) (backends.Pending, error) {
	sums, err := in.sums()
	if err != nil {
		return nil, err
	}
	p := &latePending{in: in, id: id, options: o, barrier: sums}
	in.waiting = append(in.waiting, p)
	return p, nil
}

// Write gives the task time to go on, then takes the snapshot and writes it. No
// method of the instance yields, so none is under way.
func (p *latePending) Write(ctx context.Context) (backends.KeyedHandle, error) {
	s, err := p.in.p.Storage.Create(ctx, p.id, backends.Exclusive)
	if err == nil {
		err = s.Abort()
	}
	if err != nil {
		return backends.KeyedHandle{}, errors.Join(err, p.Discard())
	}
	if err := ctx.Err(); err != nil {
		return backends.KeyedHandle{}, errors.Join(err, p.Discard())
	}
	p.in.catchUp(p)
	switch {
	case p.err != nil:
		return backends.KeyedHandle{}, p.err
	case p.released:
		return backends.KeyedHandle{}, errCanaryReleased
	}
	return p.inner.Write(ctx)
}

// Discard releases the snapshot, if it was taken.
func (p *latePending) Discard() error {
	p.released = true
	p.in.waiting = slices.DeleteFunc(p.in.waiting, func(o *latePending) bool { return o == p })
	if p.inner == nil {
		return nil
	}
	return p.inner.Discard()
}

// catchUp takes the snapshots that wait, up to that of p: backends are asked for
// checkpoints in the order of their numbers.
func (in *canaryInstance) catchUp(p *latePending) {
	for slices.Contains(in.waiting, p) {
		next := in.waiting[0]
		in.waiting = in.waiting[1:]
		next.err = next.take()
	}
}

// take is the synchronous phase, and notes what has changed since the barrier.
func (p *latePending) take() error {
	inner, err := p.in.Keyed.Snapshot(p.id, p.options)
	if err != nil {
		return err
	}
	p.inner = inner
	now, err := p.in.sums()
	if err != nil {
		return errors.Join(err, p.inner.Discard())
	}
	at := harm{p.in.p.Operator, p.id}
	groups := p.in.p.KeyGroups
	for group := groups.Start; group <= groups.End; group++ {
		if now[group] != p.barrier[group] {
			p.in.c.harmed[at] = append(p.in.c.harmed[at], group)
		}
	}
	return nil
}

// sums returns a checksum of the entries of each key group that has some.
func (in *canaryInstance) sums() (map[int]uint64, error) {
	sums := map[int]uint64{}
	var scratch []byte
	sum := fnv.New64a()
	err := in.Entries(in.p.KeyGroups, func(e backends.Entry) error {
		scratch = binary.BigEndian.AppendUint64(scratch[:0], sums[e.Group])
		for _, part := range []string{e.State, e.Key, e.Namespace, e.UserKey} {
			scratch = binary.AppendUvarint(scratch, uint64(len(part)))
			scratch = append(scratch, part...)
		}
		scratch = binary.AppendVarint(scratch, int64(e.Index))
		sum.Reset()
		_, _ = sum.Write(append(scratch, e.Value...))
		sums[e.Group] = sum.Sum64()
		return nil
	})
	return sums, err
}
