//go:build cgo && !norocksdb

package rocksdb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/backends"
	"flinch/faults"
)

// killed is what a task is unwound by.
type killed struct{}

// step is a place in an operation where others may run or something may happen.
type step struct {
	n  int
	op faults.Op
}

// eachStep calls try with 1, 2, 3 and so on, and with a hook that calls happen at
// that step of what try does, until a try has fewer steps. Steps are operations
// on both disks that are no calls from inside the engine.
func eachStep(t *testing.T, w *world, happen func(step) error, try func(n int)) int {
	t.Helper()
	for n := 1; ; n++ {
		steps := 0
		w.hook = func(op faults.Op) faults.Outcome {
			if op.Atomic {
				return faults.Outcome{}
			}
			if steps++; steps == n {
				return faults.Outcome{Err: happen(step{n, op})}
			}
			return faults.Outcome{}
		}
		try(n)
		w.hook = nil
		if steps < n {
			return n - 1
		}
	}
}

// unfinished is a store with a snapshot that reuses a file of an earlier one and
// has others to upload, over three families.
func unfinished(w *world) (incremental, *pending, []string) {
	w.tuning = map[string]int64{tuneChunkBytes: 8 << 10, tuneLevel0Trigger: 64}
	s := w.open(0, 1)
	fill(w.t, s, 1, 10)
	w.snapshot(s, 1)
	must(w.t, s.NotifyComplete(1))
	fill(w.t, s, 2, 20)
	p := w.begin(s, 2)
	return s, p, files(w.t, w.remote, "/cp")
}

func TestErrorsOfTheStorageSpareTheInstance(t *testing.T) {
	n := interrupt(t, interruption{
		happen: func(_ *pending, st step) error {
			if strings.HasPrefix(st.op.Path, dir) {
				return nil
			}
			return errFake
		},
		judge: func(t *testing.T, w *world, s incremental, st step, err error) {
			local := strings.HasPrefix(st.op.Path, dir)
			if local != (err == nil) && st.op.Kind != faults.OpUnlink {
				t.Errorf("%s: error %v", st.op.Kind, err)
			}
			if err != nil && (!errors.Is(err, errFake) || errors.Is(err, backends.ErrBroken)) {
				t.Errorf("error %v, want the fake one, and an instance that is not broken", err)
			}
			put(t, s, "\x01", "more", "x")
			w.snapshot(s, 3)
		},
	})
	t.Logf("%d steps", n)
}

func TestErrorsOfLinkedFilesBreakTheInstance(t *testing.T) {
	interrupt(t, interruption{
		happen: func(_ *pending, st step) error {
			if strings.HasPrefix(st.op.Path, dir) && !st.op.Kind.Mutates() {
				return errFake
			}
			return nil
		},
		judge: func(t *testing.T, _ *world, s incremental, st step, err error) {
			if !strings.HasPrefix(st.op.Path, dir) || st.op.Kind.Mutates() {
				return
			}
			if !errors.Is(err, errFake) || !errors.Is(err, backends.ErrBroken) {
				t.Errorf("%s: error %v, want the fake one and %v", st.op.Kind, err, backends.ErrBroken)
			}
			if err := s.families["values"].Put([]byte("\x01a"), []byte("b")); !errors.Is(err, backends.ErrBroken) {
				t.Errorf("the instance takes a write: %v", err)
			}
		},
	})
}

func TestFolderThatStaysBehindIsNoError(t *testing.T) {
	interrupt(t, interruption{
		happen: func(_ *pending, st step) error {
			if st.op.Kind == faults.OpUnlink {
				return errFake
			}
			return nil
		},
		judge: func(t *testing.T, _ *world, _ incremental, _ step, err error) { must(t, err) },
	})
}

func TestSnapshotIsCancelledAtAnyStep(t *testing.T) {
	var cancel context.CancelFunc
	interrupt(t, interruption{
		ctx: func() context.Context {
			var ctx context.Context
			ctx, cancel = context.WithCancel(background)
			return ctx
		},
		happen: func(*pending, step) error { cancel(); return nil },
		judge: func(t *testing.T, w *world, s incremental, _ step, err error) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			w.snapshot(s, 3)
		},
	})
}

func TestSnapshotIsDiscardedAtAnyStep(t *testing.T) {
	interrupt(t, interruption{
		happen: func(p *pending, _ step) error { return p.Discard() },
		judge: func(t *testing.T, w *world, s incremental, _ step, err error) {
			if !errors.Is(err, errDiscarded) {
				t.Errorf("error %v", err)
			}
			w.snapshot(s, 3)
		},
	})
}

func TestInstanceIsClosedAtAnyStepOfASnapshot(t *testing.T) {
	interrupt(t, interruption{
		happen: func(p *pending, _ step) error { return p.s.Close() },
		judge: func(t *testing.T, _ *world, _ incremental, _ step, err error) {
			if !errors.Is(err, errClosed) {
				t.Errorf("error %v", err)
			}
		},
	})
}

func TestTaskIsKilledAtAnyStepOfASnapshot(t *testing.T) {
	interrupt(t, interruption{
		happen: func(*pending, step) error { panic(killed{}) },
		judge: func(t *testing.T, w *world, s incremental, _ step, err error) {
			if err != nil {
				t.Errorf("not killed: %v", err)
			}
			w.snapshot(s, 3)
		},
	})
}

// interruption is what happens at a step of the asynchronous phase, and what is
// to come of it.
type interruption struct {
	ctx    func() context.Context
	happen func(*pending, step) error
	judge  func(t *testing.T, w *world, s incremental, st step, err error)
}

// interrupt tries each step. Whatever happens, a snapshot that gave no handle
// leaves no file on the storage, none that it took from earlier ones is lost, and
// no folder but one that could not be removed.
func interrupt(t *testing.T, in interruption) int {
	t.Helper()
	if in.ctx == nil {
		in.ctx = func() context.Context { return background }
	}
	w := newWorld(t, nil)
	var s incremental
	var p *pending
	var before []string
	var at step
	var spared []string
	steps := eachStep(t, w, func(st step) error {
		at = st
		return in.happen(p, st)
	}, func(n int) {
		hook := w.hook
		w.hook = nil
		must(t, w.remote.RemoveAll("/cp"))
		w.storage(0)
		s, p, before = unfinished(w)
		at = step{}
		w.hook = hook
		h, err := writeUntilKilled(p, in.ctx())
		w.hook = nil
		if at.n == 0 {
			must(t, err)
			return
		}
		after := files(t, w.remote, "/cp")
		if h.Format == "" && at.op.Kind != faults.OpUnlink && cmp.Diff(before, after) != "" {
			t.Errorf("step %d, %s %s: files on the storage (-before +after):\n%s", at.n, at.op.Kind, at.op.Path, cmp.Diff(before, after))
		}
		if left := s.leftovers(t); len(left) > 0 {
			spared = append(spared, fmt.Sprint(at.op.Kind))
		}
		in.judge(t, w, s, at, err)
		must(t, s.Close())
		if left := files(t, w.local, "/"); len(left) > 0 {
			t.Errorf("step %d: %s is left on the local disk", at.n, left)
		}
	})
	for _, kind := range spared {
		if kind != faults.OpUnlink.String() {
			t.Errorf("a folder is left after %s", kind)
		}
	}
	if steps < 20 {
		t.Fatalf("%d steps: too few to show anything", steps)
	}
	return steps
}

// writeUntilKilled gives neither handle nor error of a task that is killed.
func writeUntilKilled(p *pending, ctx context.Context) (h backends.KeyedHandle, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			if _, ok := cause.(killed); !ok {
				panic(cause)
			}
			h, err = backends.KeyedHandle{}, nil
		}
	}()
	return p.Write(ctx)
}
