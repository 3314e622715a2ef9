//go:build cgo && !norocksdb

package simenv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/linxGnu/grocksdb"

	"flinch/faults"
)

var errDead = fmt.Errorf("the disk is dead: %w", faults.ErrInjected)

// From some operation on, a process finds its disk dead: the engine must say so
// and close.
func TestEveryOperationThatFailsIsReportedAndTheDatabaseCloses(t *testing.T) {
	for _, s := range []setup{{}, {stepped: true, choose: seeded(5)}} {
		points := 0
		for ; ; points++ {
			w := newWorld(t, s)
			w.fail = func(faults.Op) error {
				if w.ops > points {
					return errDead
				}
				return nil
			}
			err := w.work(2)
			reached := w.ops > points
			background := property(w, "rocksdb.background-errors")
			if cerr := w.close(); cerr != nil {
				t.Fatalf("dead from operation %d on: %v", points, cerr)
			}
			if !reached {
				break
			}
			if err == nil && background == "0" {
				t.Fatalf("dead from operation %d on: no error", points)
			}
			if err != nil && !errors.Is(w.env.Join(err), faults.ErrInjected) {
				t.Fatalf("dead from operation %d on: %v does not join the injected error", points, err)
			}
		}
		t.Logf("stepped=%v: %d operations, each was the first of a dead disk", s.stepped, points)
		if points < 50 {
			t.Error("hardly an operation")
		}
	}
}

// One operation fails, and all others are carried out: whatever the engine says
// then is told for what it is, also where its text has lost the reason.
func TestErrorOfOneOperationIsJoinedToWhatTheEngineSays(t *testing.T) {
	said := map[string]int{}
	for point := 1; ; point++ {
		w := newWorld(t, setup{})
		w.must(w.work(1))
		w.mustClose()
		w.must(w.fs.RemoveAll("/ck0"))
		w.ops = 0
		w.fail = func(faults.Op) error {
			if w.ops == point {
				return faults.ErrInjected
			}
			return nil
		}
		w.launch(setup{identity: 1})
		err := w.work(2)
		reached := w.ops >= point
		if err != nil {
			said[strings.SplitN(err.Error(), ":", 2)[0]]++
			if !errors.Is(w.env.Join(err), faults.ErrInjected) {
				t.Errorf("operation %d fails: %v does not join the injected error", point, err)
			}
		}
		w.mustClose()
		if !reached {
			t.Logf("%d operations, each failed once: %v", point-1, said)
			break
		}
	}
	if said["Invalid argument"] == 0 {
		t.Error("no answer without its reason: this test shows less than it should")
	}
}

func property(w *world, name string) string {
	if w.db == nil {
		return ""
	}
	return w.db.GetPropertyCF(name, w.cfs[0])
}

// A flush that failed leaves a checkpoint without its data, and no call says so:
// the properties do.
func TestFailedBackgroundFlushLeavesACheckpointThatLacksData(t *testing.T) {
	w := opening(t, setup{})
	w.must(w.put(0, "key", "value"))
	w.fail = failOnce(faults.OpSync, ".sst", faults.ErrInjected)
	w.must(w.flush())
	w.env.Drain()
	if err := w.checkpoint("/ck"); err != nil {
		t.Fatalf("the engine knows by itself: %v", err)
	}
	if n := property(w, "rocksdb.background-errors"); n != "1" {
		t.Errorf("%s background errors", n)
	}
	if n := property(w, "rocksdb.num-immutable-mem-table"); n != "1" {
		t.Errorf("%s memtables wait for a flush", n)
	}
	for _, name := range w.names("/ck") {
		if filepath.Ext(name) == ".sst" {
			t.Errorf("the checkpoint has the table %s", name)
		}
	}
	err := w.put(0, "other", "value")
	if err == nil || !errors.Is(w.env.Join(err), faults.ErrInjected) {
		t.Errorf("the next write says %v", err)
	}
	w.mustClose()
}

func TestFullDiskStartsNoRecoveryThread(t *testing.T) {
	// The engine recovers by itself only what its log could lose.
	logged := grocksdb.NewDefaultWriteOptions()
	defer logged.Destroy()
	started := 1 << 30
	for range 10 { // Go starts threads, too, but not each time
		w := opening(t, setup{})
		w.must(w.db.Put(logged, []byte("key"), []byte("value")))
		before := threadsOf(t)
		w.fail = failOnce(faults.OpWrite, ".sst", syscall.ENOSPC)
		w.must(w.flush())
		w.env.Drain()
		started = min(started, threadsOf(t)-before)
		err := w.put(0, "other", "value")
		if err == nil || !errors.Is(w.env.Join(err), syscall.ENOSPC) {
			t.Errorf("the next write says %v", err)
		}
		w.mustClose()
	}
	if started > 0 {
		t.Errorf("%d threads are started whenever the disk is full", started)
	}
}

func TestJoinExcusesNothingButItsOwnErrors(t *testing.T) {
	w := newWorld(t, setup{})
	first := errors.New("first")
	w.env.failures = []error{first, faults.ErrInjected}
	for text, want := range map[string]bool{
		"IO error: /db/1.sst: flinch-error-2: injected": true,
		"flinch-error-1: a; flinch-error-2: b":          true,
		"IO error: flinch-error-1: first":               false,
		"flinch-error-22: of another Env":               false,
		"flinch-error-: without a number":               false,
		"Corruption: block checksum mismatch":           false,
	} {
		err := errors.New(text)
		got := w.env.Join(err)
		if errors.Is(got, faults.ErrInjected) != want || !errors.Is(got, err) || got.Error() != text {
			t.Errorf("%q joins to %v", text, got)
		}
		if named := strings.Contains(text, "flinch-error-1:"); errors.Is(got, first) != named {
			t.Errorf("%q: joined to the first error: %v, names it: %v", text, !named, named)
		}
	}
	if w.env.Join(nil) != nil {
		t.Error("no error joins to one")
	}
	w.mustClose()
}

// TestMissedOptionsFileIsPutDownToWhatHidIt has the rename of an OPTIONS file fail
// after its effect: the engine passes over it, and misses the one before.
func TestMissedOptionsFileIsPutDownToWhatHidIt(t *testing.T) {
	w := newWorld(t, setup{})
	w.env.unnamed = faults.ErrInjected
	w.env.failures = []error{
		&fs.PathError{Op: "link", Path: "/db/OPTIONS-000013", Err: fs.ErrNotExist},
		&fs.PathError{Op: "link", Path: "/db/000013.sst", Err: fs.ErrNotExist},
		&fs.PathError{Op: "open", Path: "/db/OPTIONS-000013", Err: fs.ErrPermission},
	}
	for text, want := range map[string]bool{
		"IO error: No such file or directory: /db/OPTIONS-000013: flinch-error-1: file does not exist": true,
		"IO error: No such file or directory: /db/000013.sst: flinch-error-2: file does not exist":     false,
		"IO error: /db/OPTIONS-000013: flinch-error-3: permission denied":                              false,
		"Corruption: damaged line in /db/OPTIONS-000013":                                               false,
	} {
		if got := w.env.Join(errors.New(text)); errors.Is(got, faults.ErrInjected) != want {
			t.Errorf("%q joins to %v", text, got)
		}
	}
	w.mustClose()
}

func TestPanicOfTheFileSystemBecomesAnError(t *testing.T) {
	w := newWorld(t, setup{})
	w.fail = func(op faults.Op) error {
		if op.Kind == faults.OpSync {
			panic("a bug of the file system's")
		}
		return nil
	}
	if err := w.open(); err == nil || !strings.Contains(err.Error(), "a bug of the file system's") {
		t.Errorf("the engine says %v", err)
	}
	w.mustClose()
}

// failOnce fails the first operation of a kind on a file of a kind.
func failOnce(kind faults.OpKind, suffix string, err error) func(faults.Op) error {
	done := false
	return func(op faults.Op) error {
		if done || op.Kind != kind || !strings.HasSuffix(op.Path, suffix) {
			return nil
		}
		done = true
		return err
	}
}

// threadsOf counts the threads of this process.
func threadsOf(t testing.TB) int { return len(threadNames(t)) }

// engineThreads counts those that RocksDB gave a name.
func engineThreads(t testing.TB) int {
	n := 0
	for _, name := range threadNames(t) {
		if strings.HasPrefix(name, "rocksdb") {
			n++
		}
	}
	return n
}

func threadNames(t testing.TB) []string {
	files, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil || len(files) == 0 {
		t.Skip("this system does not list the threads of a process")
	}
	var names []string
	for _, file := range files {
		if name, err := os.ReadFile(file); err == nil { // it may have ended meanwhile
			names = append(names, string(name))
		}
	}
	return names
}
