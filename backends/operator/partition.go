package operator

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"flinch/backends"

	"github.com/golang/snappy"
)

// The layouts of a snapshot's stream: magic, then partitions, each behind its
// length. A partition is what one offset of a handle points at: of a list one
// element, the bytes of its codec; of a broadcast map all of it, the number of its
// entries and then key and value of each, both behind their lengths. Whose
// partitions they are is in the handle.
//
// In the compressed layout each partition is a Snappy stream of its own, in
// Snappy's framing format: offsets are places in the file, so that a subtask that
// gets a part of the partitions reads no others.
const (
	formatPlain      = "operator/1"
	formatCompressed = "operator+snappy/1"

	magicPlain      = "FLOP1"
	magicCompressed = "FLOS1"
)

// layout returns the name of the layout, and the magic of its streams.
func layout(compress bool) (name, magic string) {
	if compress {
		return formatCompressed, magicCompressed
	}
	return formatPlain, magicPlain
}

// partitions is how many the state takes.
func (c *captured) partitions() int {
	if c.mode == backends.Broadcast {
		return 1
	}
	return c.len()
}

// appendPartition appends the bytes of a partition.
func (c *captured) appendPartition(dst []byte, i int) ([]byte, error) {
	if c.mode != backends.Broadcast {
		encoded, err := c.encode(i)
		return append(dst, encoded...), err
	}
	dst = binary.AppendUvarint(dst, uint64(len(c.keys)))
	for j, key := range c.keys {
		encoded, err := c.encode(j)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		dst = append(binary.AppendUvarint(dst, uint64(len(key))), key...)
		dst = append(binary.AppendUvarint(dst, uint64(len(encoded))), encoded...)
	}
	return dst, nil
}

// partitionWriter writes the partitions of one snapshot.
type partitionWriter struct {
	w        *backends.ChunkWriter
	compress bool
	plain    []byte
	packed   bytes.Buffer
}

// add writes a partition of a state and returns its offset.
func (p *partitionWriter) add(c *captured, i int) (int64, error) {
	var err error
	if p.plain, err = c.appendPartition(p.plain[:0], i); err != nil {
		return 0, err
	}
	stored := p.plain
	if p.compress {
		if stored, err = p.pack(p.plain); err != nil {
			return 0, err
		}
	}
	offset := p.w.Offset()
	p.w.Blob(stored)
	return offset, p.w.Err()
}

// packers and unpackers keep the buffers of Snappy, which are large.
var (
	packers   = sync.Pool{New: func() any { return snappy.NewBufferedWriter(io.Discard) }}
	unpackers = sync.Pool{New: func() any { return snappy.NewReader(bytes.NewReader(nil)) }}
)

// pack returns the bytes as a Snappy stream, lent until the next call.
func (p *partitionWriter) pack(plain []byte) ([]byte, error) {
	p.packed.Reset()
	z := packers.Get().(*snappy.Writer)
	defer packers.Put(z)
	z.Reset(&p.packed)
	defer z.Reset(io.Discard)
	if _, err := z.Write(plain); err != nil {
		return nil, err
	}
	err := z.Flush()
	return p.packed.Bytes(), err
}

// unpack returns what a Snappy stream holds.
func unpack(packed []byte) ([]byte, error) {
	z := unpackers.Get().(*snappy.Reader)
	defer unpackers.Put(z)
	z.Reset(bytes.NewReader(packed))
	defer z.Reset(bytes.NewReader(nil))
	return io.ReadAll(z)
}
