package checkpoint

import (
	"errors"
	"path"
	"testing"

	"flinch/backends"
	"flinch/backends/storage"
	"flinch/faults"
	"flinch/faults/disk"
)

// scanned makes a job folder with checkpoints 1 to n, all of them retained.
func scanned(t *testing.T, hook disk.Hook, n backends.CheckpointID) (*disk.Disk, *storage.Filesystem) {
	t.Helper()
	d := disk.New(nil, disk.Options{})
	l := &lifecycle{fs: d}
	_, st, err := open(d, "a1")
	if err != nil {
		t.Fatal(err)
	}
	for id := range n {
		if _, _, err := l.write(st, id+1); err != nil {
			t.Fatal(err)
		}
	}
	view := d.View(hook)
	if st, err = storage.NewFilesystem(storage.FilesystemParams{FS: view, Root: "/checkpoints", JobID: "job"}); err != nil {
		t.Fatal(err)
	}
	return view, st
}

func TestScanTakesTheNewestThatIsWholeAndSaysWhatItPassedOver(t *testing.T) {
	for name, tc := range map[string]struct {
		damage func(d *disk.Disk, dir string) error
		passed int
	}{
		"nothing is wrong":    {func(*disk.Disk, string) error { return nil }, 0},
		"no metadata":         {func(d *disk.Disk, dir string) error { return d.Remove(path.Join(dir, "_metadata")) }, 0},
		"metadata cut short":  {func(d *disk.Disk, dir string) error { return cut(d, path.Join(dir, "_metadata")) }, 0},
		"a stream is missing": {func(d *disk.Disk, dir string) error { return d.Remove(path.Join(dir, "a1-5")) }, 1},
		"a stream is short":   {func(d *disk.Disk, dir string) error { return cut(d, path.Join(dir, "a1-5")) }, 1},
		"another's metadata": {func(d *disk.Disk, dir string) error {
			return d.Rename("/checkpoints/job/chk-1/_metadata", path.Join(dir, "_metadata"))
		}, 1},
	} {
		d, st := scanned(t, nil, 3)
		if err := tc.damage(d, st.CheckpointDir(3)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := backends.CheckpointID(2)
		if name == "nothing is wrong" {
			want = 3
		}
		c, found, passed, err := Newest(ctx, st)
		if err != nil || !found || c.ID != want || len(passed) != tc.passed {
			t.Errorf("%s: checkpoint %d, found %v, passed over %v, error %v: want %d", name, c.ID, found, passed, err, want)
		}
	}
}

func cut(d *disk.Disk, name string) error {
	f, err := d.OpenFile(name, 2, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(5), f.Close())
}

func TestScanOfAnEmptyStorageFindsNothing(t *testing.T) {
	st, err := storage.NewFilesystem(storage.FilesystemParams{FS: disk.New(nil, disk.Options{}), Root: "/checkpoints", JobID: "job"})
	if err != nil {
		t.Fatal(err)
	}
	if c, found, passed, err := Newest(ctx, st); found || err != nil || len(passed) > 0 {
		t.Errorf("%+v, %v, %v, %v", c, found, passed, err)
	}
}

// TestErrorOfAScanIsNoOlderCheckpoint fails each operation of a scan.
func TestErrorOfAScanIsNoOlderCheckpoint(t *testing.T) {
	for at := 1; ; at++ {
		n := 0
		_, st := scanned(t, func(op faults.Op) faults.Outcome {
			if op.Done {
				return faults.Outcome{}
			}
			if n++; n == at {
				return faults.Outcome{Err: faults.ErrInjected}
			}
			return faults.Outcome{}
		}, 3)
		c, found, _, err := Newest(ctx, st)
		if n < at {
			if at < 10 {
				t.Fatalf("only %d operations", n)
			}
			return
		}
		if err == nil || !errors.Is(err, faults.ErrInjected) || found {
			t.Errorf("operation %d: checkpoint %d, found %v, error %v", at, c.ID, found, err)
		}
	}
}
