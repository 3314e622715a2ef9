//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"
	"testing"

	"flinch/backends"
	"flinch/faults"
)

// TestDiskDiesAtAnyOperation lets the task manager's disk die at each operation of
// a short life: what follows fails, whether the engine makes it or this package.
// Every call must come back, say why, and leave an instance that can be closed,
// and a folder that the next one can be opened over.
func TestDiskDiesAtAnyOperation(t *testing.T) {
	stride := 1
	if testing.Short() {
		stride = 13 // some hundred lives take seconds
	}
	w := newWorld(t, map[string]int64{tuneChunkBytes: 8 << 10})
	s := w.open(0, 2)
	fill(t, s, 1, 10)
	h := w.snapshot(s, 1)
	must(t, s.Close())
	for _, stepped := range []int64{0, 1} {
		w.tuning[tuneStepped] = stepped
		operations, points := 0, 0
		for at := stride; ; at += stride {
			operations = 0
			w.hook = func(op faults.Op) faults.Outcome {
				if len(op.Path) < len(dir) || op.Path[:len(dir)] != dir {
					return faults.Outcome{}
				}
				if operations++; operations >= at {
					return faults.Outcome{Err: errFake}
				}
				return faults.Outcome{}
			}
			err := w.live(h, backends.CheckpointID(at+1+int(stepped)*10_000))
			if operations < at {
				must(t, err)
				break
			}
			points++
			if !errors.Is(err, errFake) {
				t.Fatalf("stepped %d, the disk dies at operation %d: error %v", stepped, at, err)
			}
		}
		w.hook = nil
		s := w.open(0, 1, h)
		fill(t, s, 2, 10)
		must(t, s.Close())
		if t.Logf("stepped %d: %d of %d operations", stepped, points, operations); points < 5 {
			t.Error("too few points to show anything")
		}
	}
}

// live restores an instance at another parallelism, changes it, and takes a
// snapshot.
func (w *world) live(h backends.KeyedHandle, id backends.CheckpointID) (err error) {
	opened, err := w.engine.Open(background, w.params(0, 1, h))
	if err != nil {
		return err
	}
	s := opened.(incremental)
	defer func() { err = errors.Join(err, s.Close()) }()
	v, err := s.View()
	if err != nil {
		return err
	}
	f, err := s.Family("values")
	if err != nil {
		return err
	}
	for range 3 {
		for i := range 20 {
			if err := f.Put([]byte{byte(i % groups), byte(i)}, make([]byte, 100)); err != nil {
				return err
			}
		}
		if err := s.flushAll(); err != nil {
			return err
		}
	}
	for range 5 {
		if err := s.Maintain(background); err != nil {
			return err
		}
	}
	if err := v.Scan("values", nil, nil, func(_, _ []byte) bool { return true }); err != nil {
		return err
	}
	if err := w.streams.Initialize(background, id); err != nil {
		return err
	}
	p, err := s.Snapshot(id, []byte("table"))
	if err != nil {
		return err
	}
	_, err = p.Write(background)
	return err
}
