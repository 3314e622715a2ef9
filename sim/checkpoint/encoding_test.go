package checkpoint

import (
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"flinch/backends"
	"flinch/backends/storage"
)

// listOf draws nil, empty and longer slices: all three must come back as such.
func listOf[T any](t *rapid.T, label string, draw func(*rapid.T) T) []T {
	n := rapid.IntRange(-1, 3).Draw(t, label)
	if n < 0 {
		return nil
	}
	list := make([]T, n)
	for i := range list {
		list[i] = draw(t)
	}
	return list
}

func drawInt(t *rapid.T) int     { return rapid.Int().Draw(t, "int") }
func drawInt64(t *rapid.T) int64 { return rapid.Int64().Draw(t, "int64") }
func drawByte(t *rapid.T) byte   { return rapid.Byte().Draw(t, "byte") }
func drawText(t *rapid.T) string { return rapid.String().Draw(t, "text") }

func drawStream(t *rapid.T) backends.StreamHandle {
	return backends.StreamHandle{
		Path:        drawText(t),
		Inline:      listOf(t, "inline", drawByte),
		SizeBytes:   drawInt64(t),
		Sum:         rapid.Uint64().Draw(t, "sum"),
		Scope:       rapid.SampledFrom([]backends.Scope{backends.Exclusive, backends.Shared}).Draw(t, "scope"),
		Placeholder: rapid.Bool().Draw(t, "placeholder"),
	}
}

func drawKeyed(t *rapid.T) backends.KeyedHandle {
	return backends.KeyedHandle{
		Backend:    drawText(t),
		Format:     drawText(t),
		Checkpoint: backends.CheckpointID(drawInt64(t)),
		KeyGroups:  backends.KeyGroupRange{Start: drawInt(t), End: drawInt(t)},
		Stream:     drawStream(t),
		Offsets:    listOf(t, "offsets", drawInt64),
		Files: listOf(t, "files", func(t *rapid.T) backends.FileHandle {
			return backends.FileHandle{Name: drawText(t), Stream: drawStream(t)}
		}),
	}
}

func drawOperatorHandle(t *rapid.T) backends.OperatorHandle {
	modes := []backends.DistributionMode{backends.Split, backends.Union, backends.Broadcast}
	return backends.OperatorHandle{
		Format: drawText(t),
		Stream: drawStream(t),
		States: listOf(t, "states", func(t *rapid.T) backends.OperatorStateHandle {
			return backends.OperatorStateHandle{
				Name:    drawText(t),
				Mode:    rapid.SampledFrom(modes).Draw(t, "mode"),
				Codec:   backends.CodecID{Name: drawText(t), Version: drawInt(t)},
				Offsets: listOf(t, "offsets", drawInt64),
			}
		}),
	}
}

func drawChannel(t *rapid.T) ChannelHandle {
	return ChannelHandle{
		Output: rapid.Bool().Draw(t, "output"), Stream: drawStream(t),
		Parts: listOf(t, "parts", func(t *rapid.T) ChannelPart {
			return ChannelPart{Peer: drawInt(t), Offset: drawInt64(t), Records: drawInt(t)}
		}),
	}
}

func drawMetadata(t *rapid.T) Metadata {
	return Metadata{
		ID:             backends.CheckpointID(drawInt64(t)),
		Parallelism:    drawInt(t),
		MaxParallelism: drawInt(t),
		Attempt:        drawInt(t),
		Operators: listOf(t, "operators", func(t *rapid.T) Operator {
			return Operator{
				Name:        drawText(t),
				Parallelism: drawInt(t),
				Subtasks: listOf(t, "subtasks", func(t *rapid.T) Subtask {
					return Subtask{Keyed: listOf(t, "keyed", drawKeyed), Operator: listOf(t, "operator", drawOperatorHandle), Channels: listOf(t, "channels", drawChannel)}
				}),
			}
		}),
	}
}

func TestMetadataComesBackDeeplyEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawMetadata(t)
		got, err := Decode(Encode(want))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

// TestNoFieldOfAHandleIsForgotten fails when a contract type gets a field that
// the encoding does not know.
func TestNoFieldOfAHandleIsForgotten(t *testing.T) {
	want := Metadata{}
	fill(reflect.ValueOf(&want).Elem())
	got, err := Decode(Encode(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// fill sets every leaf of v to something that is not its zero value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(1)
	default:
		panic("fill: " + v.Kind().String())
	}
}

func TestDecodeRefusesAnyBytesWithoutPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := Encode(drawMetadata(t))
		payload = payload[20 : len(payload)-8]
		switch rapid.IntRange(0, 2).Draw(t, "damage") {
		case 0:
			payload = payload[:rapid.IntRange(0, len(payload)-1).Draw(t, "end")]
		case 1:
			payload[rapid.IntRange(0, len(payload)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "to")
		case 2:
			payload = rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		}
		m, err := Decode(storage.Seal(storage.MetadataKind, 1, payload))
		if err != nil && !errors.Is(err, storage.ErrCorrupt) {
			t.Fatalf("error %v", err)
		}
		if err == nil { // other metadata, then: it must be whole
			if again, err := Decode(Encode(m)); err != nil || !reflect.DeepEqual(again, m) {
				t.Fatalf("%+v, then %+v, %v", m, again, err)
			}
		}
	})
}

func TestDecodeBelievesNoLength(t *testing.T) {
	head := []byte{0, 0, 0, 0} // id, parallelism, max parallelism, attempt
	for _, n := range []uint64{2, 1 << 20, 1 << 40, math.MaxUint64} {
		payload := binary.AppendUvarint(head[:4:4], n)
		if _, err := Decode(storage.Seal(storage.MetadataKind, 1, payload)); !errors.Is(err, storage.ErrCorrupt) {
			t.Errorf("%d operators: error %v", n, err)
		}
		name := binary.AppendUvarint(append(head[:4:4], 2), n)
		if _, err := Decode(storage.Seal(storage.MetadataKind, 1, name)); !errors.Is(err, storage.ErrCorrupt) {
			t.Errorf("name of %d bytes: error %v", n, err)
		}
	}
}

func TestDecodeRefusesBytesThatAreLeftOver(t *testing.T) {
	_, err := Decode(storage.Seal(storage.MetadataKind, 1, []byte{2, 2, 2, 2, 0, 0}))
	if !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), "left over") {
		t.Errorf("error %v", err)
	}
}

func TestDecodeRefusesANewerVersion(t *testing.T) {
	_, err := Decode(storage.Seal(storage.MetadataKind, metadataVersion+1, nil))
	if err == nil || !strings.Contains(err.Error(), "newer") || errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("error %v", err)
	}
}

func TestDecodedMetadataSharesNoMemoryWithTheBytes(t *testing.T) {
	m := Metadata{}
	fill(reflect.ValueOf(&m).Elem())
	data := Encode(m)
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	clear(data)
	if diff := cmp.Diff(m, got); diff != "" {
		t.Error(diff)
	}
}

func TestStreamsYieldsEveryHandleOnceInOrder(t *testing.T) {
	named := func(path string) backends.StreamHandle { return backends.StreamHandle{Path: path} }
	m := Metadata{Operators: []Operator{
		{Subtasks: []Subtask{
			{
				Keyed:    []backends.KeyedHandle{{Stream: named("a"), Files: []backends.FileHandle{{Stream: named("b")}, {Stream: named("c")}}}},
				Operator: []backends.OperatorHandle{{Stream: named("d")}},
			},
			{},
		}},
		{Subtasks: []Subtask{{Operator: []backends.OperatorHandle{{Stream: named("e")}}}}},
	}}
	var got strings.Builder
	for h := range m.Streams() {
		got.WriteString(h.Path)
	}
	if got.String() != "abcde" {
		t.Errorf("streams %s", got.String())
	}
	for range m.Streams() {
		break // must stop at once: a second yield would panic
	}
}

func BenchmarkEncode(b *testing.B) {
	m := Metadata{}
	fill(reflect.ValueOf(&m).Elem())
	b.ReportAllocs()
	for b.Loop() {
		Encode(m)
	}
}

func BenchmarkDecode(b *testing.B) {
	m := Metadata{}
	fill(reflect.ValueOf(&m).Elem())
	data := Encode(m)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}
