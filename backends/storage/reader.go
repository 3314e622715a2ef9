package storage

import (
	"bytes"
	"fmt"
	"io/fs"

	"github.com/cespare/xxhash/v2"

	"flinch/backends"
)

// reader reads a stream that was verified as a whole.
type reader struct {
	bytes  bytes.Reader
	closed bool
}

func newReader(data []byte) *reader {
	r := &reader{}
	r.bytes.Reset(data)
	return r
}

// openInline reads the bytes that a handle carries.
func openInline(h backends.StreamHandle) (*reader, error) {
	if h.Placeholder {
		return nil, fmt.Errorf("read an inlined checkpoint stream of %d bytes: the handle is a place-holder that nobody resolved", h.SizeBytes)
	}
	if has := int64(len(h.Inline)); has != h.SizeBytes {
		return nil, fmt.Errorf("read an inlined checkpoint stream: %d bytes, want %d: %w", has, h.SizeBytes, ErrCorrupt)
	}
	if h.IsEmpty() {
		return newReader(nil), nil
	}
	if sum := xxhash.Sum64(h.Inline); sum != h.Sum {
		return nil, fmt.Errorf("read an inlined checkpoint stream of %d bytes: checksum %#016x, handle says %#016x: %w", h.SizeBytes, sum, h.Sum, ErrCorrupt)
	}
	return newReader(h.Inline), nil
}

// Size implements backends.StreamReader.
func (r *reader) Size() int64 { return r.bytes.Size() }

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.closed {
		return 0, fs.ErrClosed
	}
	return r.bytes.Read(p)
}

// ReadAt implements io.ReaderAt.
func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	if r.closed {
		return 0, fs.ErrClosed
	}
	return r.bytes.ReadAt(p, off)
}

// Close implements io.Closer. It is idempotent.
func (r *reader) Close() error {
	r.closed = true
	return nil
}
