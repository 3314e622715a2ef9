//go:build cgo && !norocksdb

package simenv

import (
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"
)

// The engine clips some settings without a word.
func TestSettingsAreWhatTheEngineTook(t *testing.T) {
	w := opening(t, setup{})
	file := ""
	for _, name := range w.names("/db") {
		if regexp.MustCompile(`^OPTIONS-\d+$`).MatchString(name) {
			file = string(w.bytesOf("/db/" + name))
		}
	}
	for setting, want := range map[string]string{
		"write_buffer_size":                   strconv.Itoa(WriteBufferBytes),
		"arena_block_size":                    strconv.Itoa(arenaBlockBytes),
		"max_write_buffer_number":             strconv.Itoa(writeBuffersMax),
		"level0_slowdown_writes_trigger":      strconv.Itoa(triggerOutOfReach),
		"level0_stop_writes_trigger":          strconv.Itoa(triggerOutOfReach),
		"soft_pending_compaction_bytes_limit": "0",
		"hard_pending_compaction_bytes_limit": "0",
		"max_file_opening_threads":            "1",
		"max_subcompactions":                  "1",
		"stats_dump_period_sec":               "0",
		"stats_persist_period_sec":            "0",
		"max_bgerror_resume_count":            "0",
		"avoid_flush_during_shutdown":         "true",
		"compression":                         "kNoCompression",
	} {
		found := regexp.MustCompile(`(?m)^\s*` + setting + `=(.*)$`).FindStringSubmatch(file)
		if found == nil || found[1] != want {
			t.Errorf("%s: %q in the engine's file of options, want %s", setting, found, want)
		}
	}
	w.mustClose()
}

func TestListsGrowByMerge(t *testing.T) {
	w := opening(t, setup{}, "a")
	for _, operand := range []string{"one", "two", "three"} {
		w.must(w.db.MergeCF(noWAL, w.cfs[1], []byte("list"), []byte(operand)))
		w.must(w.flush())
		w.env.Drain()
	}
	if got, err := w.get(1, "list"); err != nil || got != "one,two,three" {
		t.Errorf("%q, %v", got, err)
	}
	w.mustClose()
}

// More memtables wait, and more tables lie in level 0, than the engine would bear
// by default: no call may block.
func TestWritesNeverWaitForFlushesOrCompactions(t *testing.T) {
	w := opening(t, setup{})
	for i := range uint64(60) {
		w.must(w.fill(0, 2, i))
		w.must(w.flush())
		for i%2 == 0 && w.env.StepFlush() {
		}
	}
	for range 40 {
		w.must(w.fill(0, 2, 1))
		w.must(w.flush())
	}
	w.mustClose()
}

func TestTenThousandOpeningsLeaveMemoryAndThreadsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("10000 openings take about 15 s")
	}
	begin := time.Now()
	cycles := func(n int) {
		for i := range n {
			w := newWorld(t, setup{identity: uint64(i), stepped: i%2 == 0})
			w.must(w.open())
			if i%10 == 0 {
				w.must(w.put(0, "key", "value"))
				w.must(w.flush())
			}
			w.mustClose()
		}
	}
	cycles(1000)
	memory, threads := resident(t), threadsOf(t)
	cycles(9000)
	memoryAfter, threadsAfter := resident(t), threadsOf(t)
	t.Logf("10000 openings in %v: %d MiB and %d threads after the first 1000, %d MiB and %d threads at the end",
		time.Since(begin).Round(time.Millisecond), memory>>20, threads, memoryAfter>>20, threadsAfter)
	if grown := memoryAfter - memory; grown > 9000*1024 {
		t.Errorf("memory grew by %d bytes an opening", grown/9000)
	}
	if threadsAfter > threads+20 { // Go's own come and go
		t.Errorf("%d threads became %d", threads, threadsAfter)
	}
}

// resident is what this process has in memory, without what Go could give back.
func resident(t *testing.T) int64 {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("this system does not tell the memory of a process")
	}
	found := regexp.MustCompile(`^\d+ (\d+)`).FindSubmatch(data)
	pages, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// Why flushes are asked for by who counts the bytes: the engine silently raises
// small write buffers.
func TestWriteBuffersHaveAFloor(t *testing.T) {
	w := newWorld(t, setup{})
	w.opts.SetWriteBufferSize(1 << 10)
	w.must(w.open())
	for _, name := range w.names("/db") {
		if regexp.MustCompile(`^OPTIONS-\d+$`).MatchString(name) {
			if !regexp.MustCompile(`(?m)^\s*write_buffer_size=65536$`).Match(w.bytesOf("/db/" + name)) {
				t.Error("a write buffer of 1 KiB was not raised to 64 KiB: the count of bytes could go")
			}
		}
	}
	w.mustClose()
}
