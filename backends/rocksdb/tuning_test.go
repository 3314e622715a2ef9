//go:build cgo && !norocksdb

package rocksdb

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends/kv"
)

// TestEngineHasWhatIsTuned reads the options back from the file that the engine
// writes of those that are in force.
func TestEngineHasWhatIsTuned(t *testing.T) {
	for _, c := range []struct {
		tuning map[string]int64
		want   []string
	}{
		{nil, []string{
			"target_file_size_base=4096", "max_bytes_for_level_base=16384", "max_bytes_for_level_multiplier=2.000000",
			"level0_file_num_compaction_trigger=2", "block_size=4096", "compression=kNoCompression",
		}},
		{
			map[string]int64{
				tuneTargetFileBytes: 1, tuneLevelBaseBytes: 1 << 40, tuneLevel0Trigger: 3,
				tuneBlockBytes: 512, tuneCompression: 1,
			}, []string{
				"target_file_size_base=4096", "max_bytes_for_level_base=268435456",
				"level0_file_num_compaction_trigger=3", "block_size=512", "compression=kLZ4Compression",
			},
		},
		{map[string]int64{tuneCompression: 9, tuneStepped: 1}, []string{"compression=kZSTD"}},
	} {
		for _, kind := range []string{"simulated", "native"} {
			w := newWorld(t, c.tuning)
			if kind == "native" {
				w = nativeWorld(t)
				w.tuning = c.tuning
			}
			has := optionsFile(t, w.open(0, 1))
			for _, want := range append(c.want, "avoid_flush_during_shutdown=true", "merge_operator={id=StringAppendTESTOperator;delimiter=,;}") {
				if !slices.Contains(has, want) {
					t.Errorf("%s, tuned %v: the engine's options lack %s", kind, c.tuning, want)
				}
			}
		}
	}
}

// optionsFile returns the lines of the newest OPTIONS file.
func optionsFile(t *testing.T, s incremental) (lines []string) {
	t.Helper()
	must(t, s.flushAll())
	open(t, s, "values")
	dir, err := s.files.Open(s.mainDir())
	must(t, err)
	infos, err := dir.Readdir(-1)
	must(t, err)
	must(t, dir.Close())
	newest := ""
	for _, info := range infos {
		if strings.HasPrefix(info.Name(), "OPTIONS-") && info.Name() > newest {
			newest = info.Name()
		}
	}
	f, err := s.files.Open(s.mainDir() + "/" + newest)
	must(t, err)
	text := make([]byte, 1<<16)
	n, _ := f.Read(text)
	must(t, f.Close())
	for line := range strings.Lines(string(text[:n])) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

func TestFlushesComeAtTheSizeThatIsTuned(t *testing.T) {
	w := newWorld(t, map[string]int64{tuneFlushBytes: 2000})
	s := w.open(0, 1)
	for i := range 100 {
		put(t, s, "\x01", fmt.Sprintf("%03d", i), strings.Repeat("x", 88)) // 100 bytes with what an entry takes
	}
	if n := w.counters[countFlushesBySize]; n != 5 {
		t.Errorf("%d flushes, want 5", n)
	}
}

// TestManyFlushesDoNotBlock: the engine would wait for ever for a flush that
// nobody runs, once 256 write buffers wait for theirs.
func TestManyFlushesDoNotBlock(t *testing.T) {
	w := newWorld(t, map[string]int64{tuneFlushBytes: 1 << 10})
	s := w.open(0, 1)
	for i := range 400 {
		put(t, s, "\x01", fmt.Sprint(i), strings.Repeat("x", 1<<10))
	}
	if n := w.counters[countFlushesBySize]; n != 400 {
		t.Errorf("%d flushes, want 400", n)
	}
}

func TestFullStoresTakeNoIncrementalSnapshots(t *testing.T) {
	w := newWorld(t, map[string]int64{tuneFull: 1})
	s, err := w.engine.Open(background, w.params(0, 1))
	must(t, err)
	if _, ok := s.(kv.Snapshotter); ok {
		t.Error("the store snapshots its own files")
	}
	must(t, s.Close())
}
