package backends

import (
	"encoding/binary"
	"fmt"
)

// ChunkWriter writes a checkpoint stream in pieces of bounded size. Each piece
// that reaches the stream is a scheduling point; after it the writer asks
// whether the snapshot is still wanted. The first error sticks, and Flush
// reports it, so that callers need not look after every field.
type ChunkWriter struct {
	stream StreamWriter
	alive  func() error
	buf    []byte
	err    error
}

// NewChunkWriter returns a writer of pieces of at most chunkBytes. alive is
// called after each piece; its error ends the writing.
func NewChunkWriter(stream StreamWriter, chunkBytes int, alive func() error) *ChunkWriter {
	return &ChunkWriter{stream: stream, alive: alive, buf: make([]byte, 0, max(chunkBytes, binary.MaxVarintLen64))}
}

// Offset is the position in the stream of the next byte: what the stream holds,
// and what is still to be flushed.
func (c *ChunkWriter) Offset() int64 { return c.stream.Offset() + int64(len(c.buf)) }

// Raw writes p as it is. p is borrowed during the call, in which the task may
// run: it must not be scratch memory that the task uses as well.
func (c *ChunkWriter) Raw(p []byte) {
	for len(p) > 0 && c.err == nil {
		if len(c.buf) == cap(c.buf) {
			c.push()
			continue
		}
		n := min(len(p), cap(c.buf)-len(c.buf))
		c.buf = append(c.buf, p[:n]...)
		p = p[n:]
	}
}

// Byte writes one byte.
func (c *ChunkWriter) Byte(b byte) {
	c.reserve(1)
	c.buf = append(c.buf, b)
}

// Uint32 writes four big-endian bytes.
func (c *ChunkWriter) Uint32(v uint32) {
	c.reserve(4)
	c.buf = binary.BigEndian.AppendUint32(c.buf, v)
}

// Uvarint writes an unsigned number in as few bytes as it needs.
func (c *ChunkWriter) Uvarint(v uint64) {
	c.reserve(binary.MaxVarintLen64)
	c.buf = binary.AppendUvarint(c.buf, v)
}

// Blob writes the length of p, then p. See Raw for who owns p.
func (c *ChunkWriter) Blob(p []byte) {
	c.Uvarint(uint64(len(p)))
	c.Raw(p)
}

// String writes the length of s, then s.
func (c *ChunkWriter) String(s string) {
	c.Uvarint(uint64(len(s)))
	for len(s) > 0 && c.err == nil {
		c.reserve(1)
		n := min(len(s), cap(c.buf)-len(c.buf))
		c.buf = append(c.buf, s[:n]...)
		s = s[n:]
	}
}

// Flush hands what is left to the stream and returns the first error.
func (c *ChunkWriter) Flush() error {
	if len(c.buf) > 0 && c.err == nil {
		c.push()
	}
	return c.err
}

// Err returns the first error.
func (c *ChunkWriter) Err() error { return c.err }

// reserve makes room for n bytes, of which a chunk always has enough.
func (c *ChunkWriter) reserve(n int) {
	if cap(c.buf)-len(c.buf) < n {
		c.push()
	}
}

func (c *ChunkWriter) push() {
	if c.err == nil {
		n, err := c.stream.Write(c.buf)
		switch {
		case err != nil:
			c.err = err
		case n != len(c.buf):
			c.err = fmt.Errorf("stream took %d of %d bytes and gave no error", n, len(c.buf))
		default:
			c.err = c.alive()
		}
	}
	c.buf = c.buf[:0]
}

// appendUvarints adds numbers as Uvarint writes them.
func appendUvarints(dst []byte, numbers ...uint64) []byte {
	for _, v := range numbers {
		dst = binary.AppendUvarint(dst, v)
	}
	return dst
}

// appendBlob adds a string as String writes it.
func appendBlob(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
