package storage

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/cespare/xxhash/v2"
	"github.com/spf13/afero"

	"flinch/backends"
)

var errStreamClosed = errors.New("the stream is closed")

// fileStream gathers bytes and, once they are too many for a handle, writes
// them to a file of its own.
type fileStream struct {
	ctx     context.Context // of Create: the stream's whole life is one snapshot's
	storage *Filesystem
	id      backends.CheckpointID
	scope   backends.Scope

	buf    []byte
	offset int64
	sum    xxhash.Digest
	file   afero.File // nil: not made yet, or closed
	path   string     // of a file that may exist
	over   error      // why nothing may be written any more
}

func newFileStream(ctx context.Context, f *Filesystem, id backends.CheckpointID, scope backends.Scope) *fileStream {
	s := &fileStream{ctx: ctx, storage: f, id: id, scope: scope}
	s.sum.Reset()
	return s
}

// Write implements io.Writer. After an error the stream is dropped.
func (s *fileStream) Write(p []byte) (int, error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	if err := s.take(p); err != nil {
		return 0, s.fail(err)
	}
	_, _ = s.sum.Write(p)
	s.offset += int64(len(p))
	return len(p), nil
}

// Offset implements backends.StreamWriter.
func (s *fileStream) Offset() int64 { return s.offset }

func (s *fileStream) usable() error {
	if s.over != nil {
		return fmt.Errorf("write checkpoint stream %s: %w", s.name(), s.over)
	}
	if err := s.ctx.Err(); err != nil {
		return s.fail(err)
	}
	return nil
}

func (s *fileStream) take(p []byte) error {
	if len(s.buf)+len(p) <= s.storage.bufferBytes {
		s.buf = append(s.buf, p...)
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	if len(p) >= s.storage.bufferBytes {
		return writeAll(s.file, p)
	}
	s.buf = append(s.buf, p...)
	return nil
}

// flush writes what was gathered, making the file if there is none.
func (s *fileStream) flush() (err error) {
	if s.file == nil {
		if s.file, s.path, err = s.storage.createFile(s.id, s.scope); err != nil {
			return err
		}
	}
	if err := writeAll(s.file, s.buf); err != nil {
		return err
	}
	s.buf = s.buf[:0]
	return nil
}

// CloseForHandle implements backends.StreamWriter.
func (s *fileStream) CloseForHandle() (backends.StreamHandle, error) {
	if err := s.usable(); err != nil {
		return backends.StreamHandle{}, err
	}
	if s.offset == 0 {
		s.over = errStreamClosed
		return backends.StreamHandle{}, nil
	}
	h := backends.StreamHandle{SizeBytes: s.offset, Sum: s.sum.Sum64(), Scope: s.scope}
	if s.file == nil && s.offset <= s.storage.thresholdBytes {
		h.Inline = s.buf
	} else {
		if err := s.commit(); err != nil {
			return backends.StreamHandle{}, s.fail(err)
		}
		h.Path = s.path
	}
	s.buf, s.over = nil, errStreamClosed
	return h, nil
}

// commit makes the file's bytes and its name durable.
func (s *fileStream) commit() error {
	if err := s.flush(); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	if err := s.closeFile(); err != nil {
		return err
	}
	return s.storage.fs.SyncDir(path.Dir(s.path))
}

func (s *fileStream) closeFile() error {
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return file.Close()
}

// fail drops the stream because of err.
func (s *fileStream) fail(err error) error {
	name := s.name()
	s.over = err
	return fmt.Errorf("write checkpoint stream %s: %w", name, errors.Join(err, s.drop()))
}

// name is what the stream is called in errors.
func (s *fileStream) name() string {
	if s.path != "" {
		return s.path
	}
	return fmt.Sprintf("of %s to checkpoint %d", s.storage.writer, s.id)
}

// Abort implements backends.StreamWriter.
func (s *fileStream) Abort() error {
	if s.over != nil {
		return nil
	}
	s.over = errors.New("the stream was aborted")
	if err := s.drop(); err != nil {
		return fmt.Errorf("abort checkpoint stream %s: %w", s.name(), err)
	}
	return nil
}

func (s *fileStream) drop() error {
	s.buf = nil
	err := s.closeFile()
	if s.path == "" {
		return err
	}
	return errors.Join(err, remove(s.storage.fs, s.path))
}
