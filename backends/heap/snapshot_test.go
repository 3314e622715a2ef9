package heap

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
)

var background = context.Background()

// The task changes another key of the same state between the encoding of a value
// and the write of its bytes: a codec shared by both phases would lend the same
// scratch memory twice. Chunks of many sizes end at every place of an entry.
func TestAsynchronousPhaseHasItsOwnCodec(t *testing.T) {
	for chunk := int64(16); chunk < 48; chunk++ {
		w := newWorld()
		w.Tuning = map[string]int64{tuneChunkBytes: chunk}
		in := w.Open(t, 0, 1)
		for k := range int64(64) {
			in.Put("v", k, k)
		}
		want := in.Dump()
		p := in.Take(1)
		next := int64(0)
		w.Streams.At("write", func() error {
			key := next % 64
			next++
			in.Put("v", key, in.Read("v", key)+1000)
			return nil
		})
		h := w.Write(t, p)
		w.Streams.Hook = nil
		if diff := gocmp.Diff(want, w.Open(t, 0, 1, h).Dump()); diff != "" {
			t.Fatalf("chunks of %d bytes (-want +got):\n%s", chunk, diff)
		}
		if next < 16 {
			t.Errorf("chunks of %d bytes: only %d writes to run in", chunk, next)
		}
	}
}

// required is the newest version that some table still copies for.
func required(states []*state) int64 {
	var newest int64
	for _, s := range states {
		for _, t := range s.tables.all() {
			newest = max(newest, t.required)
		}
	}
	return newest
}

// However a snapshot ends, the tables stop copying for it.
func TestEverySnapshotIsReleased(t *testing.T) {
	for name, end := range map[string]func(in *instance, p backends.Pending, s *backendtest.Streams){
		"discarded": func(_ *instance, p backends.Pending, _ *backendtest.Streams) { must(t, p.Discard()) },
		"written": func(_ *instance, p backends.Pending, _ *backendtest.Streams) {
			_, err := p.Write(background)
			must(t, err)
		},
		"closed": func(in *instance, _ backends.Pending, _ *backendtest.Streams) { must(t, in.Close()) },
		"write fails": func(_ *instance, p backends.Pending, s *backendtest.Streams) {
			s.At("write", func() error { return errTest })
			_, _ = p.Write(background)
		},
		"discarded while writing": func(_ *instance, p backends.Pending, s *backendtest.Streams) {
			s.At("write", p.Discard)
			_, _ = p.Write(background)
		},
		"killed": func(_ *instance, p backends.Pending, s *backendtest.Streams) {
			defer func() { _ = recover() }()
			s.At("write", func() error { panic("killed") })
			_, _ = p.Write(background)
		},
	} {
		w := newWorld()
		opened := w.Open(t, 0, 1)
		in := inner(opened)
		for k := range int64(20) {
			opened.Put("v", k, k)
		}
		states := in.states
		p := opened.Take(1)
		if required(states) == 0 {
			t.Fatal("an open snapshot requires nothing")
		}
		end(in, p, w.Streams)
		if got := required(states); got != 0 || len(in.pendings) != 0 {
			t.Errorf("%s: version %d is still required, %d snapshots are open", name, got, len(in.pendings))
		}
	}
}

func TestWriteReleasesEachKeyGroupAsSoonAsItIsWritten(t *testing.T) {
	w := newWorld()
	in := w.Open(t, 0, 1)
	for k := range int64(20) {
		in.Put("v", k, k)
	}
	held := func() (n int) {
		for _, table := range inner(in).byName["v"].tables.all() {
			if table.required > 0 {
				n++
			}
		}
		return n
	}
	var seen []int
	p := in.Take(1)
	w.Streams.Hook = func(string) error {
		seen = append(seen, held())
		return nil
	}
	w.Write(t, p)
	seen = slices.Compact(append(seen, held()))
	if !slices.IsSortedFunc(seen, func(a, b int) int { return b - a }) || len(seen) < w.Groups/2 || seen[len(seen)-1] != 0 {
		t.Errorf("key groups held during the write: %v", seen)
	}
}

func TestPiecesOfASnapshotAreSmall(t *testing.T) {
	w := newWorld()
	w.Tuning = nil
	in := w.Open(t, 0, 1)
	for k := range int64(1000) {
		in.Put("v", k, k)
	}
	h := w.Write(t, in.Take(1))
	writes := int64(0)
	for _, op := range w.Streams.Calls {
		if op == "write" {
			writes++
		}
	}
	if writes < h.Stream.SizeBytes/1024 {
		t.Errorf("%d bytes in %d writes", h.Stream.SizeBytes, writes)
	}
}

func TestHandlesOfOthersAreRefused(t *testing.T) {
	w, h := sample(t)
	for _, change := range []func(*backends.KeyedHandle){
		func(h *backends.KeyedHandle) { h.Backend = "rocksdb" },
		func(h *backends.KeyedHandle) { h.Format = "heap/1" },
	} {
		bad := h
		change(&bad)
		if err := reopen(t, w, bad); err == nil {
			t.Errorf("%s of %s was accepted", bad.Format, bad.Backend)
		}
	}
	if got := fmt.Sprint(h.Format, " ", h.Backend); got != "heap/2 heap" {
		t.Errorf("a snapshot is %s", got)
	}
}
