package backends

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

// StringKey is the key for a string, with the hash code of a Java string.
func StringKey(s string) Key {
	return Key{Encoded: encodeStringKey(s), Hash: javaStringHash(s)}
}

// Int64Key is the key for a 64-bit integer, with the hash code of a Java Long.
func Int64Key(v int64) Key {
	return Key{Encoded: encodeInt64Key(v), Hash: int32(uint64(v) ^ uint64(v)>>32)}
}

// Int32Key is the key for a 32-bit integer, with the hash code of a Java Integer.
func Int32Key(v int32) Key {
	// The flipped sign bit makes the order of bytes the order of numbers.
	raw := binary.BigEndian.AppendUint32(nil, uint32(v)^1<<31)
	return Key{Encoded: string(raw), Hash: v}
}

// KeyCodec turns keys of one Go type into their encoded form and back. What it
// makes is never empty, and either of fixed length or prefix-free: encoded keys
// can be joined with others without a mark between them.
type KeyCodec[K any] struct {
	// Name stands in snapshots: a map is restored with user keys of the same name
	// alone.
	Name   string
	Encode func(K) string
	Decode func(string) (K, error)
}

// StringKeys encodes strings so that they sort by their bytes.
func StringKeys() KeyCodec[string] {
	return KeyCodec[string]{Name: "string", Encode: encodeStringKey, Decode: decodeStringKey}
}

// Int64Keys encodes 64-bit integers in 8 bytes that sort like the numbers.
func Int64Keys() KeyCodec[int64] {
	return KeyCodec[int64]{Name: "int64", Encode: encodeInt64Key, Decode: decodeInt64Key}
}

// Encoded strings end with two zero bytes; a zero byte of their own is followed
// by 0xFF. So none is a prefix of another, and they sort like the strings.
const (
	stringKeyEnd  = "\x00\x00"
	stringKeyZero = "\x00\xff"
)

func encodeStringKey(s string) string {
	return strings.ReplaceAll(s, "\x00", stringKeyZero) + stringKeyEnd
}

func decodeStringKey(encoded string) (string, error) {
	body, found := strings.CutSuffix(encoded, stringKeyEnd)
	if s := strings.ReplaceAll(body, stringKeyZero, "\x00"); found && encodeStringKey(s) == encoded {
		return s, nil
	}
	return "", fmt.Errorf("decode string key %q: want a string that ends with two zero bytes, its own zeros followed by 0xff", encoded)
}

// TimeKey is the time of a timer as Entries report it: 8 bytes that sort like the
// times.
func TimeKey(time int64) string { return encodeInt64Key(time) }

// TimeOfKey turns a TimeKey back.
func TimeOfKey(key string) (int64, error) { return decodeInt64Key(key) }

func encodeInt64Key(v int64) string {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], uint64(v)^1<<63)
	return string(raw[:])
}

func decodeInt64Key(encoded string) (int64, error) {
	if len(encoded) != 8 {
		return 0, fmt.Errorf("decode integer key: %d bytes instead of 8", len(encoded))
	}
	return int64(binary.BigEndian.Uint64([]byte(encoded)) ^ 1<<63), nil
}

// javaStringHash is String.hashCode: a polynomial over UTF-16 code units. Bytes
// that are no valid UTF-8 count as U+FFFD.
func javaStringHash(s string) int32 {
	var h int32
	for _, r := range s {
		if high, low := utf16.EncodeRune(r); high != '\uFFFD' {
			h = 31*h + int32(high)
			r = low
		}
		h = 31*h + int32(r)
	}
	return h
}
