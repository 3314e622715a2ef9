package operator

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"flinch/backends"

	"github.com/google/go-cmp/cmp"
)

var background = context.Background()

// offset is an element that the tests change in place.
type offset struct{ n int64 }

func offsetCodec() backends.Codec {
	return backends.TypedCodec[*offset]{
		ID: backends.CodecID{Name: "offset", Version: 1},
		Append: func(dst []byte, o *offset) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, uint64(o.n)), nil
		},
		Decode: func(src []byte) (*offset, error) {
			if len(src) != 8 {
				return nil, fmt.Errorf("%d bytes", len(src))
			}
			return &offset{n: int64(binary.BigEndian.Uint64(src))}, nil
		},
	}.Codec()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, s *streams, restore ...backends.OperatorHandle) *Backend {
	t.Helper()
	b, err := Open(background, Params{Operator: "op", Streams: s, Restore: restore})
	must(t, err)
	return b
}

func list(t *testing.T, b *Backend, name string) *List {
	t.Helper()
	l, err := b.SplitList(name, offsetCodec())
	must(t, err)
	return l
}

// fill adds the elements from..to-1 to a list.
func fill(t *testing.T, b *Backend, name string, from, to int64) {
	t.Helper()
	l := list(t, b, name)
	for n := from; n < to; n++ {
		must(t, l.Add(&offset{n: n}))
	}
}

func snapshot(t *testing.T, b *Backend) *Pending {
	t.Helper()
	p, err := b.Snapshot(1)
	must(t, err)
	return p
}

func write(t *testing.T, p *Pending) backends.OperatorHandle {
	t.Helper()
	h, err := p.Write(background)
	must(t, err)
	return h
}

// dump returns the elements of each state.
func dump(t *testing.T, b *Backend) map[string][]int64 {
	t.Helper()
	states, err := b.Dump()
	must(t, err)
	out := make(map[string][]int64)
	for _, s := range states {
		out[s.Name] = []int64{}
		for _, e := range s.Elements {
			out[s.Name] = append(out[s.Name], int64(binary.BigEndian.Uint64(e)))
		}
	}
	return out
}

func TestListRefusesNilAndIsNeverNil(t *testing.T) {
	b := open(t, newStreams())
	l := list(t, b, "l")
	if l.Get() == nil {
		t.Error("an empty list is nil")
	}
	bad := []any{&offset{n: 1}, nil}
	for name, err := range map[string]error{"add": l.Add(nil), "add all": l.AddAll(bad), "update": l.Update(bad)} {
		if err == nil {
			t.Errorf("%s took nil", name)
		}
	}
	if len(l.Get()) != 0 {
		t.Errorf("the list has %v", l.Get())
	}
	must(t, l.AddAll([]any{&offset{n: 1}, &offset{n: 2}}))
	must(t, l.Update([]any{&offset{n: 3}}))
	must(t, l.Add(&offset{n: 4}))
	if diff := cmp.Diff(map[string][]int64{"l": {3, 4}}, dump(t, b)); diff != "" {
		t.Error(diff)
	}
	l.Clear()
	if len(l.Get()) != 0 {
		t.Error("Clear left elements")
	}
}

func TestOneNameIsOneList(t *testing.T) {
	b := open(t, newStreams())
	fill(t, b, "l", 0, 2)
	if got := len(list(t, b, "l").Get()); got != 2 {
		t.Errorf("%d elements", got)
	}
	if _, err := b.SplitList("l", backends.Int64Codec().Codec()); err == nil || !strings.Contains(err.Error(), "offset/1") {
		t.Errorf("another codec: %v", err)
	}
	if _, err := b.SplitList("", offsetCodec()); err == nil {
		t.Error("no name was accepted")
	}
}

// Elements change in place and the list grows between the two phases, and
// whenever a chunk is written.
func TestSnapshotHoldsTheListsOfItsMoment(t *testing.T) {
	s := newStreams()
	b := open(t, s)
	fill(t, b, "a", 0, 300)
	fill(t, b, "b", 5, 7)
	want := dump(t, b)
	p := snapshot(t, b)
	s.hook = func(string) error {
		l := list(t, b, "a")
		items := l.Get()
		for _, v := range items {
			v.(*offset).n += 1000
		}
		must(t, l.Update(append(items, &offset{n: -1})))
		return nil
	}
	must(t, s.hook("")) // before the asynchronous phase begins
	h := write(t, p)
	s.hook = nil
	if diff := cmp.Diff(want, dump(t, open(t, s, h))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !slices.Contains(dump(t, b)["a"], -1) {
		t.Error("the list did not change meanwhile")
	}
}

func TestNothingAndEmptyListsNeedNoStream(t *testing.T) {
	s := newStreams()
	b := open(t, s)
	if h := write(t, snapshot(t, b)); !reflect.DeepEqual(h, backends.OperatorHandle{}) {
		t.Errorf("without state: %+v", h)
	}
	list(t, b, "l")
	h := write(t, snapshot(t, b))
	if len(h.States) != 1 || h.States[0].Name != "l" || len(h.States[0].Offsets) != 0 || !h.Stream.IsEmpty() {
		t.Errorf("with an empty list: %+v", h)
	}
	if len(s.files) != 0 {
		t.Errorf("files %v", s.files)
	}
	if diff := cmp.Diff(map[string][]int64{"l": {}}, dump(t, open(t, s, h))); diff != "" {
		t.Error(diff)
	}
}

func TestUnregisteredListsAreCarriedOn(t *testing.T) {
	s := newStreams()
	first := open(t, s)
	fill(t, first, "old", 0, 5)
	second := open(t, s, write(t, snapshot(t, first)))
	third := open(t, s, write(t, snapshot(t, second)))
	if diff := cmp.Diff(dump(t, first), dump(t, third)); diff != "" {
		t.Error(diff)
	}
	if _, err := third.SplitList("old", backends.Int64Codec().Codec()); err == nil {
		t.Error("another codec was accepted")
	}
	if got := list(t, third, "old").Get(); len(got) != 5 || got[4].(*offset).n != 4 {
		t.Errorf("got %v", got)
	}
}

var errTest = errors.New("injected by the test")

func TestFailedWritesLeaveNothing(t *testing.T) {
	for _, op := range []string{"create", "write", "close"} {
		s := newStreams()
		b := open(t, s)
		fill(t, b, "l", 0, 300)
		p := snapshot(t, b)
		s.hook = func(o string) error {
			if o == op {
				return errTest
			}
			return nil
		}
		if _, err := p.Write(background); !errors.Is(err, errTest) {
			t.Errorf("%s: %v", op, err)
		}
		if len(s.files) != 0 {
			t.Errorf("%s: files %v", op, s.files)
		}
		if _, err := p.Write(background); err == nil {
			t.Errorf("%s: written twice", op)
		}
	}
}

func TestDiscardEndsAWriteUnderWay(t *testing.T) {
	for _, op := range []string{"create", "write", "close"} {
		s := newStreams()
		b := open(t, s)
		fill(t, b, "l", 0, 300)
		p := snapshot(t, b)
		s.hook = func(o string) error {
			if o == op {
				must(t, p.Discard())
			}
			return nil
		}
		if _, err := p.Write(background); !errors.Is(err, errReleased) {
			t.Errorf("during %s: %v", op, err)
		}
		if len(s.files) != 0 {
			t.Errorf("during %s: files %v", op, s.files)
		}
		must(t, p.Discard())
	}
}

// Once the stream is closed its file is there; a cancelled checkpoint must not
// leave it.
func TestCancelledWriteLeavesNothing(t *testing.T) {
	for _, op := range []string{"create", "write", "close"} {
		s := newStreams()
		b := open(t, s)
		fill(t, b, "l", 0, 300)
		ctx, cancel := context.WithCancel(background)
		s.hook = func(o string) error {
			if o == op {
				cancel()
			}
			return nil
		}
		if _, err := snapshot(t, b).Write(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("during %s: %v", op, err)
		}
		if len(s.files) != 0 {
			t.Errorf("during %s: files %v", op, s.files)
		}
	}
}

func TestDamagedHandlesAndStreamsAreErrors(t *testing.T) {
	s := newStreams()
	b := open(t, s)
	fill(t, b, "l", 0, 3)
	h := write(t, snapshot(t, b))
	whole := s.files[h.Stream.Path]
	reopen := func(h backends.OperatorHandle) error {
		_, err := Open(background, Params{Streams: s, Restore: []backends.OperatorHandle{h}})
		return err
	}
	for i := 1; i < len(whole); i++ {
		short := h
		s.files[h.Stream.Path] = whole[:i]
		short.Stream.SizeBytes = int64(i)
		if reopen(short) == nil {
			t.Errorf("cut to %d bytes: no error", i)
		}
	}
	s.files[h.Stream.Path] = whole
	for name, change := range map[string]func(*backends.OperatorHandle){
		"layout": func(h *backends.OperatorHandle) { h.Format = "operator/2" },
		"offset": func(h *backends.OperatorHandle) { h.States[0].Offsets = []int64{1 << 40} },
		"mode":   func(h *backends.OperatorHandle) { h.States[0].Mode = backends.Broadcast + 1 },
		"magic":  func(*backends.OperatorHandle) { s.files[h.Stream.Path][0]++ },
	} {
		bad := h
		bad.States = slices.Clone(h.States)
		change(&bad)
		if reopen(bad) == nil {
			t.Errorf("another %s: no error", name)
		}
	}
}
