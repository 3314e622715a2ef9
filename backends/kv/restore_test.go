package kv_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/kv"

	gocmp "github.com/google/go-cmp/cmp"
)

// sample is a full snapshot with every kind of state.
func sample(t *testing.T, r *rig) (*backendtest.World, backends.KeyedHandle, []string) {
	w := world(r)
	in := w.Open(t, 0, 1)
	l, m, q := in.BoxList("list"), in.BoxMap("map"), timersOf(t, in, "timers")
	sum, err := in.Reducing(backends.Descriptor{
		Name: "sum", Kind: backends.ReducingKind, Value: backends.Int64Codec().Codec(),
		Reduce: func(a, b any) any { return a.(int64) + b.(int64) },
	})
	must(t, err)
	fixed, err := in.List(backendtest.FixedBoxes("fixed", backends.ListKind))
	must(t, err)
	for k := range int64(6) {
		in.Put("value", k, k)
		must(t, l.AddAll([]any{&backendtest.Box{N: k}, &backendtest.Box{N: k}}))
		must(t, fixed.AddAll([]any{&backendtest.Box{N: k}, &backendtest.Box{N: k}}))
		for _, user := range []string{"a", "b", "c"} {
			must(t, m.Put(user, &backendtest.Box{N: k}))
			_, err := q.Register(-k, user)
			must(t, errors.Join(err, sum.Add(k)))
		}
	}
	return w, w.Write(t, in.TakeFull(9)), in.Dump()
}

func reopen(t *testing.T, w *backendtest.World, h ...backends.KeyedHandle) error {
	_, err := w.TryOpen(t, w.Params(0, 1, h...))
	return err
}

// A storage that lets damage through must not bring the task down.
func TestDamagedStreamsAreErrorsNotPanics(t *testing.T) {
	w, h, _ := sample(t, &rig{})
	s := w.Streams
	whole := s.Files[h.Stream.Path]
	must(t, reopen(t, w, h))
	refused := 0
	for i := range whole {
		short := h
		s.Files[h.Stream.Path] = whole[:i]
		short.Stream.SizeBytes = int64(i)
		if err := reopen(t, w, short); i > 0 && (err == nil || !strings.Contains(err.Error(), "checkpoint 9")) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
		if err := reopen(t, w, h); err == nil {
			t.Fatalf("length %d instead of %d was accepted", i, len(whole))
		}
		for _, bits := range []byte{1, 0x80, 0xff} {
			bad := slices.Clone(whole)
			bad[i] ^= bits
			s.Files[h.Stream.Path] = bad
			if reopen(t, w, h) != nil { // a changed value is the checksum's concern; a panic is not
				refused++
			}
		}
	}
	if refused < len(whole) {
		t.Errorf("%d of %d damaged streams were refused", refused, 3*len(whole))
	}
}

// stream is one written by hand: the layout kv/1, letter by letter.
func stream(group string) string {
	return "FLKV1" + "\x08" + "\x02" + "\x03" + // key groups, bytes of a key, states
		"\x01f\x01\x09fixed-box\x01\x08" + // name, kind, codec and its version, bytes of an element
		"\x01m\x02\x03box\x01\x00" +
		"\x01v\x00\x03box\x01\x00" +
		group
}

func blob(s string) string { return string(binary.AppendUvarint(nil, uint64(len(s)))) + s }

func TestFullSnapshotsAreReadToTheLetter(t *testing.T) {
	const (
		key  = "ab\x00" // and the void namespace
		next = "ac\x00"
		box  = "\x00\x00\x00\x00\x00\x00\x00\x04"
	)
	v := func(key, value string) string { return blob(key) + blob(value) }
	for _, c := range []struct{ group, words string }{
		{"\x05" + "\x01" + v(key, box+","+box) + v(next, box) + "\x00" + "\x02" + v(key+"u", "\x00"+box) + v(key+"w", "\x00"+box) + "\x00" + "\x03" + v(key, box) + "\x00" + "\x00", ""},
		{"\x04" + "\x03" + v(key, box) + "\x00" + "\x00", "key group 4 begins here"},
		{"\x05" + "\x00", "no state has an entry"},
		{"\x05" + "\x03" + "\x00" + "\x00", "a state has no entries"},
		{"\x05" + "\x04" + v(key, box) + "\x00" + "\x00", "state 3 is not in the header"},
		{"\x05" + "\x03" + v(key, box) + "\x00" + "\x03" + v(next, box) + "\x00" + "\x00", "state 2 is not in the header or comes twice"},
		{"\x05" + "\x03" + v(key, box) + "\x00" + "\x01" + v(key, box) + "\x00" + "\x00", "comes twice"},
		{"\x05" + "\x03" + v(key, box) + v(key, box) + "\x00" + "\x00", "out of order"},
		{"\x05" + "\x03" + v(next, box) + v(key, box) + "\x00" + "\x00", "out of order"},
		{"\x05" + "\x03" + v("a", box) + "\x00" + "\x00", "no whole key"},
		{"\x05" + "\x03" + v("ab", box) + "\x00" + "\x00", "no namespace"},
		{"\x05" + "\x03" + v("ab\x01w", box) + "\x00" + "\x00", "no namespace"},
		{"\x05" + "\x03" + v(key+"u", box) + "\x00" + "\x00", `the user key is "u" in value state`},
		{"\x05" + "\x02" + v(key, "\x00"+box) + "\x00" + "\x00", `the user key is "" in map state`},
		{"\x05" + "\x02" + v(key+"u", box[:1]) + "\x00" + "\x00", "1 bytes"},
		{"\x05" + "\x02" + v(key+"u", "\x01"+box) + "\x00" + "\x00", "flag 0x1"},
		{"\x05" + "\x01" + v(key, box+box) + "\x00" + "\x00", "no comma"},
		{"\x05" + "\x03" + v(key, "") + "\x00" + "\x00", "a value has no bytes"},
		{"\x05" + "\x03" + v(key, box), "no number"},
		{"\x05" + "\x03" + v(key, box) + "\x00", "no number"},
		{"\x05" + "\x03" + "\xff\x7f", "16383 items announced"},
	} {
		w := world(&rig{})
		w.KeyBytes = 2
		data := stream(c.group)
		w.Streams.Files["x"] = []byte(data)
		h := backends.KeyedHandle{
			Backend: "another", Format: kv.Format, Checkpoint: 9, KeyGroups: backends.KeyGroupRange{Start: 5, End: 5},
			Stream: backends.StreamHandle{Path: "x", SizeBytes: int64(len(data))}, Offsets: []int64{int64(len(stream("")))},
		}
		in, err := w.TryOpen(t, w.Params(0, 1, h))
		if c.words != "" {
			if err == nil || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), "restore checkpoint 9 into op/0: key group 5 in stream x: ") {
				t.Errorf("%q: error %v, want %q", c.group, err, c.words)
			}
			continue
		}
		must(t, err)
		// Written again it is the same, byte by byte.
		again := w.Write(t, in.TakeFull(10))
		if diff := gocmp.Diff(data, string(w.Streams.Files[again.Stream.Path])); diff != "" {
			t.Errorf("written again (-want +got):\n%s", diff)
		}
	}
}

func TestTablesOfStatesAreReadToTheLetter(t *testing.T) {
	for _, c := range []struct{ header, words string }{
		{"FLKV2\x08\x08\x00", "not a table of states"},
		{"FLKV1\x09\x08\x00", "9 key groups, not 8"},
		{"FLKV1\x08\x00\x00", "keys of 0 bytes, not 8"},
		{"FLKV1\x08\x08\x01\x00\x00\x03box\x01\x00", "state 0 has no name"},
		{"FLKV1\x08\x08\x01\x01v\x63\x03box\x01\x00", `state "v" is of the unknown kind 99`},
		{"FLKV1\x08\x08\x02\x01w\x00\x03box\x01\x00\x01v\x00\x03box\x01\x00", "order of names"},
		{"FLKV1\x08\x08\x02\x01v\x00\x03box\x01\x00\x01v\x00\x03box\x01\x00", "order of names"},
		{"FLKV1\x08\x08\x01\x01v\x01\x03box\x01\xff\xff\xff\xff\x0f", "elements of 4294967295 bytes"},
		{"FLKV1\x08\x08\x7f", "127 items announced"},
	} {
		w := world(&rig{})
		w.Streams.Files["x"] = []byte(c.header)
		h := backends.KeyedHandle{
			Format: kv.Format, Checkpoint: 9, KeyGroups: backends.KeyGroupRange{Start: 0, End: 0}, Offsets: []int64{0},
			Stream: backends.StreamHandle{Path: "x", SizeBytes: int64(len(c.header))},
		}
		if err := reopen(t, w, h); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%q: error %v, want %q", c.header, err, c.words)
		}
	}
}

// A savepoint of one engine is what another begins with, beside checkpoints of
// its own.
func TestFullSnapshotsGoFromEngineToEngine(t *testing.T) {
	w, h, want := sample(t, &rig{native: true, merges: true})
	w.Backend = kv.New(engine{})
	plain := w.Open(t, 0, 1, h)
	if diff := gocmp.Diff(want, plain.Dump()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.Backend = kv.New(&rig{native: true})
	var handles []backends.KeyedHandle
	for i := range 2 {
		in := w.Open(t, i, 2, h)
		p, err := in.Snapshot(10, backends.SnapshotOptions{Full: i == 0})
		must(t, err)
		handles = append(handles, w.Write(t, p))
	}
	if handles[0].Format == handles[1].Format {
		t.Fatalf("both handles are of the layout %s", handles[0].Format)
	}
	if diff := gocmp.Diff(want, w.Open(t, 0, 1, handles...).Dump()); diff != "" {
		t.Errorf("half a savepoint and half a checkpoint (-want +got):\n%s", diff)
	}
}

// Entries of others would come back with the next rescaling.
func TestRestorePutsOnlyOwnedKeyGroupsIntoTheStore(t *testing.T) {
	r := &rig{}
	w, h, want := sample(t, r)
	lines := 0
	for i := range 3 {
		in := w.Open(t, i, 3, h)
		for _, name := range r.last().Families() {
			for _, line := range raw(t, r.last(), name) {
				if lines++; !in.Params.KeyGroups.Contains(int(line[0])) {
					t.Errorf("subtask %d of key groups %s has %q", i, in.Params.KeyGroups, line)
				}
			}
		}
	}
	if elements := 12; lines != len(want)-elements {
		t.Errorf("%d entries are stored, of %d", lines, len(want)-elements)
	}
}

// What the engine restored must fit what was kept beside it.
func TestTablesOfTheEngineAreHeldAgainstItsFamilies(t *testing.T) {
	w := world(&rig{native: true})
	in := w.Open(t, 0, 1)
	in.Put("v", 1, 1)
	h := w.Write(t, in.Take(9))
	must(t, reopen(t, w, h))
	extra := h
	extra.Files = append(slices.Clone(h.Files), backends.FileHandle{Name: "stray", Stream: h.Files[0].Stream})
	reserved := h
	reserved.Files = append(slices.Clone(h.Files), backends.FileHandle{Name: "default", Stream: h.Files[0].Stream})
	must(t, reopen(t, w, reserved))
	long := h
	w.Streams.Files["long"] = append(slices.Clone(w.Streams.Files[h.Stream.Path]), 0)
	long.Stream = backends.StreamHandle{Path: "long", SizeBytes: h.Stream.SizeBytes + 1}
	for words, h := range map[string]backends.KeyedHandle{`a family "stray" that no table`: extra, "1 bytes left over": long} {
		if err := reopen(t, w, h); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("error %v, want %q", err, words)
		}
	}
}

// Whatever stops an instance from being opened, its store is closed once.
func TestInstancesThatCannotBeOpenedCloseTheirStore(t *testing.T) {
	r := &rig{}
	w, h, _ := sample(t, r)
	killed := func(op string) func() error {
		return func() (err error) {
			defer func() {
				if got := recover(); got != nil {
					err = fmt.Errorf("%v", got)
				}
			}()
			r.fail = func(o string) error {
				if o == op {
					panic("killed")
				}
				return nil
			}
			return reopen(t, w, h)
		}
	}
	for name, try := range map[string]func() error{
		"a put fails": func() error {
			r.fail = func(op string) error {
				if op == "put" {
					return backends.ErrBroken
				}
				return nil
			}
			return reopen(t, w, h)
		},
		"damage":               func() error { h := h; h.Stream.SizeBytes++; return reopen(t, w, h) },
		"killed in a put":      killed("put"),
		"killed in its family": killed("family"),
		"another's handle":     func() error { h := h; h.Format = "x/1"; return reopen(t, w, h) },
	} {
		before := len(r.stores)
		if err := try(); err == nil {
			t.Errorf("%s: no error", name)
		}
		r.fail = nil
		if len(r.stores) != before+1 || r.last().ends != 1 {
			t.Errorf("%s: the store was closed %d times", name, r.last().ends)
		}
	}
}
