//go:build cgo && !norocksdb

package sim_test

import (
	"testing"
	"time"

	"flinch/checks"
	"flinch/faults"
	"flinch/model/history"
)

// TestStoresAreSearchedAfterRestoresThatClipThem: what a restore has hidden of the
// files that it took over is gone for the search, too.
func TestStoresAreSearchedAfterRestoresThatClipThem(t *testing.T) {
	c := rocksConfig(0)
	c.Job.Parallelism = []int{1, 3}
	c.Faults = faults.Plan{faults.CrashAt{Machine: history.FirstTaskManager, At: faults.Duration(50 * time.Millisecond)}}
	r := run(t, c)
	judge(t, "one subtask, then three", r)
	counters := r.Evidence.Run.Counters
	if counters["rescales_up"] == 0 || counters[checks.SearchedCounter] < 6+counters["audits"] {
		t.Errorf("%d rescales, %d audits, %d stores searched", counters["rescales_up"], counters["audits"], counters[checks.SearchedCounter])
	}
}
