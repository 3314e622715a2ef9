package kv_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/heap"

	gocmp "github.com/google/go-cmp/cmp"
)

var canonical = backends.SnapshotOptions{Canonical: true}

// savepoint takes and writes a canonical savepoint.
func savepoint(t *testing.T, w *backendtest.World, in *backendtest.Instance) backends.KeyedHandle {
	t.Helper()
	p, err := in.Snapshot(7, canonical)
	must(t, err)
	h := w.Write(t, p)
	if h.Backend != w.Backend.Name() || h.Format != backends.SavepointFormat || h.Checkpoint != 7 || h.KeyGroups != in.Params.KeyGroups {
		t.Fatalf("the handle is %+v", h)
	}
	return h
}

func fixedList(t *testing.T, in *backendtest.Instance) backends.RawList {
	t.Helper()
	l, err := in.List(backendtest.FixedBoxes("fixed", backends.ListKind))
	must(t, err)
	return l
}

// fillAll writes every kind of state under the first n keys of an instance.
func fillAll(t *testing.T, in *backendtest.Instance, n int) {
	t.Helper()
	l, f, m := in.BoxList("list"), fixedList(t, in), in.BoxMap("map")
	r, a, q := in.Folding(backendtest.ReducingBoxes("reducing")), in.Folding(backendtest.AggregatingBoxes("aggregating")), in.Queue("queue")
	for _, k := range in.OwnKeys(n) {
		in.Put("value", k, k)
		for _, list := range []backends.RawList{l, f} {
			for _, ns := range []string{"w\x00", backends.VoidNamespace} {
				list.SetNamespace(ns)
				must(t, list.AddAll([]any{&backendtest.Box{N: k}, &backendtest.Box{N: k + 1}}))
				must(t, list.Add(&backendtest.Box{N: ','}))
			}
		}
		for _, user := range []string{"b", "a", "c"} {
			must(t, m.Put(user, &backendtest.Box{N: k}))
		}
		for _, ns := range []string{"w", backends.VoidNamespace} {
			r.SetNamespace(ns)
			must(t, r.Add(&backendtest.Box{N: k}))
			_, err := q.Register(-k, ns)
			must(t, err)
		}
		must(t, a.Add(k))
	}
}

// worlds are one of each backend that writes savepoints, with one storage.
func worlds() map[string]*backendtest.World {
	ws := map[string]*backendtest.World{
		"heap": backendtest.NewWorld(heap.New()), "kv": world(&rig{}), "kv that merges": world(&rig{merges: true, native: true}),
	}
	for _, w := range ws {
		w.Streams = ws["kv"].Streams
	}
	return ws
}

// Equal state gives equal bytes: on heap and kv, put in or restored, registered or
// not.
func TestSavepointsOfEqualStateAreEqualOnEveryBackend(t *testing.T) {
	ws := worlds()
	handles := make(map[string]backends.KeyedHandle)
	for name, w := range ws {
		in := w.Open(t, 0, 1)
		fillAll(t, in, 40)
		handles[name] = savepoint(t, w, in)
	}
	streams := ws["kv"].Streams
	want := string(streams.Files[handles["heap"].Stream.Path])
	if len(want) < 1000 {
		t.Fatalf("the heap's savepoint has %d bytes", len(want))
	}
	same := func(what string, h backends.KeyedHandle) {
		t.Helper()
		if diff := gocmp.Diff(handles["heap"].Offsets, h.Offsets); diff != "" || string(streams.Files[h.Stream.Path]) != want {
			t.Errorf("%s: the savepoint differs from the heap's; offsets (-want +got):\n%s", what, diff)
		}
	}
	for name, w := range ws {
		same(name, handles[name])
		for other, h := range handles {
			in := w.Open(t, 0, 1, h)
			same(name+" restored from "+other, savepoint(t, w, in))
			in.BoxMap("map")
			fixedList(t, in)
			same(name+" restored from "+other+" and registered", savepoint(t, w, in))
		}
	}
}

func TestSavepointsAreRestoredAtAnyParallelism(t *testing.T) {
	w := world(&rig{merges: true, native: true})
	in := w.Open(t, 0, 1)
	fillAll(t, in, 40)
	want := in.Dump()
	handles := []backends.KeyedHandle{savepoint(t, w, in)}
	for n := 4; n > 0; n-- {
		var next []backends.KeyedHandle
		for i := range n {
			half := w.Open(t, i, n, handles...)
			if i%2 == 0 {
				fixedList(t, half)
				half.Queue("queue")
			}
			p, err := half.Snapshot(7, backends.SnapshotOptions{Canonical: i%3 == 0, Full: i%3 == 1})
			must(t, err)
			next = append(next, w.Write(t, p))
		}
		handles = next
	}
	last := w.Open(t, 0, 1, handles...)
	if diff := gocmp.Diff(want, last.Dump()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w.Counters["savepoints_written"] == 0 || w.Counters["savepoints_restored"] == 0 {
		t.Errorf("counted %v", w.Counters)
	}
	for _, k := range in.OwnKeys(40) {
		last.Use(k)
		got, err := fixedList(t, last).Get()
		must(t, err)
		if len(got) != 3 || got[0].(*backendtest.Box).N != k || got[2].(*backendtest.Box).N != ',' {
			t.Errorf("the list of key %d is %v", k, got)
		}
	}
}

// Lists of a savepoint are framed until their codec is known, and meet others that
// are not.
func TestListsOfSavepointsAreLaidOutLikeTheRest(t *testing.T) {
	r := &rig{native: true}
	w := world(r)
	put := w.Open(t, 0, 1)
	fillAll(t, put, 30)
	plain := raw(t, r.last(), "fixed")
	h := savepoint(t, w, put)
	in := w.Open(t, 0, 1, h)
	framed := raw(t, r.last(), "fixed")
	if slices.Equal(plain, framed) {
		t.Fatal("the elements of a restored list are not framed")
	}
	fixedList(t, in)
	if diff := gocmp.Diff(plain, raw(t, r.last(), "fixed")); diff != "" {
		t.Errorf("registered (-want +got):\n%s", diff)
	}
	want := put.Dump()
	for n := range 4 {
		var halves []backends.KeyedHandle
		for i := range 2 {
			half := w.Open(t, i, 2, h)
			if n>>i&1 == 1 {
				fixedList(t, half)
			}
			halves = append(halves, w.Write(t, half.Take(8)))
			if halves[i].Format != nativeFormat {
				t.Fatalf("the snapshot is of layout %s", halves[i].Format)
			}
		}
		whole := w.Open(t, 0, 1, halves...)
		if diff := gocmp.Diff(want, whole.Dump()); diff != "" {
			t.Errorf("halves registered %02b (-want +got):\n%s", n, diff)
		}
		fixedList(t, whole)
		if diff := gocmp.Diff(plain, raw(t, r.last(), "fixed")); diff != "" {
			t.Errorf("halves registered %02b, then all (-want +got):\n%s", n, diff)
		}
	}
}

// The task changes and registers every state meanwhile.
func TestSavepointHoldsWhatWasThereInTheSynchronousPhase(t *testing.T) {
	w := world(&rig{})
	put := w.Open(t, 0, 1)
	fillAll(t, put, 20)
	want := put.Dump()
	in := w.Open(t, 0, 1, savepoint(t, w, put))
	p, err := in.Snapshot(1, canonical)
	must(t, err)
	n := int64(0)
	w.Streams.At("write", func() error {
		n++
		in.Put("value", n%20, n+1000)
		must(t, in.BoxList("list").Update([]any{&backendtest.Box{N: -1}}))
		must(t, fixedList(t, in).Add(&backendtest.Box{N: -1}))
		must(t, in.BoxMap("map").Remove("b"))
		_, _, err := in.Queue("queue").Poll()
		in.Boxes("new")
		return err
	})
	h := w.Write(t, p)
	w.Streams.Hook = nil
	if diff := gocmp.Diff(want, w.Open(t, 0, 1, h).Dump()); diff != "" || n < 10 {
		t.Errorf("after %d changes (-want +got):\n%s", n, diff)
	}
}

func TestSavepointsThatCannotBeOfThisOperatorAreRefused(t *testing.T) {
	key := func(k int64) string { return backends.Int64Key(k).Encoded }
	group := func(k int64) int { return backends.KeyGroup(backends.Int64Key(k).Hash, backendtest.Groups) }
	one := backends.Entry{State: "list", Group: group(1), Key: key(1), Namespace: backends.VoidNamespace, Value: []byte("x")}
	value := one
	value.State = "value"
	with := func(change func(e *backends.Entry)) backends.Entry {
		e := one
		change(&e)
		return e
	}
	for words, c := range map[string]struct {
		entries []backends.Entry
		header  func(h *backends.SavepointHeader)
		params  func(p *backends.KeyedParams)
	}{
		"":                           {entries: []backends.Entry{one, with(func(e *backends.Entry) { e.Index = 1 }), value}},
		"KeyedParams.Key is nil":     {params: func(p *backends.KeyedParams) { p.Key = nil }},
		"9 key groups, not 8":        {header: func(h *backends.SavepointHeader) { h.MaxParallelism = 9 }},
		"keys of 0 bytes, not 8":     {header: func(h *backends.SavepointHeader) { h.KeyBytes = 0 }},
		"it belongs to key group":    {entries: []backends.Entry{with(func(e *backends.Entry) { e.Group = (e.Group + 1) % 8 })}},
		"5 bytes instead of 8":       {entries: []backends.Entry{with(func(e *backends.Entry) { e.Key = "short" })}},
		"out of canonical order":     {entries: []backends.Entry{one, one}},
		"an entry is out of":         {entries: []backends.Entry{value, value}},
		"canonical order":            {entries: []backends.Entry{with(func(e *backends.Entry) { e.Index = 1 })}},
		"is out of canonical":        {entries: []backends.Entry{one, with(func(e *backends.Entry) { e.Namespace = "\x00\x00"; e.Index = 1 })}},
		"has brought this key group": {params: func(p *backends.KeyedParams) { p.Restore = append(p.Restore, p.Restore[0]) }},
	} {
		w := world(&rig{})
		h := backends.KeyedHandle{Format: backends.SavepointFormat, Checkpoint: 7, KeyGroups: backends.KeyGroupRange{Start: 0, End: 7}}
		header := backends.SavepointHeader{MaxParallelism: 8, KeyBytes: 8, States: []backends.StateMeta{
			{Name: "list", Kind: backends.ListKind, Codec: backends.CodecID{Name: "box", Version: 1}},
			{Name: "value", Codec: backends.CodecID{Name: "box", Version: 1}},
		}}
		if c.header != nil {
			c.header(&header)
		}
		if c.entries == nil {
			c.entries = []backends.Entry{one}
		}
		params := backends.StreamParams{ChunkBytes: 64, Alive: func() error { return nil }}
		var err error
		h.Stream, err = backends.WriteStream(background, w.Streams, params, func(to *backends.ChunkWriter) (err error) {
			s := backends.NewSavepointWriter(to, h.KeyGroups, header)
			for _, e := range c.entries {
				must(t, s.Entry(e))
			}
			h.Offsets, err = s.Finish()
			return err
		})
		must(t, err)
		p := w.Params(0, 1, h)
		if c.params != nil {
			c.params(&p)
		}
		in, err := w.TryOpen(t, p)
		if words == "" {
			must(t, err)
			if lines := in.Dump(); len(lines) != 3 {
				t.Errorf("restored %v", lines)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), "restore checkpoint 7 into op/0") {
			t.Errorf("error %v, want %q", err, words)
		}
	}
}

// A view of the rig that fails must not end in a savepoint that lacks the rest.
func TestErrorsOfAViewFailTheSavepoint(t *testing.T) {
	r := &rig{}
	w := world(r)
	in := w.Open(t, 0, 1)
	fillAll(t, in, 10)
	r.calls = nil
	savepoint(t, w, in)
	scans := r.calls["view scan"]
	files := w.Streams.Paths()
	for nth := 1; nth <= scans; nth++ {
		r.calls = nil
		p, err := in.Snapshot(1, canonical)
		must(t, err)
		r.fail = func(op string) error {
			if op == "view scan" && r.calls[op] == nth {
				return fmt.Errorf("scan %d: %w", nth, backends.ErrBroken)
			}
			return nil
		}
		_, err = p.Write(background)
		if r.fail = nil; err == nil || !strings.Contains(err.Error(), "write checkpoint 1 of op/0: key group") {
			t.Errorf("scan %d of %d fails: %v", nth, scans, err)
		}
		if left := w.Streams.Paths(); !slices.Equal(left, files) {
			t.Errorf("files %v are left, there were %v", left, files)
		}
	}
}
