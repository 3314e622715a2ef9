package backends

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Encoded keys are joined with others without a mark: no key may be the
// beginning of another.
func TestStringKeysArePrefixFreeAndNotEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.StringOf(rapid.SampledFrom([]rune{0, 1, 2, 'a', ',', 0x80, '😀'}))
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		ka, kb := StringKey(a), StringKey(b)
		if ka.Encoded == "" || (a != b && strings.HasPrefix(kb.Encoded, ka.Encoded)) {
			t.Fatalf("%q is %q, %q is %q", a, ka.Encoded, b, kb.Encoded)
		}
		if back, err := StringKeys().Decode(ka.Encoded); err != nil || back != a {
			t.Fatalf("%q came back as %q, %v", a, back, err)
		}
	})
}

func TestIntegerKeysSortLikeNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		if (a < b) != (Int64Key(a).Encoded < Int64Key(b).Encoded) {
			t.Fatalf("%d and %d", a, b)
		}
		if x, y := int32(a), int32(b); (x < y) != (Int32Key(x).Encoded < Int32Key(y).Encoded) {
			t.Fatalf("%d and %d", x, y)
		}
		if back, err := Int64Keys().Decode(Int64Key(a).Encoded); err != nil || back != a {
			t.Fatalf("%d came back as %d, %v", a, back, err)
		}
	})
	if _, err := Int64Keys().Decode("short"); err == nil {
		t.Error("5 bytes were decoded")
	}
}

func TestCodecsGiveBackWhatTheyTook(t *testing.T) {
	for _, c := range []struct {
		codec Codec
		value any
	}{
		{Int64Codec().Codec(), int64(-7)},
		{StringCodec().Codec(), ""},
		{StringCodec().Codec(), "a\x00b,"},
		{BytesCodec().Codec(), []byte{}},
		{BytesCodec().Codec(), []byte{0, 0x2c}},
	} {
		encoded, err := c.codec.Encode(c.value)
		if err != nil || len(encoded) == 0 {
			t.Fatalf("%v: %q, %v", c.value, encoded, err)
		}
		src := bytes.Clone(encoded)
		back, err := c.codec.Decode(src)
		clear(src)
		again, _ := c.codec.Encode(back)
		want, _ := c.codec.Duplicate().Encode(c.value)
		if err != nil || !bytes.Equal(again, want) {
			t.Errorf("%s: %v came back as %v, %v", c.codec.ID(), c.value, back, err)
		}
		if _, err := c.codec.Decode(want[:len(want)-1]); err == nil {
			t.Errorf("%s: decoded %q without its last byte", c.codec.ID(), want)
		}
		if _, err := c.codec.Decode(append(bytes.Clone(want), 0)); err == nil {
			t.Errorf("%s: decoded %q with a byte more", c.codec.ID(), want)
		}
		if _, err := c.codec.Encode(struct{}{}); err == nil {
			t.Errorf("%s: encoded a value of another type", c.codec.ID())
		}
	}
}

func TestCopyIsDeepAndDuplicateHasItsOwnScratch(t *testing.T) {
	codec := BytesCodec().Codec()
	given := []byte("abc")
	copied, err := codec.Copy(given)
	given[0] = 'x'
	if err != nil || string(copied.([]byte)) != "abc" {
		t.Errorf("%q, %v", copied, err)
	}
	lent, _ := codec.Encode([]byte("one"))
	_, _ = codec.Duplicate().Encode([]byte("two"))
	if string(lent) != "\x03one" {
		t.Errorf("a duplicate wrote %q into lent memory", lent)
	}
}

func TestCodecWithoutBytesIsRefused(t *testing.T) {
	codec := TypedCodec[int]{
		ID:     CodecID{Name: "none", Version: 1},
		Append: func(dst []byte, _ int) ([]byte, error) { return dst, nil },
	}.Codec()
	if _, err := codec.Encode(1); err == nil || !strings.Contains(err.Error(), "none/1") {
		t.Errorf("%v", err)
	}
}

// memory is a stream that keeps its pieces.
type memory struct {
	pieces [][]byte
	short  bool
	err    error
}

func (m *memory) Write(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	if m.short {
		return len(p) - 1, nil
	}
	m.pieces = append(m.pieces, bytes.Clone(p))
	return len(p), nil
}

func (m *memory) Offset() int64 { return int64(len(slices.Concat(m.pieces...))) }

func (m *memory) CloseForHandle() (StreamHandle, error) { return StreamHandle{}, nil }

func (m *memory) Abort() error { return nil }

func always() error { return nil }

func TestChunksAreReadBackInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &memory{}
		chunk := rapid.IntRange(1, 40).Draw(t, "chunk")
		w := NewChunkWriter(m, chunk, always)
		texts := rapid.SliceOf(rapid.StringN(0, 60, -1)).Draw(t, "texts")
		var offsets []int64
		for i, s := range texts {
			offsets = append(offsets, w.Offset())
			w.Byte(byte(i))
			w.Uint32(uint32(i) << 20)
			w.String(s)
			w.Blob([]byte(s))
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		for _, p := range m.pieces {
			if len(p) > max(chunk, 10) {
				t.Fatalf("a piece of %d bytes, chunks are %d", len(p), chunk)
			}
		}
		c := NewCursor(slices.Concat(m.pieces...))
		for i, s := range texts {
			c.Jump(offsets[i])
			if c.Byte() != byte(i) || c.Uint32() != uint32(i)<<20 || c.String() != s || string(c.Blob()) != s {
				t.Fatalf("text %d came back otherwise: %v", i, c.Err())
			}
		}
		if err := c.Finish(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestChunkWriterStopsAtTheFirstError(t *testing.T) {
	failed := errors.New("injected by the test")
	alive := always
	for name, m := range map[string]*memory{"error": {err: failed}, "short": {short: true}, "not alive": {}} {
		if name == "not alive" {
			alive = func() error { return failed }
		}
		w := NewChunkWriter(m, 16, alive)
		w.String(strings.Repeat("x", 100))
		w.Blob(make([]byte, 100))
		w.Uvarint(1)
		if w.Err() == nil || w.Flush() != w.Err() {
			t.Errorf("%s: %v", name, w.Err())
		}
		if len(m.pieces) > 1 {
			t.Errorf("%s: %d pieces", name, len(m.pieces))
		}
	}
}

func TestCursorBelievesNoLength(t *testing.T) {
	for _, data := range []string{"", "\x05abc", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		c := NewCursor([]byte(data))
		if b := c.Blob(); b != nil || c.Err() == nil || !strings.HasPrefix(c.Err().Error(), "byte ") {
			t.Errorf("%q: %q, %v", data, b, c.Err())
		}
		first := c.Err()
		c.Jump(-1)
		if c.Byte() != 0 || c.Uint32() != 0 || c.Uvarint() != 0 || c.Finish() != first {
			t.Errorf("%q: %v after %v", data, c.Finish(), first)
		}
	}
}
