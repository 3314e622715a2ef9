//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/backends"
)

func TestRestoredInstanceBuildsOnWhatItWasRestoredFrom(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	fill(t, s, 1, 40)
	h := w.snapshot(s, 1)
	must(t, s.Close())
	s = w.open(0, 1, h)
	checkReuse(t, w.write(w.begin(s, 2)), h)
}

func TestRescaledInstanceSharesNothing(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	fill(t, s, 1, 40)
	h := w.snapshot(s, 1)
	must(t, s.Close())
	s = w.open(0, 2, h)
	if names := placeholders(w.write(w.begin(s, 2))); len(names) > 0 {
		t.Errorf("%s are reused", names)
	}
}

// TestRescalesKeepTheStateAndNoForeignKey walks through several parallelisms. In
// each, every instance changes its state, so that what an earlier one had of a
// group and hid is old by the time that it could come back.
func TestRescalesKeepTheStateAndNoForeignKey(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		var want []string
		var handles []backends.KeyedHandle
		for round, n := range []int{1, 2, 4, 3, 1, 8, 2, 1} {
			var next []backends.KeyedHandle
			var all []string
			for i := range n {
				r := backends.RangeOf(i, n, groups)
				var mine []backends.KeyedHandle
				for _, h := range handles {
					if h.KeyGroups.Intersect(r).Len() > 0 {
						mine = append(mine, h)
					}
				}
				s := w.open(i, n, mine...)
				if diff := cmp.Diff(of(r, want), dump(t, s)); diff != "" {
					t.Fatalf("round %d: state of %d of %d (-want +got):\n%s", round, i, n, diff)
				}
				fill(t, s, round, 60)
				all = append(all, dump(t, s)...)
				next = append(next, w.snapshot(s, backends.CheckpointID(round+1)))
				must(t, s.Close())
			}
			slices.Sort(all)
			want, handles = all, next
		}
	})
}

func TestForeignKeysAreGoneAfterACompaction(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	put(t, s, "\x00", "own", "x")
	put(t, s, "\x07", "foreign", "x")
	h := w.snapshot(s, 1)
	must(t, s.Close())
	s = w.open(0, 2, h)
	must(t, s.flushAll())
	if raw := rawFiles(t, w); !strings.Contains(raw, "foreign") {
		t.Fatal("the delete removed the key at once: this test shows nothing")
	}
	for i := range 4 { // enough files for a compaction
		put(t, s, "\x00", fmt.Sprint(i), "x")
		must(t, s.flushAll())
	}
	s.db.machine.Drain()
	if raw := rawFiles(t, w); strings.Contains(raw, "foreign") || !strings.Contains(raw, "own") {
		t.Error("the files still hold a foreign key after the compaction")
	}
}

// rawFiles are the bytes of all table files of the instance.
func rawFiles(t *testing.T, w *world) string {
	t.Helper()
	var raw strings.Builder
	for _, name := range files(t, w.local, dir+"/db/") {
		if strings.HasSuffix(name, tableSuffix) {
			data, err := w.local.ReadRaw(name)
			must(t, err)
			raw.Write(data)
		}
	}
	return raw.String()
}

func TestRestoreRefusesKeyGroupsThatComeTwice(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	h := w.snapshot(s, 1)
	must(t, s.Close())
	_, err := w.engine.Open(background, w.params(0, 1, h, h))
	if err == nil || !strings.Contains(err.Error(), "key group 0") {
		t.Errorf("error %v", err)
	}
}

func TestRestoreRefusesWhatItCannotRead(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	h := w.snapshot(s, 1)
	must(t, s.Close())
	alien := h
	alien.Format = "heap/1"
	outside := h
	outside.Files = slices.Clone(h.Files)
	outside.Files[0].Name = "../" + outside.Files[0].Name
	lacking := h
	lacking.Files = h.Files[1:]
	for text, bad := range map[string]backends.KeyedHandle{"in layout": alien, "without a folder": outside, "CURRENT": lacking} {
		_, err := w.engine.Open(background, w.params(0, 1, bad))
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error %v, want one that says %q", err, text)
		}
		if left := files(t, w.local, dir); len(left) > 0 {
			t.Errorf("%s: %s is left", text, left)
		}
	}
}

func TestOpenRemovesWhatADeadProcessLeft(t *testing.T) {
	w := newWorld(t, nil)
	must(t, w.local.MkdirAll(dir+"/db", 0o755))
	f, err := w.local.Create(dir + "/db/CURRENT")
	must(t, err)
	must(t, f.Close())
	s := w.open(0, 1)
	put(t, s, "\x00", "a", "b")
	must(t, s.Close())
	if left := files(t, w.local, "/"); len(left) > 0 {
		t.Errorf("%s is left after Close", left)
	}
}
