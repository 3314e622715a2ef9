package storage

import (
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"
)

// Kind of sealed bytes: what they are, in two letters.
type Kind string

// The kinds of sealed bytes.
const (
	MetadataKind Kind = "MD" // metadata of a checkpoint
	PointerKind  Kind = "PT" // root of the completed-checkpoint store
)

// A frame is: 6 bytes "flinch", 2 bytes kind, 4 bytes version, 8 bytes length of
// the payload, the payload, 8 bytes xxhash64 of everything before. Integers are
// little-endian. The checksum covers the header, so that a flipped version is
// damage and not a newer format.
const (
	frameMagic        = "flinch"
	frameHeaderBytes  = 20
	frameTrailerBytes = 8
)

// Seal returns payload in a frame that says what it is and finds any damage.
// The kind has two letters.
func Seal(kind Kind, version uint32, payload []byte) []byte {
	if len(kind) != 2 {
		panic(fmt.Sprintf("seal: kind %q: want two letters", kind))
	}
	out := make([]byte, 0, frameHeaderBytes+len(payload)+frameTrailerBytes)
	out = append(out, frameMagic...)
	out = append(out, kind...)
	out = binary.LittleEndian.AppendUint32(out, version)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(payload)))
	out = append(out, payload...)
	return binary.LittleEndian.AppendUint64(out, xxhash.Sum64(out))
}

// Unseal verifies a frame and returns its payload, which shares memory with
// data. Any damage is ErrCorrupt; a version above versionMax is an error of its
// own, since those bytes are whole.
func Unseal(kind Kind, versionMax uint32, data []byte) (version uint32, payload []byte, err error) {
	if err := Verify(data); err != nil {
		return 0, nil, err
	}
	if got := Kind(data[6:8]); got != kind {
		return 0, nil, fmt.Errorf("frame of kind %q, want %q: %w", got, kind, ErrCorrupt)
	}
	version = binary.LittleEndian.Uint32(data[8:])
	if version > versionMax {
		return 0, nil, fmt.Errorf("format version %d is newer than the newest that is known here, %d", version, versionMax)
	}
	return version, data[frameHeaderBytes : len(data)-frameTrailerBytes], nil
}

// Verify tells whether data is one whole frame of any kind and version. The
// error wraps ErrCorrupt.
func Verify(data []byte) error {
	if len(data) < frameHeaderBytes+frameTrailerBytes {
		return fmt.Errorf("%d bytes are too few for a frame: %w", len(data), ErrCorrupt)
	}
	if string(data[:6]) != frameMagic {
		return fmt.Errorf("no frame begins here: %w", ErrCorrupt)
	}
	said := binary.LittleEndian.Uint64(data[12:])
	if has := uint64(len(data) - frameHeaderBytes - frameTrailerBytes); said != has {
		return fmt.Errorf("frame says %d bytes and holds %d: %w", said, has, ErrCorrupt)
	}
	end := len(data) - frameTrailerBytes
	if said, is := binary.LittleEndian.Uint64(data[end:]), xxhash.Sum64(data[:end]); said != is {
		return fmt.Errorf("checksum %#016x, frame says %#016x: %w", is, said, ErrCorrupt)
	}
	return nil
}
