package backends

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write golden files")

// oneStream is a storage that keeps the last stream written.
type oneStream struct{ data []byte }

func (m *oneStream) Create(context.Context, CheckpointID, Scope) (StreamWriter, error) {
	return &oneWriter{to: m}, nil
}

func (m *oneStream) Open(context.Context, StreamHandle) (StreamReader, error) {
	return oneReader{bytes.NewReader(m.data)}, nil
}
func (m *oneStream) Discard(context.Context, StreamHandle) error { return nil }

type oneReader struct{ *bytes.Reader }

func (oneReader) Close() error { return nil }

type oneWriter struct {
	bytes.Buffer
	to *oneStream
}

func (w *oneWriter) Offset() int64 { return int64(w.Len()) }
func (w *oneWriter) Abort() error  { return nil }

func (w *oneWriter) CloseForHandle() (StreamHandle, error) {
	w.to.data = w.Bytes()
	return StreamHandle{Path: "stream", SizeBytes: int64(w.Len())}, nil
}

var savepointStates = []StateMeta{
	{Name: "list", Kind: ListKind, Codec: CodecID{"int64", 1}},
	{Name: "map", Kind: MapKind, Codec: CodecID{"string", 2}},
	{Name: "sum", Kind: ReducingKind, Codec: CodecID{"int64", 1}},
	TimersMeta("timers"),
	{Name: "value", Kind: ValueKind, Codec: CodecID{"ttl(int64)", 1}},
}

var savepointGroups = KeyGroupRange{3, 9}

// write makes a savepoint of entries.
func (m *oneStream) write(t interface{ Fatalf(string, ...any) }, entries []Entry) KeyedHandle {
	h := KeyedHandle{Backend: "any", Format: SavepointFormat, Checkpoint: 7, KeyGroups: savepointGroups}
	p := StreamParams{Checkpoint: 7, ChunkBytes: 16, Alive: func() error { return nil }}
	var err error
	h.Stream, err = WriteStream(context.Background(), m, p, func(w *ChunkWriter) error {
		s := NewSavepointWriter(w, savepointGroups, SavepointHeader{MaxParallelism: 128, States: savepointStates})
		for _, e := range entries {
			if err := s.Entry(e); err != nil {
				return err
			}
		}
		var err error
		h.Offsets, err = s.Finish()
		return err
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return h
}

// read returns all entries of a savepoint.
func (m *oneStream) read(h KeyedHandle, r KeyGroupRange) (entries []Entry, err error) {
	s, err := OpenSavepoint(context.Background(), m, h)
	if err != nil {
		return nil, err
	}
	err = s.Entries(r, func(state int, e Entry) error {
		if s.States[state].Name != e.State {
			return fmt.Errorf("state %d is %q", state, e.State)
		}
		entries = append(entries, e)
		return nil
	})
	return entries, err
}

func drawEntries(t *rapid.T) []Entry {
	one := rapid.Custom(func(t *rapid.T) Entry {
		m := rapid.SampledFrom(savepointStates).Draw(t, "state")
		text := rapid.SampledFrom([]string{"a", "b", "\x00", "a\x00", "\xff", ","})
		e := Entry{State: m.Name, Group: rapid.IntRange(3, 9).Draw(t, "group"), Key: text.Draw(t, "key"), Namespace: text.Draw(t, "namespace")}
		switch m.Kind {
		case MapKind:
			e.UserKey = text.Draw(t, "user key")
		case TimerKind:
			e.UserKey = TimeKey(rapid.Int64().Draw(t, "time"))
			e.Value = []byte{}
			return e
		}
		e.Value = rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "value")
		return e
	})
	entries := rapid.SliceOf(one).Draw(t, "entries")
	compare := func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.State, b.State), cmp.Compare(a.Key, b.Key),
			cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.UserKey, b.UserKey))
	}
	slices.SortStableFunc(entries, compare)
	return slices.CompactFunc(entries, func(a, b Entry) bool { return compare(a, b) == 0 })
}

func TestSavepointGivesBackItsEntriesByKeyGroup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := drawEntries(t)
		var m oneStream
		h := m.write(t, entries)
		first := rapid.IntRange(0, 12).Draw(t, "first")
		r := KeyGroupRange{first, rapid.IntRange(first, 12).Draw(t, "last")}
		got, err := m.read(h, r)
		if err != nil {
			t.Fatalf("%v", err)
		}
		want := slices.DeleteFunc(entries, func(e Entry) bool { return !r.Contains(e.Group) })
		if diff := gocmp.Diff(append([]Entry{}, want...), append([]Entry{}, got...)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// sample has entries of each kind; golden files are of it.
func sample() []Entry {
	return []Entry{
		{State: "list", Group: 3, Key: "k\x00\x00", Namespace: VoidNamespace, Value: []byte("first")},
		{State: "list", Group: 3, Key: "k\x00\x00", Namespace: VoidNamespace, Index: 1, Value: []byte("second")},
		{State: "map", Group: 3, Key: "k\x00\x00", Namespace: "window", UserKey: "a", Value: []byte{0}},
		{State: "timers", Group: 8, Key: "k\x00\x00", Namespace: VoidNamespace, UserKey: TimeKey(-5), Value: []byte{}},
		{State: "value", Group: 8, Key: "l\x00\x00", Namespace: VoidNamespace, Value: []byte("stamp-8-value")},
	}
}

func TestDamagedSavepointIsRefusedWhereverTheDamageIs(t *testing.T) {
	var m oneStream
	h := m.write(t, sample())
	whole := m.data
	for i := range whole {
		for _, flip := range []byte{1, 0x80, 0xff} {
			m.data = bytes.Clone(whole)
			m.data[i] ^= flip
			if got, err := m.read(h, savepointGroups); err == nil {
				t.Fatalf("byte %d of %d changed by %#x: read as %v", i, len(whole), flip, got)
			}
		}
	}
	for n := range whole {
		m.data, h.Stream.SizeBytes = whole[:n], int64(n)
		if _, err := m.read(h, savepointGroups); err == nil && n > 0 {
			t.Fatalf("%d of %d bytes were read without an error", n, len(whole))
		}
	}
}

func TestSavepointOfVersion1IsReadForEver(t *testing.T) {
	const golden = "testdata/savepoint-1.bin"
	var m oneStream
	h := m.write(t, sample())
	if *update {
		if err := os.WriteFile(golden, m.data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	m.data = stored
	h.Stream.SizeBytes = int64(len(stored))
	h.Offsets = []int64{85, -1, -1, -1, -1, 139, -1}
	got, err := m.read(h, savepointGroups)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(sample(), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSavepointInANewerLayoutIsRefusedWithItsName(t *testing.T) {
	var m oneStream
	h := m.write(t, sample())
	h.Format = "savepoint/2"
	if _, err := m.read(h, savepointGroups); err == nil || !strings.Contains(err.Error(), `"savepoint/2": this program reads "savepoint/1"`) {
		t.Errorf("%v", err)
	}
	h.Format = SavepointFormat
	m.data[len(savepointMagic)] = 2
	if _, err := m.read(h, savepointGroups); err == nil || !strings.Contains(err.Error(), "version 2: this program reads version 1") {
		t.Errorf("%v", err)
	}
}

func TestSavepointWriterRefusesEntriesOutOfOrder(t *testing.T) {
	s := sample()
	for name, entries := range map[string][]Entry{
		"key groups fall":       {s[3], s[0]},
		"states fall":           {s[2], s[0]},
		"state unknown":         {{State: "nobody's", Group: 3, Key: "k", Namespace: "n", Value: []byte{1}}},
		"key group not in it":   {{State: "list", Group: 2, Key: "k", Namespace: "n", Value: []byte{1}}},
		"key group beyond it":   {{State: "list", Group: 10, Key: "k", Namespace: "n", Value: []byte{1}}},
		"state fell in the end": {s[0], s[2], s[1]},
	} {
		w := NewSavepointWriter(NewChunkWriter(&oneWriter{to: &oneStream{}}, 64, func() error { return nil }), savepointGroups, SavepointHeader{States: savepointStates})
		var all error
		for _, e := range entries {
			all = errors.Join(all, w.Entry(e))
		}
		if all == nil {
			t.Errorf("%s: written", name)
		}
	}
}
