package heap

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

// spoilt is a codec that decodes some values only.
type spoilt struct {
	backends.Codec
	left *int
}

func (c spoilt) Decode(src []byte) (any, error) {
	if *c.left--; *c.left < 0 {
		return nil, errTest
	}
	return c.Codec.Decode(src)
}

func TestStateIsDecodedWholeOrNotAtAll(t *testing.T) {
	w := newWorld()
	in := w.Open(t, 0, 1)
	for k := range int64(20) {
		in.Put("v", k, k)
	}
	h := w.Write(t, in.Take(1))
	for _, held := range []bool{false, true} {
		back := w.Open(t, 0, 1, h)
		var p backends.Pending
		if held {
			p = back.Take(2)
		}
		left := 10
		d := backendtest.Boxes("v", backends.ValueKind)
		d.Value = spoilt{d.Value, &left}
		if _, err := back.Value(d); err == nil || left >= 0 {
			t.Fatalf("%v, %d values left to spoil", err, left)
		}
		if diff := gocmp.Diff(in.Dump(), back.Dump()); diff != "" {
			t.Errorf("after the failure (-before +after):\n%s", diff)
		}
		if got := back.Read("v", 7); got != 7 {
			t.Errorf("registered again it has %d", got)
		}
		if held {
			same(t, in, w.Open(t, 0, 1, w.Write(t, p)))
		}
	}
}

func same(t *testing.T, want, got *backendtest.Instance) {
	t.Helper()
	if diff := gocmp.Diff(want.Dump(), got.Dump()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// evolved writes numbers in another way than the boxes' codec, and takes those over.
type evolved struct{ backends.Codec }

func (evolved) ID() backends.CodecID        { return backends.CodecID{Name: "box", Version: 2} }
func (c evolved) Duplicate() backends.Codec { return evolved{c.Codec.Duplicate()} }

func (evolved) Evolve(stored backends.CodecID) (backends.Compatibility, backends.Codec) {
	if of := backendtest.BoxCodec().Codec(); stored == of.ID() {
		return backends.AfterMigration, of
	}
	return backends.Incompatible, nil
}

// A snapshot that was open when the state was registered keeps the codec of its
// bytes, the next one has the new codec's.
func TestRegistrationMigratesWhatWasRestored(t *testing.T) {
	w := newWorld()
	in := w.Open(t, 0, 1)
	for k := range int64(20) {
		in.Put("v", k, k)
	}
	back := w.Open(t, 0, 1, w.Write(t, in.Take(1)))
	p := back.Take(2)
	d := backends.Descriptor{Name: "v", Kind: backends.ValueKind, Value: evolved{backendtest.FixedBoxCodec().Codec()}}
	v, err := back.Value(d)
	must(t, err)
	same(t, in, w.Open(t, 0, 1, w.Write(t, p)))
	_, err = back.Value(backendtest.Boxes("v", backends.ValueKind))
	if err == nil || !strings.Contains(err.Error(), "written by codec box/2") {
		t.Errorf("the old codec: %v", err)
	}
	back.Use(7)
	must(t, v.Update(&backendtest.Box{N: 100}))
	again := w.Open(t, 0, 1, w.Write(t, back.Take(3)))
	if v, err = again.Value(d); err != nil {
		t.Fatal(err)
	}
	for k := range int64(20) {
		want := k
		if again.Use(k); k == 7 {
			want = 100
		}
		if got, err := v.Get(); err != nil || got.(*backendtest.Box).N != want {
			t.Errorf("key %d has %v, %v, want %d", k, got, err, want)
		}
	}
}

func TestUnknownKindsOfStateAreRefused(t *testing.T) {
	w := newWorld()
	in := w.Open(t, 0, 1)
	in.Put("some state", 1, 1)
	h := w.Write(t, in.Take(1))
	data := slices.Clone(w.Streams.Files[h.Stream.Path])
	data[bytes.Index(data, []byte("some state"))+len("some state")] = 77
	w.Streams.Files[h.Stream.Path] = data
	if err := reopen(t, w, h); err == nil || !strings.Contains(err.Error(), "kind 77") {
		t.Errorf("%v", err)
	}
}
