package ttl

import (
	"encoding/binary"
	"fmt"

	"flinch/backends"
)

// stamped is a value as the backend below stores it.
type stamped struct {
	value any
	at    int64 // milliseconds
	// initial: it is a value state's default, which is not stored and never expires.
	initial bool
}

// codec writes the stamp in front of what another codec writes.
type codec struct {
	of      backends.Codec
	id      backends.CodecID
	now     func() int64 // for values that are taken over and have no stamp yet
	scratch []byte
}

var (
	_ backends.Codec      = (*codec)(nil)
	_ backends.FixedSizer = (*codec)(nil)
	_ backends.Evolver    = (*codec)(nil)
)

func newCodec(of backends.Codec, now func() int64) *codec {
	id := of.ID()
	id.Name = nameOf(id.Name)
	return &codec{of: of, id: id, now: now}
}

// Split takes an encoded value of state with a time to live apart: as Entries
// reports it. The value's own bytes are lent from encoded.
func Split(encoded []byte) (stamp int64, value []byte, err error) {
	if len(encoded) <= backends.StampBytes {
		return 0, nil, fmt.Errorf("%d bytes are no stamped value: want more than %d", len(encoded), backends.StampBytes)
	}
	return int64(binary.BigEndian.Uint64(encoded)), encoded[backends.StampBytes:], nil
}

func (c *codec) ID() backends.CodecID { return c.id }

// FixedBytes is that of the other codec and the stamp.
func (c *codec) FixedBytes() int {
	if f, ok := c.of.(backends.FixedSizer); ok && f.FixedBytes() > 0 {
		return backends.StampBytes + f.FixedBytes()
	}
	return 0
}

func (c *codec) Encode(v any) ([]byte, error) {
	s, ok := v.(*stamped)
	if !ok {
		return nil, fmt.Errorf("codec %s: encode a %T: want a stamped value", c.id, v)
	}
	encoded, err := c.of.Encode(s.value)
	if err != nil {
		return nil, err
	}
	if len(encoded) == 0 {
		return nil, fmt.Errorf("codec %s: encode: no bytes; a codec writes at least one", c.of.ID())
	}
	c.scratch = append(binary.BigEndian.AppendUint64(c.scratch[:0], uint64(s.at)), encoded...)
	return c.scratch, nil
}

func (c *codec) Decode(src []byte) (any, error) {
	at, encoded, err := Split(src)
	if err != nil {
		return nil, fmt.Errorf("codec %s: decode: %w", c.id, err)
	}
	v, err := c.of.Decode(encoded)
	if err != nil {
		return nil, err
	}
	return &stamped{value: v, at: at}, nil
}

// Copy copies the value by its own codec.
func (c *codec) Copy(v any) (any, error) {
	s, ok := v.(*stamped)
	if !ok {
		return nil, fmt.Errorf("codec %s: copy a %T: want a stamped value", c.id, v)
	}
	copied, err := c.of.Copy(s.value)
	if err != nil {
		return nil, err
	}
	return &stamped{value: copied, at: s.at, initial: s.initial}, nil
}

func (c *codec) Duplicate() backends.Codec { return newCodec(c.of.Duplicate(), c.now) }
