package heap

import (
	"context"
	"fmt"
	"slices"

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
	content := p.writeGroups
	if p.canonical {
		handle.Format, content = backends.SavepointFormat, p.writeSavepoint
	}
	handle.Stream, err = backends.WriteStream(ctx, p.in.params.Storage, params, func(w *backends.ChunkWriter) (err error) {
		handle.Offsets, err = content(w)
		return err
	})
	return handle, err
}

func (p *pending) writeHeader(w *backends.ChunkWriter) {
	states := p.states
	w.Raw([]byte(magic))
	w.Uvarint(uint64(p.in.params.MaxParallelism))
	w.Uvarint(uint64(p.in.params.KeyBytes))
	w.Uvarint(uint64(len(states)))
	for _, s := range states {
		w.String(s.meta.Name)
		w.Byte(byte(s.meta.Kind))
		w.String(s.meta.Codec.Name)
		w.Uvarint(uint64(s.meta.Codec.Version))
	}
}

// writeGroups writes the header, then each key group, releases it, and returns where
// it begins.
func (p *pending) writeGroups(w *backends.ChunkWriter) ([]int64, error) {
	p.writeHeader(w)
	if err := w.Flush(); err != nil {
		return nil, err
	}
	offsets := slices.Repeat([]int64{-1}, p.in.params.KeyGroups.Len())
	for i := nextGroup(p.states); i >= 0; i = nextGroup(p.states) {
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
		t := s.at(i)
		if t == nil {
			continue
		}
		if err := s.writeTable(w, id, t); err != nil {
			return 0, fmt.Errorf("state %q: %w", s.meta.Name, err)
		}
	}
	if w.Offset() == begin {
		release(p.states, i)
		return -1, nil
	}
	w.Uvarint(endOfGroup)
	if err := w.Flush(); err != nil {
		return 0, err
	}
	release(p.states, i)
	return begin, nil
}

// writeTable writes nothing if nothing is kept.
func (s *stateSnapshot) writeTable(w *backends.ChunkWriter, id int, t *tableSnapshot) error {
	written := 0
	for _, e := range t.buckets {
		for ; e != nil; e = e.next {
			value := s.kept(e.value)
			if value == nil {
				continue
			}
			if written++; written == 1 {
				w.Uvarint(uint64(id) + 1)
			}
			if err := s.writeEntry(w, e, value); err != nil {
				return err
			}
		}
	}
	if written > 0 {
		w.Byte(endOfState)
	}
	return w.Err()
}

func (s *stateSnapshot) writeEntry(w *backends.ChunkWriter, e *entry, value any) error {
	w.Byte(entryFollows)
	w.Uint32(uint32(e.key.Hash))
	w.String(e.key.Encoded)
	w.String(e.namespace)
	if err := s.layout.write(w, s.codec, value); err != nil {
		return fmt.Errorf("key %q: %w", e.key.Encoded, err)
	}
	return w.Err()
}
