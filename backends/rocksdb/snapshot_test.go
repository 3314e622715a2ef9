//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/backends"
	"flinch/faults"
)

func TestSnapshotIsRestoredExactly(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		s := w.open(0, 1)
		fill(t, s, 1, 500)
		want := dump(t, s)
		h := w.snapshot(s, 1)
		fill(t, s, 2, 100)
		must(t, s.Close())
		got := w.open(0, 1, h)
		if diff := cmp.Diff(want, dump(t, got)); diff != "" || len(want) < 100 {
			t.Fatalf("%d entries; restored state differs (-written +restored):\n%s", len(want), diff)
		}
		if tables := got.Tables(); len(tables) != 1 || string(tables[0]) != "table" {
			t.Errorf("restored tables of states %q", tables)
		}
		if w.counters[countReopens] != 1 {
			t.Errorf("%d reopened databases counted, want 1", w.counters[countReopens])
		}
	})
}

func TestWritesDuringTheAsynchronousPhaseDoNotShow(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		s := w.open(0, 1)
		fill(t, s, 1, 300)
		want := dump(t, s)
		p := w.begin(s, 1)
		w.hook = func(op faults.Op) faults.Outcome {
			if !op.Atomic && strings.HasPrefix(op.Path, "/cp") {
				put(t, s, "\x03", op.Path+op.Kind.String(), strings.Repeat("later", 100))
				must(t, s.Maintain(background))
			}
			return faults.Outcome{}
		}
		h := w.resolve(w.write(p))
		w.hook = nil
		must(t, s.Close())
		if diff := cmp.Diff(want, dump(t, w.open(0, 1, h))); diff != "" {
			t.Fatalf("restored state differs (-written +restored):\n%s", diff)
		}
	})
}

func TestOnlyConfirmedCheckpointsAreBuiltOn(t *testing.T) {
	type step struct {
		do   string
		id   backends.CheckpointID
		from backends.CheckpointID // of a snapshot: whose files it reuses; 0: none
	}
	for name, steps := range map[string][]step{
		"confirmed":              {{"snap", 1, 0}, {"complete", 1, 0}, {"snap", 2, 1}},
		"not confirmed":          {{"snap", 1, 0}, {"snap", 2, 0}},
		"aborted":                {{"snap", 1, 0}, {"abort", 1, 0}, {"complete", 1, 0}, {"snap", 2, 0}},
		"later one aborted":      {{"snap", 1, 0}, {"complete", 1, 0}, {"snap", 2, 1}, {"abort", 2, 0}, {"snap", 3, 1}},
		"out of order":           {{"snap", 1, 0}, {"snap", 2, 0}, {"complete", 2, 0}, {"complete", 1, 0}, {"snap", 3, 2}},
		"unknown":                {{"snap", 1, 0}, {"complete", 7, 0}, {"snap", 8, 0}},
		"base is not aborted":    {{"snap", 1, 0}, {"complete", 1, 0}, {"abort", 1, 0}, {"snap", 2, 1}},
		"subsumed means nothing": {{"snap", 1, 0}, {"subsumed", 1, 0}, {"snap", 2, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]int64{tuneLevel0Trigger: 64})
			s := w.open(0, 1)
			taken := make(map[backends.CheckpointID]backends.KeyedHandle)
			for i, st := range steps {
				switch st.do {
				case "complete":
					must(t, s.NotifyComplete(st.id))
				case "abort":
					must(t, s.NotifyAborted(st.id))
				case "subsumed":
					must(t, s.NotifySubsumed(st.id))
				case "snap":
					fill(t, s, i, 40)
					h := w.write(w.begin(s, st.id))
					checkReuse(t, h, taken[st.from])
					taken[st.id] = w.resolve(h)
				}
			}
		})
	}
}

// checkReuse looks that h reuses all table files of base, and nothing else.
func checkReuse(t *testing.T, h, base backends.KeyedHandle) {
	t.Helper()
	var want []string
	for name, f := range tableFiles(base.Files) {
		want = append(want, name)
		at := slices.IndexFunc(h.Files, func(f backends.FileHandle) bool { return f.Name == name })
		if at < 0 {
			t.Fatalf("checkpoint %d has no %s", h.Checkpoint, name)
		}
		f.Placeholder = true
		if diff := cmp.Diff(f, h.Files[at].Stream); diff != "" {
			t.Errorf("placeholder of %s (-want +got):\n%s", name, diff)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, placeholders(h)); diff != "" {
		t.Errorf("reused files of checkpoint %d (-want +got):\n%s", h.Checkpoint, diff)
	}
}

func TestAbortDuringTheAsynchronousPhaseIsKept(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	fill(t, s, 1, 40)
	p := w.begin(s, 1)
	must(t, s.NotifyAborted(1))
	w.write(p)
	must(t, s.NotifyComplete(1))
	if h := w.write(w.begin(s, 2)); len(placeholders(h)) > 0 {
		t.Errorf("checkpoint 2 reuses %s of the aborted checkpoint 1", placeholders(h))
	}
}

func TestInlinedFilesAreGivenAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.storage(1 << 20)
	s := w.open(0, 1)
	fill(t, s, 1, 40)
	first := w.write(w.begin(s, 1))
	must(t, s.NotifyComplete(1))
	second := w.write(w.begin(s, 2))
	if names := placeholders(second); len(names) > 0 {
		t.Errorf("%s are placeholders, though their bytes are in the handle", names)
	}
	if diff := cmp.Diff(tableFiles(first.Files), tableFiles(second.Files)); diff != "" {
		t.Errorf("table files (-first +second):\n%s", diff)
	}
	must(t, s.Close())
	w.open(0, 1, second)
}

func TestHandleSaysWhatIsShared(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	fill(t, s, 1, 40)
	h := w.write(w.begin(s, 1))
	if h.Backend != "rocksdb" || h.Format != "rocksdb/1" || h.Checkpoint != 1 || h.KeyGroups != s.params.KeyGroups {
		t.Errorf("handle is of %q in %q, of checkpoint %d and key groups %s", h.Backend, h.Format, h.Checkpoint, h.KeyGroups)
	}
	if !slices.IsSortedFunc(h.Files, func(a, b backends.FileHandle) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("files are not in the order of their names")
	}
	for _, f := range h.Files {
		if shared := f.Stream.Scope == backends.Shared; shared != strings.HasSuffix(f.Name, ".sst") {
			t.Errorf("%s: shared is %t", f.Name, shared)
		}
	}
	if h.Stream.Scope != backends.Exclusive {
		t.Error("the table of states is shared")
	}
}

func TestWrittenSnapshotLeavesNoFolder(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		s := w.open(0, 1)
		fill(t, s, 1, 40)
		p := w.begin(s, 1)
		if len(s.leftovers(t)) != 1 {
			t.Fatal("a snapshot has no folder of its own")
		}
		w.write(p)
		if left := s.leftovers(t); len(left) > 0 {
			t.Errorf("%s is left", left)
		}
		must(t, w.begin(s, 2).Discard())
		if left := s.leftovers(t); len(left) > 0 {
			t.Errorf("%s is left after Discard", left)
		}
	})
}

func TestPendingIsWrittenOnce(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	p := w.begin(s, 1)
	w.write(p)
	if _, err := p.Write(background); err == nil {
		t.Error("written twice")
	}
	p = w.begin(s, 2)
	must(t, p.Discard())
	must(t, p.Discard())
	if _, err := p.Write(background); !errors.Is(err, errDiscarded) {
		t.Errorf("write after Discard: %v", err)
	}
	p = w.begin(s, 3)
	must(t, s.Close())
	if _, err := p.Write(background); !errors.Is(err, errClosed) {
		t.Errorf("write after Close: %v", err)
	}
	must(t, p.Discard())
}
