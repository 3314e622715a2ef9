//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/faults/disk"
)

// TestManyInstancesLeaveNothing opens, uses, snapshots and closes instances, and
// looks whether memory and threads of the process stay as they are.
func TestManyInstancesLeaveNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 instances take some ten seconds")
	}
	w := newWorld(t, map[string]int64{tuneFlushBytes: 1 << 10})
	s := w.open(0, 1)
	fill(t, s, 1, 10)
	h := w.snapshot(s, 1)
	must(t, s.Close())
	const cycles = 10_000
	live := func(n int) {
		for i := range n {
			w.local = disk.New(nil, disk.Options{})
			if i%20 == 0 {
				fullLife(t, w, h)
			}
			shortLife(t, w)
		}
	}
	live(cycles / 20)
	bytes, threads := usage(t)
	live(cycles)
	bytesAfter, threadsAfter := usage(t)
	t.Logf("%d instances: %d threads, then %d; %d KiB resident, then %d", cycles, threads, threadsAfter, bytes>>10, bytesAfter>>10)
	if grown := (bytesAfter - bytes) / cycles; grown > 400 {
		t.Errorf("each instance leaves %d bytes", grown)
	}
	if threadsAfter > threads+4 {
		t.Errorf("%d threads, then %d", threads, threadsAfter)
	}
}

// shortLife opens an instance, writes and closes it.
func shortLife(t *testing.T, w *world) {
	opened, err := w.engine.Open(background, w.params(0, 1))
	must(t, err)
	must(t, open(t, opened, "values").Put([]byte("\x00a"), []byte("b")))
	must(t, opened.Close())
}

// fullLife opens an instance over half of a checkpoint, and closes it with views,
// snapshots and jobs open.
func fullLife(t *testing.T, w *world, h backends.KeyedHandle) {
	opened, err := w.engine.Open(background, w.params(0, 2, h))
	must(t, err)
	s := opened.(incremental)
	f := open(t, s, "values")
	must(t, f.Put([]byte("\x00a"), make([]byte, 1<<10)))
	v, err := s.View()
	must(t, err)
	must(t, v.Scan("values", nil, nil, func(_, _ []byte) bool { return true }))
	_, err = s.Snapshot(2, nil)
	must(t, err)
	must(t, f.Put([]byte("\x00a"), make([]byte, 1<<10)))
	if s.Backlog() == 0 {
		t.Fatal("no job is left for Close")
	}
	must(t, s.Close())
}

// usage is what the process has in memory, and its threads.
func usage(t *testing.T) (bytes, threads int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc to read memory and threads from")
	}
	for line := range strings.Lines(string(status)) {
		_, _ = fmt.Sscanf(line, "VmRSS: %d kB", &bytes)
		_, _ = fmt.Sscanf(line, "Threads: %d", &threads)
	}
	return bytes << 10, threads
}
