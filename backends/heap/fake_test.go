package heap

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"flinch/backends"
)

// streams is a checkpoint storage in memory. Its hook is called on entry of each
// operation, which is where the simulator lets others run.
type streams struct {
	files map[string][]byte
	next  int
	hook  func(op string) error
	calls []string
}

var _ backends.CheckpointStreams = (*streams)(nil)

func newStreams() *streams { return &streams{files: make(map[string][]byte)} }

func (s *streams) call(op string) error {
	s.calls = append(s.calls, op)
	if s.hook != nil {
		return s.hook(op)
	}
	return nil
}

func (s *streams) Create(_ context.Context, id backends.CheckpointID, _ backends.Scope) (backends.StreamWriter, error) {
	if err := s.call("create"); err != nil {
		return nil, err
	}
	s.next++
	w := &writer{storage: s, path: fmt.Sprintf("chk-%d/%d", id, s.next)}
	s.files[w.path] = nil
	return w, nil
}

func (s *streams) Open(_ context.Context, h backends.StreamHandle) (backends.StreamReader, error) {
	if err := s.call("open"); err != nil {
		return nil, err
	}
	data, ok := s.files[h.Path]
	if !ok {
		return nil, fmt.Errorf("no file %s", h.Path)
	}
	return reader{bytes.NewReader(data)}, nil
}

func (s *streams) Discard(ctx context.Context, h backends.StreamHandle) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	delete(s.files, h.Path)
	return s.call("discard")
}

type writer struct {
	storage *streams
	path    string
	data    []byte
	closed  bool
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.storage.call("write"); err != nil {
		return 0, err
	}
	w.data = append(w.data, p...)
	return len(p), nil
}

func (w *writer) Offset() int64 { return int64(len(w.data)) }

func (w *writer) CloseForHandle() (backends.StreamHandle, error) {
	if err := w.storage.call("close"); err != nil {
		return backends.StreamHandle{}, err
	}
	if w.closed {
		return backends.StreamHandle{}, errors.New("closed twice")
	}
	w.closed = true
	w.storage.files[w.path] = w.data
	return backends.StreamHandle{Path: w.path, SizeBytes: int64(len(w.data))}, nil
}

func (w *writer) Abort() error {
	if !w.closed {
		delete(w.storage.files, w.path)
	}
	w.closed = true
	return w.storage.call("abort")
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }
