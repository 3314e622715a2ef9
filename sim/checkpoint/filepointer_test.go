package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flinch/backends/storage"
	"flinch/faults"
	"flinch/faults/disk"
)

var errInjected = fmt.Errorf("test: %w", faults.ErrInjected)

// failing returns a hook that makes the at-th operation fail, before or after
// its effect, and the count of operations.
func failing(at int, after bool) (disk.Hook, *[]string) {
	var ops []string
	return func(op faults.Op) faults.Outcome {
		if !op.Done {
			ops = append(ops, op.Kind.String()+" "+op.Path)
		}
		if len(ops) == at && op.Done == after {
			return faults.Outcome{Err: errInjected}
		}
		return faults.Outcome{}
	}, &ops
}

func TestFilePointerIsReplacedByASyncedRename(t *testing.T) {
	hook, ops := failing(0, false)
	p := NewFilePointer(disk.New(hook, disk.Options{}), "/jm/completed")
	old, err := p.Load(ctx)
	if err != nil || !old.Equal(Record{}) {
		t.Fatalf("a missing file is %+v, %v", old, err)
	}
	*ops = nil
	next := Record{Version: 1, NextID: 4, Retained: []Entry{{ID: 3, Location: "there"}}}
	if err := p.Store(ctx, old, next); err != nil {
		t.Fatal(err)
	}
	var mutating []string
	for _, op := range *ops {
		if !strings.HasPrefix(op, "close") {
			mutating = append(mutating, op)
		}
	}
	want := []string{"create /jm/completed.inprogress", "write /jm/completed.inprogress", "sync /jm/completed.inprogress", "rename /jm/completed.inprogress", "syncdir /jm"}
	if diff := cmp.Diff(want, mutating); diff != "" {
		t.Error(diff)
	}
	if got, err := p.Load(ctx); err != nil || !got.Equal(next) {
		t.Errorf("loaded %+v, %v", got, err)
	}
}

func TestFilePointerNeverTakesDamageForAnEmptyRecord(t *testing.T) {
	d := disk.New(nil, disk.Options{})
	p := NewFilePointer(d, "/completed")
	if _, err := p.Load(ctx); err != nil {
		t.Fatal(err)
	}
	whole := encodeRecord(Record{Version: 1, NextID: 4})
	for end := range whole {
		if err := storage.WriteFile(d, "/completed", whole[:end]); err != nil {
			t.Fatal(err)
		}
		if r, err := p.Load(ctx); !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), "/completed") {
			t.Errorf("cut at %d: %+v, %v", end, r, err)
		}
	}
}

func TestFilePointerRefusesAStoreThatWasNotPrecededByALoad(t *testing.T) {
	p := NewFilePointer(disk.New(nil, disk.Options{}), "/completed")
	if err := p.Store(ctx, Record{}, Record{Version: 1}); err == nil {
		t.Error("stored before it was loaded")
	}
	if _, err := p.Load(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Store(ctx, Record{Version: 1}, Record{Version: 2}); err == nil || errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("stored upon a version that is not in place: %v", err)
	}
}

// TestErrorAtEachOperationOfAFilePointer: what Store says about the outcome is
// true, and the next Load finds out.
func TestErrorAtEachOperationOfAFilePointer(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			var hook disk.Hook
			d := disk.New(func(op faults.Op) faults.Outcome {
				if hook == nil {
					return faults.Outcome{}
				}
				return hook(op)
			}, disk.Options{})
			p := NewFilePointer(d, "/completed")
			old, err := p.Load(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var ops *[]string
			hook, ops = failing(at, after)
			next := Record{Version: 1, NextID: 2}
			err = p.Store(ctx, old, next)
			hook = nil
			if len(*ops) < at {
				if err != nil || at < 5 {
					t.Fatalf("%d operations, %v", at, err)
				}
				break
			}
			what := fmt.Sprintf("%s fails, after effect %v", (*ops)[at-1], after)
			found, loadErr := p.Load(ctx)
			switch {
			case !errors.Is(err, faults.ErrInjected) || loadErr != nil:
				t.Errorf("%s: store %v, load %v", what, err, loadErr)
			case errors.Is(err, ErrOutcomeUnknown):
				if !found.Equal(old) && !found.Equal(next) {
					t.Errorf("%s: found %+v", what, found)
				}
			case !found.Equal(old):
				t.Errorf("%s: certainly not stored, but found %+v", what, found)
			}
			if err := p.Store(ctx, found, Record{Version: found.Version + 1}); err != nil {
				t.Errorf("%s: the next store: %v", what, err)
			}
			if _, err := d.Stat("/completed.inprogress"); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: a temporary file is left: %v", what, err)
			}
		}
	}
}

// TestErrorAtEachOperationOfALifecycle: one error anywhere breaks no promise and
// costs one checkpoint at most; with a store that lives on, nothing leaks.
func TestErrorAtEachOperationOfALifecycle(t *testing.T) {
	points := 0
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			hook, ops := failing(at, after)
			d := disk.New(hook, disk.Options{})
			l := &lifecycle{fs: d}
			l.run(4)
			if len(*ops) < at {
				break
			}
			points++
			what := fmt.Sprintf("operation %d, %s, fails, after effect %v", at, (*ops)[at-1], after)
			if len(l.failures) > 1 {
				t.Errorf("%s: %d failures: %v", what, len(l.failures), errors.Join(l.failures...))
			}
			for _, err := range l.failures {
				if !errors.Is(err, faults.ErrInjected) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if err := l.promise().verify(d.View(nil)); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if l.lo != l.used {
				continue // the last checkpoint failed: the drain below would be the next one
			}
			s, st, err := open(d.View(nil), "")
			if err != nil {
				t.Fatal(err)
			}
			if left, err := leftOver(d.View(nil), s, st); left != "" || err != nil {
				t.Errorf("%s: left over: %s, %v", what, left, err)
			}
		}
	}
	t.Logf("%d errors", points)
	if points < 100 {
		t.Errorf("only %d errors were tried", points)
	}
}
