package backendtest

import (
	"encoding/binary"
	"fmt"

	"flinch/backends"
)

// Box is a value that tests change in place.
type Box struct{ N int64 }

// BoxCodec writes the number, then up to three commas: lengths vary, and lists
// cannot be cut at the next comma.
func BoxCodec() backends.TypedCodec[*Box] {
	return backends.TypedCodec[*Box]{
		ID: backends.CodecID{Name: "box", Version: 1},
		Append: func(dst []byte, b *Box) ([]byte, error) {
			dst = binary.BigEndian.AppendUint64(dst, uint64(b.N))
			for range uint64(b.N) % 4 {
				dst = append(dst, ',')
			}
			return dst, nil
		},
		Decode: func(src []byte) (*Box, error) {
			if len(src) < 8 || len(src) != 8+int(binary.BigEndian.Uint64(src)%4) {
				return nil, fmt.Errorf("%d bytes", len(src))
			}
			return &Box{N: int64(binary.BigEndian.Uint64(src))}, nil
		},
	}
}

// FixedBoxCodec writes the number alone, and says that all its bytes are 8.
func FixedBoxCodec() backends.TypedCodec[*Box] {
	return backends.TypedCodec[*Box]{
		ID: backends.CodecID{Name: "fixed-box", Version: 1},
		Append: func(dst []byte, b *Box) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, uint64(b.N)), nil
		},
		Decode: func(src []byte) (*Box, error) {
			if len(src) != 8 {
				return nil, fmt.Errorf("%d bytes", len(src))
			}
			return &Box{N: int64(binary.BigEndian.Uint64(src))}, nil
		},
		FixedBytes: 8,
	}
}

// Boxes describes a state of boxes.
func Boxes(name string, kind backends.StateKind) backends.Descriptor {
	return backends.Descriptor{Name: name, Kind: kind, Value: BoxCodec().Codec()}
}

// FixedBoxes describes a state of boxes whose encodings are all of one length.
func FixedBoxes(name string, kind backends.StateKind) backends.Descriptor {
	return backends.Descriptor{Name: name, Kind: kind, Value: FixedBoxCodec().Codec()}
}

// encodedBox is what BoxCodec writes, in hexadecimal and by other code.
func encodedBox(n int64) string {
	return fmt.Sprintf("%016x", uint64(n)) + "2c2c2c"[:2*(uint64(n)%4)]
}
