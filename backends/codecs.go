package backends

import (
	"encoding/binary"
	"fmt"
)

// TypedCodec says how values of one Go type become bytes and back. It is how a
// Codec is made: fill it in and call Codec.
type TypedCodec[T any] struct {
	ID CodecID
	// Append adds the bytes of v to dst, at least one.
	Append func(dst []byte, v T) ([]byte, error)
	// FixedBytes is how many bytes every value takes; 0: their number varies.
	FixedBytes int
	// Decode returns a value that shares no memory with src, which it reads to
	// the end.
	Decode func(src []byte) (T, error)
	// Immutable says that nobody can change a T in place, so that a value is its
	// own copy. Others are copied by way of their bytes.
	Immutable bool
}

// Codec returns a codec with scratch memory of its own.
func (t TypedCodec[T]) Codec() Codec { return &scratchCodec[T]{typed: t} }

// Int64Codec encodes in 8 bytes, big-endian.
func Int64Codec() TypedCodec[int64] {
	return TypedCodec[int64]{
		ID: CodecID{Name: "int64", Version: 1},
		Append: func(dst []byte, v int64) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, uint64(v)), nil
		},
		Decode: func(src []byte) (int64, error) {
			if len(src) != 8 {
				return 0, fmt.Errorf("%d bytes instead of 8", len(src))
			}
			return int64(binary.BigEndian.Uint64(src)), nil
		},
		FixedBytes: 8,
		Immutable:  true,
	}
}

// StringCodec encodes a string behind its length.
func StringCodec() TypedCodec[string] {
	return TypedCodec[string]{
		ID: CodecID{Name: "string", Version: 1},
		Append: func(dst []byte, v string) ([]byte, error) {
			return append(binary.AppendUvarint(dst, uint64(len(v))), v...), nil
		},
		Decode: func(src []byte) (string, error) {
			cursor := NewCursor(src)
			return cursor.String(), cursor.Finish()
		},
		Immutable: true,
	}
}

// BytesCodec encodes bytes behind their length. A nil slice comes back empty.
func BytesCodec() TypedCodec[[]byte] {
	return TypedCodec[[]byte]{
		ID: CodecID{Name: "bytes", Version: 1},
		Append: func(dst []byte, v []byte) ([]byte, error) {
			return append(binary.AppendUvarint(dst, uint64(len(v))), v...), nil
		},
		Decode: func(src []byte) ([]byte, error) {
			cursor := NewCursor(src)
			return append([]byte{}, cursor.Blob()...), cursor.Finish()
		},
	}
}

var (
	_ Codec      = (*scratchCodec[int])(nil)
	_ FixedSizer = (*scratchCodec[int])(nil)
)

// scratchCodec lends its scratch memory to whoever called Encode last.
type scratchCodec[T any] struct {
	typed   TypedCodec[T]
	scratch []byte
}

// ID is the typed codec's.
func (c *scratchCodec[T]) ID() CodecID { return c.typed.ID }

// FixedBytes implements FixedSizer.
func (c *scratchCodec[T]) FixedBytes() int { return c.typed.FixedBytes }

// Duplicate returns a codec with scratch memory of its own.
func (c *scratchCodec[T]) Duplicate() Codec { return c.typed.Codec() }

// Encode lends scratch memory.
func (c *scratchCodec[T]) Encode(v any) ([]byte, error) {
	typed, ok := v.(T)
	if !ok {
		return nil, fmt.Errorf("codec %s: encode a %T: it is for %T", c.typed.ID, v, typed)
	}
	encoded, err := c.typed.Append(c.scratch[:0], typed)
	if err != nil {
		return nil, fmt.Errorf("codec %s: encode: %w", c.typed.ID, err)
	}
	switch fixed := c.typed.FixedBytes; {
	case len(encoded) == 0:
		return nil, fmt.Errorf("codec %s: encode: no bytes; a codec writes at least one", c.typed.ID)
	case fixed != 0 && len(encoded) != fixed:
		return nil, fmt.Errorf("codec %s: encode: %d bytes, where it promises %d each time", c.typed.ID, len(encoded), fixed)
	}
	c.scratch = encoded
	return encoded, nil
}

// Decode returns a T of the caller's own.
func (c *scratchCodec[T]) Decode(src []byte) (any, error) {
	v, err := c.typed.Decode(src)
	if err != nil {
		return nil, fmt.Errorf("codec %s: decode: %w", c.typed.ID, err)
	}
	return v, nil
}

// Copy goes by way of bytes, and so through the scratch memory, unless a T cannot
// change.
func (c *scratchCodec[T]) Copy(v any) (any, error) {
	if c.typed.Immutable {
		return v, nil
	}
	encoded, err := c.Encode(v)
	if err != nil {
		return nil, err
	}
	return c.Decode(encoded)
}
