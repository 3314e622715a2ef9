package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"flinch/backends"
)

// MaxStateBytesDefault is Flink's limit for one stream in the job manager's
// memory: 5 MiB.
const MaxStateBytesDefault = 5 << 20

// ErrTooLarge is wrapped by the error of a stream that is above the limit of
// memory storage.
var ErrTooLarge = errors.New("state too large for the job manager's memory")

// MemoryParams describes a Memory storage.
type MemoryParams struct {
	// MaxStateBytes is the limit of one stream. 0: MaxStateBytesDefault.
	MaxStateBytes int64
	// Durable, if given, is where metadata (and with it all state) is published.
	// Without it the metadata dies with this value.
	Durable *Filesystem
}

// Memory carries every stream in its handle. The job manager's value also holds
// the metadata; a task manager's is used for streams alone.
type Memory struct {
	maxBytes int64
	durable  *Filesystem
	metadata map[string][]byte // by pointer
}

var _ Storage = (*Memory)(nil)

// NewMemory returns an empty storage. It does no I/O.
func NewMemory(p MemoryParams) (*Memory, error) {
	if p.MaxStateBytes < 0 {
		return nil, fmt.Errorf("memory storage: limit of %d bytes for one stream: want more than 0, or 0 for %d", p.MaxStateBytes, MaxStateBytesDefault)
	}
	if p.MaxStateBytes == 0 {
		p.MaxStateBytes = MaxStateBytesDefault
	}
	return &Memory{maxBytes: p.MaxStateBytes, durable: p.Durable, metadata: map[string][]byte{}}, nil
}

// Kind implements Storage.
func (m *Memory) Kind() string { return KindMemory }

// Durable tells whether published metadata outlives the job manager.
func (m *Memory) Durable() bool { return m.durable != nil }

// Create implements backends.CheckpointStreams.
func (m *Memory) Create(ctx context.Context, id backends.CheckpointID, scope backends.Scope) (backends.StreamWriter, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("create a stream of checkpoint %d: %w", id, err)
	}
	return &memoryStream{ctx: ctx, id: id, scope: scope, maxBytes: m.maxBytes}, nil
}

// Open implements backends.CheckpointStreams.
func (m *Memory) Open(_ context.Context, h backends.StreamHandle) (backends.StreamReader, error) {
	if h.Path != "" {
		return nil, fmt.Errorf("read checkpoint stream %s: memory storage holds no files", h.Path)
	}
	return openInline(h)
}

// Discard implements backends.CheckpointStreams. There is nothing to delete.
func (m *Memory) Discard(context.Context, backends.StreamHandle) error { return nil }

// Initialize implements Storage.
func (m *Memory) Initialize(ctx context.Context, id backends.CheckpointID) error {
	if m.durable != nil {
		return m.durable.Initialize(ctx, id)
	}
	return nil
}

// Publish implements Storage.
func (m *Memory) Publish(ctx context.Context, id backends.CheckpointID, metadata []byte) (string, error) {
	if m.durable != nil {
		return m.durable.Publish(ctx, id, metadata)
	}
	pointer := memoryPointer(id)
	err := ctx.Err()
	if err == nil {
		err = Verify(metadata)
	}
	if err == nil && m.metadata[pointer] != nil {
		err = errors.New("it is there already")
	}
	if err != nil {
		return "", fmt.Errorf("publish metadata of checkpoint %d: %w", id, err)
	}
	m.metadata[pointer] = bytes.Clone(metadata)
	return pointer, nil
}

// memoryPointer names metadata in this process' memory.
func memoryPointer(id backends.CheckpointID) string {
	return "memory:chk-" + strconv.FormatInt(int64(id), 10)
}

// ReadMetadata implements Storage.
func (m *Memory) ReadMetadata(ctx context.Context, pointer string) ([]byte, error) {
	if m.durable != nil {
		return m.durable.ReadMetadata(ctx, pointer)
	}
	data, found := m.metadata[pointer]
	if !found {
		return nil, fmt.Errorf("find checkpoint %s: not in this job manager's memory", pointer)
	}
	return bytes.Clone(data), nil
}

// DiscardCheckpoint implements Storage.
func (m *Memory) DiscardCheckpoint(ctx context.Context, id backends.CheckpointID) error {
	if m.durable != nil {
		return m.durable.DiscardCheckpoint(ctx, id)
	}
	delete(m.metadata, memoryPointer(id))
	return nil
}

// memoryStream gathers bytes for a handle.
type memoryStream struct {
	ctx      context.Context // of Create: the stream's whole life is one snapshot's
	id       backends.CheckpointID
	scope    backends.Scope
	maxBytes int64
	buf      []byte
	offset   int64
	over     bool
}

// Write implements io.Writer.
func (s *memoryStream) Write(p []byte) (int, error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	s.buf = append(s.buf, p...)
	s.offset += int64(len(p))
	return len(p), nil
}

func (s *memoryStream) usable() error {
	err := s.ctx.Err()
	if s.over {
		err = errStreamClosed
	}
	if err != nil {
		return fmt.Errorf("write a stream of checkpoint %d: %w", s.id, err)
	}
	return nil
}

// Offset implements backends.StreamWriter.
func (s *memoryStream) Offset() int64 { return s.offset }

// CloseForHandle implements backends.StreamWriter. The limit is judged here.
func (s *memoryStream) CloseForHandle() (backends.StreamHandle, error) {
	if err := s.usable(); err != nil {
		return backends.StreamHandle{}, err
	}
	buf := s.buf
	s.buf, s.over = nil, true
	if s.offset > s.maxBytes {
		return backends.StreamHandle{}, fmt.Errorf(
			"write a stream of checkpoint %d: %w: %d bytes, at most %d are allowed; use filesystem storage or raise the limit",
			s.id, ErrTooLarge, s.offset, s.maxBytes)
	}
	if s.offset == 0 {
		return backends.StreamHandle{}, nil
	}
	return backends.StreamHandle{Inline: buf, SizeBytes: s.offset, Sum: xxhash.Sum64(buf), Scope: s.scope}, nil
}

// Abort implements backends.StreamWriter.
func (s *memoryStream) Abort() error {
	s.buf, s.over = nil, true
	return nil
}
