package operator

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends"

	"github.com/google/go-cmp/cmp"
)

func unionList(t *testing.T, b *Backend, name string) *List {
	t.Helper()
	l, err := b.UnionList(name, offsetCodec())
	must(t, err)
	return l
}

func broadcastMap(t *testing.T, b *Backend, name string) *BroadcastMap {
	t.Helper()
	m, err := b.BroadcastMap(name, offsetCodec())
	must(t, err)
	return m
}

// entries lists a map as "key=n", in the order of Range.
func entries(m *BroadcastMap) []string {
	out := []string{}
	m.Range(func(key string, v any) bool {
		out = append(out, fmt.Sprintf("%s=%d", key, v.(*offset).n))
		return true
	})
	return out
}

func TestBroadcastMapIsAMapInByteOrder(t *testing.T) {
	m := broadcastMap(t, open(t, newStreams()), "m")
	for i, key := range []string{"b", "a\x00", "", "a", "ä"} {
		must(t, m.Put(key, &offset{n: int64(i)}))
	}
	if m.Put("a", nil) == nil {
		t.Error("put took nil")
	}
	m.Remove("b")
	m.Remove("never there")
	must(t, m.Put("ä", &offset{n: 7}))
	if diff := cmp.Diff([]string{"=2", "a=3", "a\x00=1", "ä=7"}, entries(m)); diff != "" {
		t.Error(diff)
	}
	if m.Get("b") != nil || m.Contains("b") || !m.Contains("") || m.Get("a").(*offset).n != 3 {
		t.Error("Get and Contains tell something else")
	}
	visits := 0
	m.Range(func(string, any) bool { visits++; return false })
	if visits != 1 {
		t.Errorf("Range went on %d times after it was told to stop", visits-1)
	}
	m.Clear()
	if len(entries(m)) != 0 {
		t.Error("Clear left entries")
	}
}

func TestOneNameHasOneMode(t *testing.T) {
	s := newStreams()
	b := open(t, s)
	list(t, b, "split")
	unionList(t, b, "union")
	must(t, broadcastMap(t, b, "map").Put("k", &offset{}))
	restored := open(t, s, write(t, snapshot(t, b)))
	for _, b := range []*Backend{b, restored} {
		for _, tc := range []struct{ name, want string }{
			{"split", "is split list state, not union list state"},
			{"map", "is broadcast state, not union list state"},
		} {
			if _, err := b.UnionList(tc.name, offsetCodec()); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: %v", tc.name, err)
			}
		}
		if _, err := b.BroadcastMap("split", offsetCodec()); err == nil {
			t.Error("a list became a map")
		}
		if _, err := b.SplitList("union", offsetCodec()); err == nil {
			t.Error("a union list became a split list")
		}
		if _, err := b.BroadcastMap("map", backends.Int64Codec().Codec()); err == nil {
			t.Error("another codec was accepted")
		}
		if _, err := b.BroadcastMap("another", nil); err == nil {
			t.Error("no codec was accepted")
		}
	}
	other := open(t, s)
	unionList(t, other, "split")
	conflict := []backends.OperatorHandle{write(t, snapshot(t, b)), write(t, snapshot(t, other))}
	if _, err := Open(background, Params{Streams: s, Restore: conflict}); err == nil {
		t.Error("two handles of one name and two modes were restored")
	}
}

// variants are the layouts in which every state is written and read back.
var variants = map[string]Params{"plain": {}, "compressed": {Compress: true}}

// filled has each kind of state, with more than one chunk and one Snappy block of
// elements, and a registered map without entries.
func filled(t *testing.T, p Params) *Backend {
	t.Helper()
	p.Operator = "op"
	b, err := Open(background, p)
	must(t, err)
	fill(t, b, "list", 0, 90)
	must(t, unionList(t, b, "union").AddAll([]any{&offset{n: 1}, &offset{n: 2}}))
	m := broadcastMap(t, b, "map")
	for i := range 2000 {
		must(t, m.Put(fmt.Sprintf("a key that is long enough for several blocks %d", i), &offset{n: int64(i)}))
	}
	broadcastMap(t, b, "map without entries")
	return b
}

func states(t *testing.T, b *Backend) []State {
	t.Helper()
	all, err := b.Dump()
	must(t, err)
	return all
}

func TestEveryStateComesBack(t *testing.T) {
	for name, p := range variants {
		s := newStreams()
		p.Streams = s
		first := filled(t, p)
		want := states(t, first)
		h := write(t, snapshot(t, first))
		// What is not registered is carried on, as it was stored.
		for range 2 {
			b := open(t, s, h)
			if diff := cmp.Diff(want, states(t, b)); diff != "" {
				t.Fatalf("%s, not registered: %s", name, diff)
			}
			h = write(t, snapshot(t, b))
		}
		b := open(t, s, h)
		fill(t, b, "list", 90, 91)
		must(t, broadcastMap(t, b, "map").Put("last", &offset{n: 5}))
		fill(t, first, "list", 90, 91)
		must(t, broadcastMap(t, first, "map").Put("last", &offset{n: 5}))
		if diff := cmp.Diff(states(t, first), states(t, b)); diff != "" {
			t.Fatalf("%s, registered: %s", name, diff)
		}
	}
}

// Maps change in place while their snapshot is under way, as lists do.
func TestSnapshotHoldsTheMapOfItsMoment(t *testing.T) {
	for name, p := range variants {
		s := newStreams()
		p.Streams = s
		b := filled(t, p)
		want := states(t, b)
		pending := snapshot(t, b)
		s.hook = func(string) error {
			m := broadcastMap(t, b, "map")
			m.Range(func(_ string, v any) bool {
				v.(*offset).n += 1000
				return true
			})
			m.Remove("a key that is long enough for several blocks 0")
			return m.Put("new", &offset{n: -1})
		}
		must(t, s.hook(""))
		h := write(t, pending)
		s.hook = nil
		if diff := cmp.Diff(want, states(t, open(t, s, h))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCompressionShowsInTheHandleAndTheSize(t *testing.T) {
	sizes := map[string]int{}
	for name, p := range variants {
		s := newStreams()
		p.Streams = s
		h := write(t, snapshot(t, filled(t, p)))
		data := s.files[h.Stream.Path]
		sizes[h.Format] = len(data)
		if bytes.Contains(data, []byte("several blocks 1999")) == p.Compress {
			t.Errorf("%s: compressed %t", name, !p.Compress)
		}
		h.Format = map[string]string{formatPlain: formatCompressed, formatCompressed: formatPlain}[h.Format]
		if _, err := Open(background, Params{Streams: s, Restore: []backends.OperatorHandle{h}}); err == nil {
			t.Errorf("%s: read in the other layout", name)
		}
	}
	if 2*sizes[formatCompressed] > sizes[formatPlain] {
		t.Errorf("sizes %v", sizes)
	}
}

// Each bit of a stream that is flipped is either noticed or in a place that the
// storage's own checksum covers alone: nothing panics, nothing hangs.
func TestDamagedCompressedStreamsDoNotPanic(t *testing.T) {
	s := newStreams()
	b, err := Open(background, Params{Streams: s, Compress: true})
	must(t, err)
	fill(t, b, "l", 0, 3)
	must(t, broadcastMap(t, b, "m").Put("k", &offset{n: 1}))
	h := write(t, snapshot(t, b))
	whole := slices.Clone(s.files[h.Stream.Path])
	noticed := 0
	for i := range whole {
		s.files[h.Stream.Path] = slices.Clone(whole)
		s.files[h.Stream.Path][i] ^= 0x41
		if _, err := Open(background, Params{Streams: s, Restore: []backends.OperatorHandle{h}}); err != nil {
			noticed++
		}
	}
	// Snappy's stream identifiers and checksums leave little unnoticed.
	if noticed < len(whole)*9/10 {
		t.Errorf("%d of %d changes were noticed", noticed, len(whole))
	}
}
