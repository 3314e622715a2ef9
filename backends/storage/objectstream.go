package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"flinch/backends"
)

// objectStream gathers bytes. Few travel in the handle, more are one PUT, and what
// is larger than a part is uploaded in parts, some at a time.
type objectStream struct {
	ctx   context.Context // of Create: the stream's whole life is one snapshot's
	store *ObjectStore
	id    backends.CheckpointID
	scope backends.Scope

	buf    []byte // not uploaded yet
	offset int64
	sum    xxhash.Digest
	key    string // of an object, or an upload, that may exist
	upload string // "": none was begun
	parts  int    // that were uploaded
	over   error  // why nothing may be written any more
}

func newObjectStream(ctx context.Context, o *ObjectStore, id backends.CheckpointID, scope backends.Scope) *objectStream {
	s := &objectStream{ctx: ctx, store: o, id: id, scope: scope}
	s.sum.Reset()
	return s
}

// Write implements io.Writer. After an error the stream is dropped.
func (s *objectStream) Write(p []byte) (int, error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	s.buf = append(s.buf, p...)
	_, _ = s.sum.Write(p)
	s.offset += int64(len(p))
	if ahead := s.store.partBytes * s.store.transfers; len(s.buf) > ahead {
		if err := s.send(len(s.buf) / s.store.partBytes); err != nil {
			return 0, s.fail(err)
		}
	}
	return len(p), nil
}

// Offset implements backends.StreamWriter.
func (s *objectStream) Offset() int64 { return s.offset }

func (s *objectStream) usable() error {
	if s.over != nil {
		return fmt.Errorf("write checkpoint stream %s: %w", s.name(), s.over)
	}
	if err := s.ctx.Err(); err != nil {
		return s.fail(err)
	}
	return nil
}

// send uploads the first so many parts of what was gathered, the last of which may
// be short.
func (s *objectStream) send(parts int) error {
	if s.upload == "" {
		s.key = s.store.names.nextName(s.id, s.scope)
		begun, _, err := s.store.do(s.ctx, Request{Verb: VerbBegin, Key: s.key})
		if err != nil {
			return fmt.Errorf("begin an upload: %w", err)
		}
		s.upload = begun.Upload
	}
	size := s.store.partBytes
	err := s.store.run(s.ctx, parts, func(ctx context.Context, i int) error {
		part := s.parts + i + 1
		data := s.buf[i*size : min((i+1)*size, len(s.buf))]
		if _, _, err := s.store.do(ctx, Request{Verb: VerbPart, Key: s.key, Upload: s.upload, Part: part, Data: data}); err != nil {
			return fmt.Errorf("part %d: %w", part, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.parts += parts
	s.buf = bytes.Clone(s.buf[min(parts*size, len(s.buf)):])
	return nil
}

// CloseForHandle implements backends.StreamWriter.
func (s *objectStream) CloseForHandle() (backends.StreamHandle, error) {
	if err := s.usable(); err != nil {
		return backends.StreamHandle{}, err
	}
	if s.offset == 0 {
		s.over = errStreamClosed
		return backends.StreamHandle{}, nil
	}
	h := backends.StreamHandle{SizeBytes: s.offset, Sum: s.sum.Sum64(), Scope: s.scope}
	if s.upload == "" && s.offset <= s.store.thresholdBytes {
		h.Inline = s.buf
	} else {
		if err := s.commit(); err != nil {
			return backends.StreamHandle{}, s.fail(err)
		}
		h.Path = s.key
	}
	s.buf, s.over = nil, errStreamClosed
	return h, nil
}

// commit makes the object.
func (s *objectStream) commit() error {
	if s.upload == "" && len(s.buf) <= s.store.partBytes {
		s.key = s.store.names.nextName(s.id, s.scope)
		return s.store.create(s.ctx, Request{Verb: VerbPut, Key: s.key, Data: s.buf}, s.sum.Sum64())
	}
	if len(s.buf) > 0 {
		if err := s.send((len(s.buf) + s.store.partBytes - 1) / s.store.partBytes); err != nil {
			return err
		}
	}
	return s.store.create(s.ctx, Request{Verb: VerbComplete, Key: s.key, Upload: s.upload, Part: s.parts}, s.sum.Sum64())
}

// fail drops the stream because of err.
func (s *objectStream) fail(err error) error {
	name := s.name()
	s.over = err
	return fmt.Errorf("write checkpoint stream %s: %w", name, errors.Join(err, s.drop()))
}

// name is what the stream is called in errors.
func (s *objectStream) name() string {
	if s.key != "" {
		return s.key
	}
	return s.store.nameOf(s.id)
}

// Abort implements backends.StreamWriter.
func (s *objectStream) Abort() error {
	if s.over != nil {
		return nil
	}
	s.over = errors.New("the stream was aborted")
	if err := s.drop(); err != nil {
		return fmt.Errorf("abort checkpoint stream %s: %w", s.name(), err)
	}
	return nil
}

// drop deletes what may be there. The snapshot may have been cancelled: that does
// not keep it from cleaning up.
func (s *objectStream) drop() error {
	s.buf = nil
	if s.key == "" {
		return nil
	}
	ctx := context.WithoutCancel(s.ctx)
	var err error
	if s.upload != "" {
		_, _, err = s.store.do(ctx, Request{Verb: VerbAbort, Key: s.key, Upload: s.upload})
	}
	return errors.Join(err, s.store.delete(ctx, s.key))
}
