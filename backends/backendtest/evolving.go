package backendtest

import (
	"encoding/binary"
	"fmt"

	"flinch/backends"
)

// evolving is a box codec of another name or version that takes over what others
// wrote, as it is told.
type evolving struct {
	backends.Codec
	from map[backends.CodecID]taking
}

// taking is the answer for one stored codec.
type taking struct {
	outcome backends.Compatibility
	read    func() backends.Codec // with AfterMigration
}

var (
	_ backends.Evolver    = (*evolving)(nil)
	_ backends.FixedSizer = (*evolving)(nil)
)

func (c *evolving) Evolve(stored backends.CodecID) (backends.Compatibility, backends.Codec) {
	t := c.from[stored]
	if t.read == nil {
		return t.outcome, nil
	}
	return t.outcome, t.read()
}

func (c *evolving) FixedBytes() int { return c.Codec.(backends.FixedSizer).FixedBytes() }

func (c *evolving) Duplicate() backends.Codec { return &evolving{c.Codec.Duplicate(), c.from} }

// The codecs that tests evolve between.
var (
	box1    = backends.CodecID{Name: "box", Version: 1}
	box2    = backends.CodecID{Name: "box", Version: 2}
	box3    = backends.CodecID{Name: "box", Version: 3}
	renamed = backends.CodecID{Name: "crate", Version: 1}
	fixed1  = backends.CodecID{Name: "fixed-box", Version: 1}
)

// migrates is an answer: bytes are read by the codec that wrote them.
func migrates(read backends.TypedCodec[*Box]) taking {
	return taking{backends.AfterMigration, func() backends.Codec { return read.Codec() }}
}

// box2Codec writes the digits of the number, and takes over box/1.
func box2Codec() backends.Codec {
	return &evolving{digitsCodec().Codec(), map[backends.CodecID]taking{box1: migrates(BoxCodec()), fixed1: migrates(FixedBoxCodec())}}
}

func digitsCodec() backends.TypedCodec[*Box] {
	return backends.TypedCodec[*Box]{
		ID:     box2,
		Append: func(dst []byte, b *Box) ([]byte, error) { return fmt.Appendf(dst, "%d,", b.N), nil },
		Decode: func(src []byte) (*Box, error) {
			var b Box
			if n, err := fmt.Sscanf(string(src), "%d,", &b.N); n != 1 || err != nil {
				return nil, fmt.Errorf("%q is no number and a comma", src)
			}
			return &b, nil
		},
	}
}

// box3Codec writes the number alone, in 8 bytes each time, and takes over both older
// versions.
func box3Codec() backends.Codec {
	t := FixedBoxCodec()
	t.ID = box3
	return &evolving{t.Codec(), map[backends.CodecID]taking{box1: migrates(BoxCodec()), box2: migrates(digitsCodec())}}
}

// renamedCodec reads and writes what box/1 does, under another name.
func renamedCodec() backends.Codec {
	t := BoxCodec()
	t.ID = renamed
	return &evolving{t.Codec(), map[backends.CodecID]taking{box1: {outcome: backends.AsIs}}}
}

// shortCodec is renamedCodec for bytes that are all of one length, which it says;
// those who wrote them did not.
func shortCodec() backends.Codec {
	t := FixedBoxCodec()
	t.ID = renamed
	return &evolving{t.Codec(), map[backends.CodecID]taking{unsaid: {outcome: backends.AsIs}, fixed1: {outcome: backends.AsIs}}}
}

var unsaid = backends.CodecID{Name: "unsaid", Version: 1}

// unsaidCodec writes 8 bytes each time, and does not say so.
func unsaidCodec() backends.Codec {
	t := FixedBoxCodec()
	t.ID, t.FixedBytes = unsaid, 0
	return &evolving{t.Codec(), map[backends.CodecID]taking{fixed1: {outcome: backends.AsIs}}}
}

// breakingCodec takes over box/1 but for boxes with the number bad.
func breakingCodec(bad int64) backends.Codec {
	broken := BoxCodec()
	whole := broken.Decode
	broken.Decode = func(src []byte) (*Box, error) {
		if len(src) >= 8 && int64(binary.BigEndian.Uint64(src)) == bad {
			return nil, errTest
		}
		return whole(src)
	}
	return &evolving{digitsCodec().Codec(), map[backends.CodecID]taking{box1: migrates(broken)}}
}

// refusingCodec takes over box/1, and cannot write boxes with the number bad.
func refusingCodec(bad int64) backends.Codec {
	refusing := digitsCodec()
	whole := refusing.Append
	refusing.Append = func(dst []byte, b *Box) ([]byte, error) {
		if b.N == bad {
			return nil, errTest
		}
		return whole(dst, b)
	}
	return &evolving{refusing.Codec(), map[backends.CodecID]taking{box1: migrates(BoxCodec())}}
}
