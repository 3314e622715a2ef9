package backendtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"flinch/backends"
)

// Streams is a checkpoint storage in memory. It verifies nothing: damage gets
// through to the backend.
type Streams struct {
	// Files has the bytes of each stream by its path; nil while it is written.
	Files map[string][]byte
	// Hook is called on entry of each operation (create, write, close, abort, open,
	// discard), which is where the simulator lets others run. Its error fails the
	// operation. May be nil.
	Hook func(op string) error
	// Calls are the operations so far.
	Calls []string
	next  int
	known map[string]backends.StreamHandle // by path
}

var _ backends.CheckpointStreams = (*Streams)(nil)

// NewStreams returns an empty storage.
func NewStreams() *Streams {
	return &Streams{Files: make(map[string][]byte), known: make(map[string]backends.StreamHandle)}
}

// At makes the storage do something on entry of an operation, and nothing on
// that of others.
func (s *Streams) At(op string, do func() error) {
	s.Hook = func(o string) error {
		if o == op {
			return do()
		}
		return nil
	}
}

// Resolve puts the handles of files that are still there in the place of their
// place-holders, as a coordinator does. It returns false if a file is gone.
func (s *Streams) Resolve(h backends.KeyedHandle) (backends.KeyedHandle, bool) {
	h.Files = slices.Clone(h.Files)
	for i := range h.Files {
		f := &h.Files[i].Stream
		if !f.Placeholder {
			continue
		}
		if _, there := s.Files[f.Path]; !there {
			return h, false
		}
		*f = s.known[f.Path]
	}
	return h, true
}

// Paths lists the files in order.
func (s *Streams) Paths() []string { return slices.Sorted(maps.Keys(s.Files)) }

func (s *Streams) call(op string) error {
	s.Calls = append(s.Calls, op)
	if s.Hook != nil {
		return s.Hook(op)
	}
	return nil
}

// Create opens a stream, which has a file of its own from then on.
func (s *Streams) Create(_ context.Context, id backends.CheckpointID, scope backends.Scope) (backends.StreamWriter, error) {
	if err := s.call("create"); err != nil {
		return nil, err
	}
	s.next++
	w := &writer{storage: s, path: fmt.Sprintf("chk-%d/%d", id, s.next), scope: scope}
	if scope == backends.Shared {
		w.path = fmt.Sprintf("shared/%d", s.next)
	}
	s.Files[w.path] = nil
	return w, nil
}

// Open reads a file, whatever its handle says.
func (s *Streams) Open(_ context.Context, h backends.StreamHandle) (backends.StreamReader, error) {
	if err := s.call("open"); err != nil {
		return nil, err
	}
	data, ok := s.Files[h.Path]
	if !ok || h.Placeholder {
		return nil, fmt.Errorf("no file %q for the handle %+v", h.Path, h)
	}
	return reader{bytes.NewReader(data)}, nil
}

// Discard deletes a file.
func (s *Streams) Discard(ctx context.Context, h backends.StreamHandle) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	delete(s.Files, h.Path)
	return s.call("discard")
}

type writer struct {
	storage *Streams
	path    string
	scope   backends.Scope
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
	if len(w.data) == 0 {
		delete(w.storage.Files, w.path)
		return backends.StreamHandle{}, nil
	}
	w.storage.Files[w.path] = w.data
	h := backends.StreamHandle{Path: w.path, SizeBytes: int64(len(w.data)), Scope: w.scope}
	w.storage.known[w.path] = h
	return h, nil
}

func (w *writer) Abort() error {
	if !w.closed {
		delete(w.storage.Files, w.path)
	}
	w.closed = true
	return w.storage.call("abort")
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }
