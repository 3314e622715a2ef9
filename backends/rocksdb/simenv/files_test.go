//go:build cgo && !norocksdb

package simenv

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/afero"
)

// awkward is a file system that reads a few bytes at a time, and lists names
// backwards.
type awkward struct{ FS }

func (a awkward) Open(name string) (afero.File, error) { return a.OpenFile(name, os.O_RDONLY, 0) }

func (a awkward) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	f, err := a.FS.OpenFile(name, flag, perm)
	return awkwardFile{f}, err
}

type awkwardFile struct{ afero.File }

func (f awkwardFile) Read(p []byte) (int, error) { return f.File.Read(p[:min(len(p), 7)]) }

func (f awkwardFile) ReadAt(p []byte, off int64) (int, error) {
	return f.File.ReadAt(p[:min(len(p), 100)], off)
}

func (f awkwardFile) Readdirnames(n int) ([]string, error) {
	names, err := f.File.Readdirnames(n)
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	return names, err
}

func TestListingsAreSorted(t *testing.T) {
	w := opening(t, setup{})
	w.env.p.FS = awkward{w.fs}
	names, err := w.env.list("/db")
	if err != nil || len(names) < 3 || !slices.IsSorted(names) {
		t.Errorf("the engine sees %v, %v", names, err)
	}
	w.mustClose()
}

func TestShortReadsAndUnsortedListingsDoNotReachTheEngine(t *testing.T) {
	lives := func(awkwardly bool) uint64 {
		w := newWorld(t, setup{})
		if err := w.work(rounds); err != nil {
			t.Fatal(err)
		}
		w.mustClose()
		if awkwardly {
			w.fs = awkward{w.fs}
		}
		w.launch(setup{identity: 1})
		w.must(w.open("a"))
		for _, key := range []string{"key-0001", "key-0500", "key-0999"} {
			if _, err := w.get(1, key); err != nil {
				t.Fatal(err)
			}
		}
		w.must(w.fill(0, 100, 99))
		w.must(w.flush())
		w.env.Drain()
		w.must(w.checkpoint("/last"))
		sum := w.content()
		w.mustClose()
		return sum
	}
	if plain, awkward := lives(false), lives(true); plain != awkward {
		t.Errorf("the file system left %x, an awkward one %x", plain, awkward)
	}
}

func TestCheckpointIsLinkedAndRenamedAsAFolder(t *testing.T) {
	w := opening(t, setup{})
	w.must(w.fill(0, 100, 1))
	w.must(w.flush())
	w.env.Drain()
	w.must(w.checkpoint("/ck"))
	if names := w.names("/"); !slices.Equal(names, []string{"ck", "db"}) {
		t.Errorf("beside the database there are %v", names)
	}
	linked := 0
	for _, name := range w.names("/ck") {
		if strings.HasSuffix(name, ".sst") {
			linked++
			if string(w.bytesOf(path.Join("/ck", name))) != string(w.bytesOf(path.Join("/db", name))) {
				t.Errorf("%s differs from the database's", name)
			}
		}
	}
	if linked == 0 {
		t.Error("the checkpoint has no table")
	}
	w.mustClose()
}

func TestNobodyLogs(t *testing.T) {
	w := opening(t, setup{})
	for _, name := range w.names("/db") {
		if strings.HasPrefix(name, "LOG") {
			t.Errorf("the engine wrote %s", name)
		}
	}
	w.mustClose()
}

func TestTwoOpeningsOfOneEnvAreLockedOut(t *testing.T) {
	w := opening(t, setup{})
	db, cfs := w.db, w.cfs
	err := w.open()
	if err == nil || !strings.Contains(err.Error(), "held already") {
		t.Errorf("the second opening says %v", err)
	}
	w.db, w.cfs = db, cfs
	w.mustClose()
	w.launch(setup{}) // the next incarnation
	w.must(w.open())
	w.mustClose()
}

func (w *world) names(dir string) []string {
	w.t.Helper()
	infos, err := afero.ReadDir(w.disk, dir)
	w.must(err)
	var names []string
	for _, info := range infos {
		names = append(names, info.Name())
	}
	return names
}
