package kv_test

import (
	"context"
	"errors"
	"maps"
	"slices"

	"flinch/backends"
	"flinch/backends/kv"
)

// nativeStore snapshots its own files, one for each family, and reuses those of
// the last confirmed checkpoint that have not changed since. It has background
// work, too: two steps after each snapshot.
type nativeStore struct {
	*rigStore
	params    backends.KeyedParams
	tables    [][]byte
	backlog   int
	open      []*nativePending
	uploaded  map[backends.CheckpointID]map[string]upload
	confirmed map[string]upload
}

type upload struct {
	data   string
	handle backends.StreamHandle
}

const nativeFormat = "rig/1"

var (
	errClosed    = errors.New("the rig is closed")
	errDiscarded = errors.New("discarded")

	_ kv.Snapshotter      = (*nativeStore)(nil)
	_ backends.Maintainer = (*nativeStore)(nil)
)

func (s *nativeStore) restore(ctx context.Context) error {
	for _, h := range s.params.Restore {
		if h.Format != nativeFormat {
			return errors.New("restore checkpoint 9: layout " + `"` + h.Format + `"`)
		}
		if h.KeyGroups.Intersect(s.params.KeyGroups).Len() == 0 {
			return errors.New("a handle is given that has no key group of the instance")
		}
		table, err := backends.ReadStream(ctx, s.params.Storage, h.Stream)
		if err != nil {
			return errors.Join(errors.New("restore checkpoint 9"), err)
		}
		s.tables = append(s.tables, table)
		for _, f := range h.Files {
			if err := s.restoreFile(ctx, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// restoreFile leaves out the entries of other key groups.
func (s *nativeStore) restoreFile(ctx context.Context, f backends.FileHandle) error {
	data, err := backends.ReadStream(ctx, s.params.Storage, f.Stream)
	if err != nil {
		return err
	}
	to, err := s.store.Family(f.Name)
	if err != nil {
		return err
	}
	c := backends.NewCursor(data)
	for c.Left() > 0 {
		key, value := c.Blob(), c.Blob()
		group := int(key[0])
		if s.params.MaxParallelism > 128 {
			group = group<<8 + int(key[1])
		}
		if s.params.KeyGroups.Contains(group) {
			if err := to.Put(key, value); err != nil {
				return err
			}
		}
	}
	return c.Err()
}

func (s *nativeStore) Tables() [][]byte {
	if s.rig.fail != nil && s.rig.fail("tables") != nil {
		return nil
	}
	return s.tables
}

func (s *nativeStore) Backlog() int { return s.backlog }

func (s *nativeStore) Maintain(context.Context) error {
	s.backlog--
	return s.rig.call("maintain")
}

func (s *nativeStore) Close() error {
	for _, p := range s.open {
		p.over = errClosed
	}
	return s.rigStore.Close()
}

func (s *nativeStore) NotifyComplete(id backends.CheckpointID) error {
	if u, ok := s.uploaded[id]; ok {
		s.confirmed = u
	}
	return s.rig.call("complete")
}

func (s *nativeStore) NotifyAborted(id backends.CheckpointID) error {
	delete(s.uploaded, id)
	return s.rig.call("aborted")
}

func (s *nativeStore) NotifySubsumed(id backends.CheckpointID) error {
	delete(s.uploaded, id)
	return s.rig.call("subsumed")
}

func (s *nativeStore) Snapshot(id backends.CheckpointID, table []byte) (backends.Pending, error) {
	if err := s.rig.call("snapshot"); err != nil {
		return nil, err
	}
	s.backlog += 2
	p := &nativePending{s: s, id: id, table: table, base: maps.Clone(s.confirmed), files: make(map[string]string)}
	for name, f := range s.families {
		var data []byte
		f.tree.Scan(func(e entry) bool {
			data = appendBlob(appendBlob(data, e.key), e.value)
			return true
		})
		p.files[name] = string(data)
	}
	s.open = append(s.open, p)
	return p, nil
}

func appendBlob(dst, p []byte) []byte {
	n := len(p)
	for ; n >= 0x80; n >>= 7 {
		dst = append(dst, byte(n)|0x80)
	}
	return append(append(dst, byte(n)), p...)
}

type nativePending struct {
	s     *nativeStore
	id    backends.CheckpointID
	table []byte
	files map[string]string
	base  map[string]upload
	over  error // why it cannot be written
}

func (p *nativePending) Discard() error {
	p.over = errDiscarded
	return nil
}

func (p *nativePending) Write(ctx context.Context) (h backends.KeyedHandle, err error) {
	defer func() {
		if p.over = errDiscarded; err != nil {
			for _, f := range append(h.Files, backends.FileHandle{Stream: h.Stream}) {
				if f.Stream.Path != "" && !f.Stream.Placeholder {
					err = errors.Join(err, p.s.params.Storage.Discard(context.WithoutCancel(ctx), f.Stream))
				}
			}
		}
	}()
	h = backends.KeyedHandle{Backend: "rig", Format: nativeFormat, Checkpoint: p.id, KeyGroups: p.s.params.KeyGroups}
	mine := make(map[string]upload)
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		f, err := p.file(ctx, name)
		if err != nil {
			return h, err
		}
		h.Files = append(h.Files, backends.FileHandle{Name: name, Stream: f})
		f.Placeholder = false
		mine[name] = upload{data: p.files[name], handle: f}
	}
	if h.Stream, err = p.stream(ctx, backends.Exclusive, string(p.table)); err != nil {
		return h, err
	}
	p.s.uploaded[p.id] = mine
	return h, nil
}

// file uploads a family, or names the file that it was uploaded to before.
func (p *nativePending) file(ctx context.Context, name string) (backends.StreamHandle, error) {
	if known, ok := p.base[name]; ok && known.data == p.files[name] && known.handle.Path != "" {
		p.s.rig.calls["reused"]++
		return backends.StreamHandle{Path: known.handle.Path, Scope: backends.Shared, Placeholder: true}, nil
	}
	return p.stream(ctx, backends.Shared, p.files[name])
}

func (p *nativePending) stream(ctx context.Context, scope backends.Scope, data string) (backends.StreamHandle, error) {
	alive := func() error {
		if p.over != nil {
			return p.over
		}
		return ctx.Err()
	}
	if err := alive(); err != nil {
		return backends.StreamHandle{}, err
	}
	params := backends.StreamParams{Checkpoint: p.id, Scope: scope, ChunkBytes: 64, Alive: alive}
	return backends.WriteStream(ctx, p.s.params.Storage, params, func(w *backends.ChunkWriter) error {
		w.Raw([]byte(data))
		return w.Err()
	})
}
