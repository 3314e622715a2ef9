package backends

import (
	"encoding/binary"
	"fmt"
)

// Cursor reads what a ChunkWriter wrote, out of bytes in memory. It keeps the
// first error, with its place, and gives zero values from then on, so callers
// may read on and look at Err where it suits them. It trusts no length: nothing
// is allocated for bytes that are not there.
type Cursor struct {
	data []byte
	pos  int
	err  error
}

// NewCursor returns a cursor at the start of data, which it borrows.
func NewCursor(data []byte) *Cursor { return &Cursor{data: data} }

// Jump moves to an offset from the start.
func (c *Cursor) Jump(offset int64) {
	if offset < 0 || offset > int64(len(c.data)) {
		c.Fail("offset %d of %d bytes", offset, len(c.data))
		return
	}
	c.pos = int(offset)
}

// Err returns the first error.
func (c *Cursor) Err() error { return c.err }

// Finish returns the first error; bytes left over are one.
func (c *Cursor) Finish() error {
	if c.err == nil && c.pos != len(c.data) {
		c.Fail("%d bytes left over", len(c.data)-c.pos)
	}
	return c.err
}

// Left is the number of bytes that are still to be read.
func (c *Cursor) Left() int { return len(c.data) - c.pos }

// Fail notes an error at the current place, unless there is one already.
func (c *Cursor) Fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("byte %d: %s", c.pos, fmt.Sprintf(format, args...))
	}
}

// Raw reads n bytes, lent from the cursor's data.
func (c *Cursor) Raw(n int) []byte {
	if c.err == nil && (n < 0 || n > len(c.data)-c.pos) {
		c.Fail("%d bytes wanted, %d left", n, len(c.data)-c.pos)
	}
	if c.err != nil {
		return nil
	}
	c.pos += n
	return c.data[c.pos-n : c.pos : c.pos]
}

// Byte reads one byte.
func (c *Cursor) Byte() byte {
	if b := c.Raw(1); b != nil {
		return b[0]
	}
	return 0
}

// Uint32 reads four big-endian bytes.
func (c *Cursor) Uint32() uint32 {
	if b := c.Raw(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// Uvarint reads an unsigned number of variable length.
func (c *Cursor) Uvarint() uint64 {
	if c.err != nil {
		return 0
	}
	v, n := binary.Uvarint(c.data[c.pos:])
	if n <= 0 {
		c.Fail("no number")
		return 0
	}
	c.pos += n
	return v
}

// Count reads a number of things of which each takes at least one byte.
func (c *Cursor) Count() int {
	n := c.Uvarint()
	if left := len(c.data) - c.pos; n > uint64(left) {
		c.Fail("%d items announced, %d bytes left", n, left)
		return 0
	}
	return int(n)
}

// Blob reads bytes behind their length, lent from the cursor's data.
func (c *Cursor) Blob() []byte { return c.Raw(c.Count()) }

// String reads a string behind its length.
func (c *Cursor) String() string { return string(c.Blob()) }
