//go:build cgo && !norocksdb

package rocksdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/spf13/afero"

	"flinch/backends"
)

// download makes a folder of the files of a handle. They need not be durable: a
// machine that loses power is not what its tasks are restored from.
func (s *store) download(ctx context.Context, dir string, files []backends.FileHandle) error {
	if err := s.files.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return s.run()(ctx, len(files), func(ctx context.Context, i int) error {
		f := files[i]
		if f.Name == "" || path.Base(f.Name) != f.Name {
			return fmt.Errorf("the handle has a file with the name %q, want one without a folder", f.Name)
		}
		if err := s.fetch(ctx, path.Join(dir, f.Name), f.Stream, make([]byte, s.tuning.chunkBytes)); err != nil {
			return fmt.Errorf("download %s: %w", f.Name, err)
		}
		return nil
	})
}

func (s *store) fetch(ctx context.Context, name string, h backends.StreamHandle, chunk []byte) (err error) {
	file, err := s.files.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if h.IsEmpty() {
		return nil
	}
	r, err := s.params.Storage.Open(ctx, h)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if r.Size() != h.SizeBytes {
		return fmt.Errorf("stream %s has %d bytes, its handle says %d", h, r.Size(), h.SizeBytes)
	}
	for offset := int64(0); offset < h.SizeBytes; {
		if err := ctx.Err(); err != nil {
			return err
		}
		piece := chunk[:min(int64(len(chunk)), h.SizeBytes-offset)]
		if _, err := io.ReadFull(r, piece); err != nil {
			return fmt.Errorf("read stream %s: %w", h, err)
		}
		if err := writeAll(file, piece); err != nil {
			return err
		}
		offset += int64(len(piece))
	}
	return nil
}

// writeAll goes on after short writes.
func writeAll(file afero.File, p []byte) error {
	for len(p) > 0 {
		n, err := file.Write(p)
		p = p[n:]
		switch {
		case err != nil && (n == 0 || !errors.Is(err, io.ErrShortWrite)):
			return err
		case n == 0:
			return io.ErrNoProgress
		}
	}
	return nil
}
