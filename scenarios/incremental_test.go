//go:build cgo && !norocksdb

package scenarios_test

import (
	"context"
	"testing"

	"flinch/backends/rocksdb"
	"flinch/checks"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

// TestSharedFilesLiveAsLongAsTheirLastUser: an increment's files go on through five
// checkpoints and more, each is deleted once the last one is gone that names it and not
// before, and in the end exactly what retained metadata names is there.
func TestSharedFilesLiveAsLongAsTheirLastUser(t *testing.T) {
	s, err := scenarios.ByName("incremental")
	if err != nil {
		t.Fatal(err)
	}
	long, deleted := 0, 0
	for seed := range rng.Seed(3) {
		c := s.At(seed)
		c.Faults = nil // no file has an excuse to be left over
		c.Tuning["rocksdb.full"] = 0
		o, err := scenarios.Run(context.Background(), c, rocksdb.New(), sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v, broken := o.Broken(); broken {
			t.Fatalf("seed %v: %s: %s", seed, v.Check, v.Message)
		}
		run := o.Evidence.Run
		for _, f := range run.SharedFiles {
			if f.Checkpoints >= 5 {
				long++
			}
			switch {
			case f.Gone == 0 && f.Deleted != 0, f.Deleted != 0 && f.Deleted < f.Gone:
				t.Errorf("seed %v: %s is deleted at step %d, and its last checkpoint, %d, is let go of at %d", seed, f.Path, f.Deleted, f.Last, f.Gone)
			case f.Gone != 0 && f.Deleted == 0:
				t.Errorf("seed %v: %s is not deleted, and its last checkpoint, %d, is let go of at %d", seed, f.Path, f.Last, f.Gone)
			case f.Deleted != 0:
				deleted++
			}
		}
		if run.Recount == nil || !run.Recount.Exact() || run.Recount.Shared == 0 || !checks.Strict(o.Evidence) {
			t.Errorf("seed %v: the storage folder is not exact: %+v", seed, run.Recount)
		}
	}
	if long == 0 || deleted == 0 {
		t.Errorf("%d files were shared by five checkpoints or more, and %d were deleted", long, deleted)
	}
	t.Logf("%d files were shared by five checkpoints or more, %d were deleted after their last user", long, deleted)
}
