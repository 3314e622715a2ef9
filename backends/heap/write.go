package heap

import (
	"context"
	"fmt"

	"flinch/backends"
)

// Write writes the snapshot as one stream. The task may run whenever a chunk goes
// out; the frozen entries do not change meanwhile.
func (p *pending) Write(ctx context.Context) (backends.KeyedHandle, error) {
	defer p.release()
	handle, err := p.write(ctx)
	if err != nil {
		params := &p.in.params
		return backends.KeyedHandle{}, fmt.Errorf("write checkpoint %d of %s/%d: %w", p.id, params.Operator, params.Subtask, err)
	}
	return handle, nil
}

func (p *pending) write(ctx context.Context) (handle backends.KeyedHandle, err error) {
	if err := p.check(ctx); err != nil {
		return handle, err
	}
	if p.started {
		return handle, errStarted
	}
	p.started = true
	alive := func() error { return p.check(ctx) }
	handle = backends.KeyedHandle{Backend: backendName, Format: format, Checkpoint: p.id, KeyGroups: p.in.params.KeyGroups}
	params := backends.StreamParams{Checkpoint: p.id, Scope: backends.Exclusive, ChunkBytes: p.in.chunk, Alive: alive}
	handle.Stream, err = backends.WriteStream(ctx, p.in.params.Storage, params, func(w *backends.ChunkWriter) (err error) {
		p.writeHeader(w)
		handle.Offsets, err = p.writeGroups(w)
		return err
	})
	return handle, err
}

func (p *pending) writeHeader(w *backends.ChunkWriter) {
	states := p.states
	w.Raw([]byte(magic))
	w.Uvarint(uint64(p.in.params.MaxParallelism))
	w.Uvarint(uint64(len(states)))
	for _, s := range states {
		w.String(s.meta.Name)
		w.Byte(byte(s.meta.Kind))
		w.String(s.meta.Codec.Name)
		w.Uvarint(uint64(s.meta.Codec.Version))
	}
}

// writeGroups writes each key group, releases it, and returns where it begins.
func (p *pending) writeGroups(w *backends.ChunkWriter) ([]int64, error) {
	if err := w.Flush(); err != nil {
		return nil, err
	}
	offsets := make([]int64, p.in.params.KeyGroups.Len())
	for i := range offsets {
		var err error
		if offsets[i], err = p.writeGroup(w, i); err != nil {
			return nil, fmt.Errorf("key group %d: %w", p.in.params.KeyGroups.Start+i, err)
		}
	}
	return offsets, nil
}

// writeGroup writes the i-th key group and returns its offset, or -1 if no state
// has an entry in it.
func (p *pending) writeGroup(w *backends.ChunkWriter, i int) (int64, error) {
	begin := w.Offset()
	for id := range p.states {
		s := &p.states[id]
		if s.groups[i] == nil {
			continue
		}
		w.Uvarint(uint64(id) + 1)
		if err := s.writeTable(w, s.groups[i]); err != nil {
			return 0, fmt.Errorf("state %q: %w", s.meta.Name, err)
		}
	}
	if w.Offset() == begin {
		return -1, nil
	}
	w.Uvarint(endOfGroup)
	if err := w.Flush(); err != nil {
		return 0, err
	}
	for id := range p.states {
		if g := p.states[id].groups[i]; g != nil {
			g.release()
		}
	}
	return begin, nil
}

func (s *stateSnapshot) writeTable(w *backends.ChunkWriter, t *tableSnapshot) error {
	for _, e := range t.buckets {
		for ; e != nil; e = e.next {
			w.Byte(entryFollows)
			w.Uint32(uint32(e.key.Hash))
			w.String(e.key.Encoded)
			w.String(e.namespace)
			if err := s.layout.write(w, s.codec, e.value); err != nil {
				return fmt.Errorf("key %q: %w", e.key.Encoded, err)
			}
			if err := w.Err(); err != nil {
				return err
			}
		}
	}
	w.Byte(endOfState)
	return w.Err()
}
