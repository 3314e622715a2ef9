package kv_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/kv"

	gocmp "github.com/google/go-cmp/cmp"
)

var background = context.Background()

// However a snapshot ends, its view is released, once.
func TestViewsAreReleasedOnceInEveryPath(t *testing.T) {
	type snapshot struct {
		in *backendtest.Instance
		p  backends.Pending
		s  *backendtest.Streams
	}
	at := func(op string, do func(a snapshot) error) func(a snapshot) {
		return func(a snapshot) {
			a.s.At(op, func() error { return do(a) })
			_, _ = a.p.Write(background)
		}
	}
	discard := func(a snapshot) error { return a.p.Discard() }
	for name, end := range map[string]func(a snapshot){
		"written":                 func(a snapshot) { _, err := a.p.Write(background); must(t, err) },
		"discarded":               func(a snapshot) { must(t, errors.Join(a.p.Discard(), a.p.Discard())) },
		"discarded while created": at("create", discard),
		"discarded while written": at("write", discard),
		"discarded while closed":  at("close", discard),
		"state closed":            func(a snapshot) { must(t, a.in.Close()) },
		"state closed meanwhile":  at("write", func(a snapshot) error { return a.in.Close() }),
		"write fails":             at("write", func(snapshot) error { return backends.ErrBroken }),
		"cancelled": func(a snapshot) {
			ctx, cancel := context.WithCancel(background)
			cancel()
			_, _ = a.p.Write(ctx)
		},
		"killed": func(a snapshot) {
			defer func() { _ = recover() }()
			at("write", func(snapshot) error { panic("killed") })(a)
		},
	} {
		for _, o := range []backends.SnapshotOptions{{}, canonical} {
			r := &rig{}
			w := world(r)
			in := w.Open(t, 0, 1)
			for k := range int64(20) {
				in.Put("v", k, k)
			}
			p, err := in.Snapshot(1, o)
			must(t, err)
			end(snapshot{in, p, w.Streams})
			w.Streams.Hook = nil
			if got := r.last().views[0].releases; got != 1 {
				t.Errorf("%s, %+v: released %d times", name, o, got)
			}
			_, _ = p.Write(background)
			must(t, p.Discard())
			must(t, in.Close())
			if got := r.last().views[0].releases; got != 1 {
				t.Errorf("%s, %+v, and closed: released %d times", name, o, got)
			}
		}
	}
}

// A Scan that was stopped by its store, not by the writer, must not end in a
// snapshot that lacks the rest.
func TestErrorsOfAViewFailTheSnapshot(t *testing.T) {
	r := &rig{}
	w := world(r)
	in := w.Open(t, 0, 1)
	for k := range int64(20) {
		in.Put("v", k, k)
	}
	before := r.calls["view scan"]
	w.Write(t, in.Take(1))
	scans := r.calls["view scan"] - before
	if scans < 5 {
		t.Fatalf("a snapshot takes %d scans", scans)
	}
	files := w.Streams.Paths()
	for nth := 1; nth <= scans; nth++ {
		r.calls = nil
		p := in.Take(1)
		r.fail = func(op string) error {
			if op == "view scan" && r.calls[op] == nth {
				return backends.ErrBroken
			}
			return nil
		}
		_, err := p.Write(background)
		if r.fail = nil; !errors.Is(err, backends.ErrBroken) || !strings.Contains(err.Error(), "write checkpoint 1 of op/0: key group") {
			t.Errorf("scan %d fails: %v", nth, err)
		}
		if left := w.Streams.Paths(); !slices.Equal(left, files) {
			t.Errorf("files %v are left, there were %v", left, files)
		}
	}
}

// Groups and states without entries cost no scans.
func TestScansAreAsManyAsGroupsWithEntries(t *testing.T) {
	r := &rig{}
	w := world(r)
	w.Groups = backends.MaxParallelismMax
	in := w.Open(t, 0, 1)
	for k := range int64(5) {
		in.Put("a", k, k)
	}
	in.Put("b", 3, 3)
	in.Boxes("c")
	want := in.Dump()
	r.calls = nil
	h := w.Write(t, in.Take(1))
	if got := r.calls["view scan"]; got > 5+1+3 {
		t.Errorf("%d scans for 6 entries in %d key groups", got, w.Groups)
	}
	in.Dump()
	if got := r.calls["scan"]; got > 5+1+3 {
		t.Errorf("%d scans to list 6 entries in %d key groups", got, w.Groups)
	}
	if diff := gocmp.Diff(want, w.Open(t, 0, 1, h).Dump()); diff != "" || len(want) != 6 {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Full snapshots are the same whatever order states were registered in, and
// whatever store they come from.
func TestFullSnapshotsAreCanonical(t *testing.T) {
	var files []string
	for i, names := range [][]string{{"a", "b", "c"}, {"c", "a", "b"}} {
		w := world(&rig{merges: i == 0, native: i == 1})
		in := w.Open(t, 0, 1)
		for _, name := range names {
			in.Boxes(name)
		}
		for k := range int64(20) {
			key := k
			if i == 1 {
				key = 19 - k
			}
			for _, name := range names {
				in.Put(name, key, key)
			}
		}
		h := w.Write(t, in.TakeFull(1))
		files = append(files, string(w.Streams.Files[h.Stream.Path]))
	}
	if diff := gocmp.Diff(files[0], files[1]); diff != "" {
		t.Errorf("two snapshots of equal state differ:\n%s", diff)
	}
}

func TestPiecesOfASnapshotAreSmall(t *testing.T) {
	w := world(&rig{})
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
	if writes < h.Stream.SizeBytes/1024 || w.Counters["full_snapshots_written"] != 1 {
		t.Errorf("%d bytes in %d writes; counted %v", h.Stream.SizeBytes, writes, w.Counters)
	}
}

// What a store does not do of its own, the instance takes for nothing to do.
func TestStoresNeedNeitherSnapshotsNorBackgroundWork(t *testing.T) {
	for _, native := range []bool{false, true} {
		r := &rig{native: native}
		in := world(r).Open(t, 0, 1)
		m := in.Keyed.(backends.Maintainer)
		p := in.Take(1)
		if got, want := m.Backlog(), map[bool]int{true: 2}[native]; got != want {
			t.Errorf("native %v: backlog %d, want %d", native, got, want)
		}
		must(t, m.Maintain(background))
		must(t, errors.Join(in.NotifyComplete(1), in.NotifyAborted(2), in.NotifySubsumed(1), p.Discard()))
		calls := r.calls["complete"] + r.calls["aborted"] + r.calls["subsumed"] + r.calls["maintain"]
		if calls != map[bool]int{true: 4}[native] {
			t.Errorf("native %v: %v", native, r.calls)
		}
		r.fail = func(string) error { return backends.ErrBroken }
		for _, err := range []error{in.NotifyComplete(3), in.NotifyAborted(3), in.NotifySubsumed(3), m.Maintain(background)} {
			if errors.Is(err, backends.ErrBroken) != native {
				t.Errorf("native %v: %v", native, err)
			}
		}
		_, err := in.Snapshot(4, backends.SnapshotOptions{})
		if !errors.Is(err, backends.ErrBroken) || !strings.Contains(err.Error(), "snapshot 4 of op/0") {
			t.Errorf("native %v: %v", native, err)
		}
		r.fail = nil
		must(t, in.Close())
		if got := m.Backlog(); got != 0 {
			t.Errorf("native %v: backlog %d after Close", native, got)
		}
		must(t, m.Maintain(background))
	}
}

type absent struct{ engine }

func (absent) Unavailable() string { return "no such library" }

func TestWhatAnEngineLacksIsTold(t *testing.T) {
	if got := kv.New(absent{}).Unavailable(); got != "no such library" {
		t.Errorf("unavailable: %q", got)
	}
	if got := kv.New(engine{}).Unavailable(); got != "" {
		t.Errorf("an engine that says nothing is unavailable: %q", got)
	}
}
