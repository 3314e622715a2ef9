//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/kv"
	"flinch/faults"
)

// failTables makes writes of table files fail, which flushes and compactions do.
func (w *world) failTables() {
	w.hook = func(op faults.Op) faults.Outcome {
		if op.Atomic && op.Kind == faults.OpWrite && strings.HasSuffix(op.Path, tableSuffix) {
			return faults.Outcome{Err: errFake}
		}
		return faults.Outcome{}
	}
}

func isBroken(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, backends.ErrBroken) || !errors.Is(err, errFake) {
		t.Errorf("%s: error %v; want %v and the fake one", what, err, backends.ErrBroken)
	}
}

func TestSnapshotProvesThatItsFlushSucceeded(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	put(t, s, "\x01", "key", "value")
	w.failTables()
	_, err := s.Snapshot(1, nil)
	isBroken(t, "snapshot", err)
}

// idle is a machine that runs no flush.
type idle struct{ machine }

func (idle) StepFlush() bool { return false }

func TestSnapshotIsRefusedWhileAnythingIsInMemory(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	put(t, s, "\x01", "key", "value")
	s.db.machine = idle{s.db.machine}
	if _, err := s.Snapshot(1, nil); !errors.Is(err, backends.ErrBroken) {
		t.Errorf("snapshot of what was not flushed: %v", err)
	}
	must(t, s.Close())
	s = w.open(0, 1)
	put(t, s, "\x01", "key", "value")
	s.families["values"].written = 0 // as if nobody had counted it
	if _, err := s.Snapshot(1, nil); !errors.Is(err, backends.ErrBroken) {
		t.Errorf("snapshot that has forgotten a write: %v", err)
	}
}

// TestEngineLosesWhatAFailedFlushHad shows what the proof is for: after one error
// in a flush job the engine makes a checkpoint without complaint, and the key is
// missing in it.
func TestEngineLosesWhatAFailedFlushHad(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	put(t, s, "\x01", "key", "value")
	w.failTables()
	must(t, s.db.FlushCF(s.families["values"].handle, s.flush))
	s.db.machine.Drain()
	w.hook = nil
	must(t, s.link(path.Join(dir, "unproved")))
	db, err := openDatabase(s.place, s.tuning, opening{path: path.Join(dir, "unproved"), restored: true})
	must(t, err)
	defer func() { must(t, db.close()) }()
	at := slices.IndexFunc(db.columns, func(c column) bool { return c.name == columnName("values") })
	got, err := db.GetCF(db.read, db.columns[at].handle, []byte("\x01key"))
	must(t, err)
	defer got.Free()
	if got.Exists() {
		t.Fatal("the checkpoint has the key: the proof of flush is not needed any more")
	}
	if err := s.proveFlushed(); !errors.Is(err, backends.ErrBroken) {
		t.Errorf("proof of flush: %v", err)
	}
}

func TestBackgroundErrorBreaksTheInstance(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	f := open(t, s, "values")
	put(t, s, "\x01", "key", strings.Repeat("x", 64<<10))
	if s.Backlog() == 0 {
		t.Fatal("no flush waits")
	}
	v, err := s.View()
	must(t, err)
	w.failTables()
	isBroken(t, "maintain", s.Maintain(background))
	w.hook = nil

	_, _, err = f.Get([]byte("\x01key"), nil)
	isBroken(t, "get", err)
	isBroken(t, "put", f.Put([]byte("\x01a"), []byte("b")))
	isBroken(t, "delete", f.Delete([]byte("\x01a")))
	isBroken(t, "merge", f.Merge([]byte("\x01a"), []byte("b")))
	isBroken(t, "scan", f.Scan(nil, nil, func(_, _ []byte) bool { return true }))
	isBroken(t, "scan of a view", v.Scan("values", nil, nil, func(_, _ []byte) bool { return true }))
	_, err = s.Family("other")
	isBroken(t, "family", err)
	_, err = s.View()
	isBroken(t, "view", err)
	_, err = s.Snapshot(1, nil)
	isBroken(t, "snapshot", err)
	isBroken(t, "maintain again", s.Maintain(background))
	must(t, s.Close())
}

func TestReadErrorBreaksTheInstance(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	put(t, s, "\x01", "key", "value")
	must(t, s.flushAll())
	w.hook = func(op faults.Op) faults.Outcome {
		if op.Kind == faults.OpRead {
			return faults.Outcome{Err: errFake}
		}
		return faults.Outcome{}
	}
	_, _, err := open(t, s, "values").Get([]byte("\x01key"), nil)
	isBroken(t, "get", err)
}

// TestDamageIsNotTakenForAnInjectedError: a real corruption must not be excused.
func TestDamageIsNotTakenForAnInjectedError(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	fill(t, s, 1, 100)
	must(t, s.flushAll())
	for _, name := range files(t, w.local, dir+"/db/") {
		if strings.HasSuffix(name, tableSuffix) {
			f, err := w.local.OpenFile(name, os.O_RDWR, 0)
			must(t, err)
			_, err = f.WriteAt([]byte("damage"), 20)
			must(t, errors.Join(err, f.Close()))
		}
	}
	err := open(t, s, "values").Scan(nil, nil, func(_, _ []byte) bool { return true })
	if !errors.Is(err, backends.ErrBroken) || errors.Is(err, errFake) || errors.Is(err, faults.ErrInjected) {
		t.Errorf("error %v", err)
	}
}

func TestOpenFailsOrDiesAtAnyStepAndLeavesNothing(t *testing.T) {
	w := newWorld(t, map[string]int64{tuneChunkBytes: 8 << 10})
	var handles []backends.KeyedHandle
	for i := range 2 {
		s := w.open(i, 2)
		fill(t, s, i, 20)
		handles = append(handles, w.snapshot(s, backends.CheckpointID(i+1)))
		must(t, s.Close())
	}
	for what, happen := range map[string]func(step) error{
		"fails": func(step) error { return errFake },
		"dies":  func(step) error { panic(killed{}) },
	} {
		t.Run(what, func(t *testing.T) {
			steps := eachStep(t, w, happen, func(n int) {
				s, err := openUntilKilled(w, handles)
				w.hook = nil
				switch {
				case s != nil:
					must(t, s.Close())
				case what == "fails" && !errors.Is(err, errFake):
					t.Errorf("step %d: error %v", n, err)
				}
				if left := files(t, w.local, "/"); len(left) > 0 {
					t.Errorf("step %d: %s is left", n, left)
				}
			})
			if steps < 40 {
				t.Errorf("%d steps: too few to show anything", steps)
			}
		})
	}
}

func openUntilKilled(w *world, handles []backends.KeyedHandle) (s kv.Store, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			if _, ok := cause.(killed); !ok {
				panic(cause)
			}
			s, err = nil, nil
		}
	}()
	return w.engine.Open(background, w.params(0, 1, handles...))
}

// A chain whose operators share a folder must not get two databases on it.
func TestFolderOfALiveInstanceIsLocked(t *testing.T) {
	w := newWorld(t, nil)
	s := w.open(0, 1)
	db, err := openDatabase(s.place, s.tuning, opening{path: s.mainDir(), restored: true})
	if err == nil {
		_ = db.close()
		t.Fatal("two databases are open over one folder")
	}
	must(t, s.Close())
}

// The last put may have begun a flush that nobody has waited for.
func TestSnapshotWaitsForAFlushThatIsUnderWay(t *testing.T) {
	for range 10 {
		w := nativeWorld(t)
		w.tuning = map[string]int64{tuneFlushBytes: 1 << 10}
		s := w.open(0, 1)
		put(t, s, "\x00", "big", strings.Repeat("x", 40<<10))
		w.snapshot(s, 1)
		must(t, s.Close())
	}
}
