//go:build cgo && !norocksdb

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"flinch/backends/rocksdb"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

// TestOneSeedGivesOneTraceOnRocksDB carries seeds out in this test binary, and
// with the flinch command in processes of its own: with one and with two
// threads for Go code, and built with the race detector. FLINCH_COUNT sets how
// many seeds it takes that have enough of the engine's own work in them.
func TestOneSeedGivesOneTraceOnRocksDB(t *testing.T) {
	want := 5
	if testing.Short() {
		want = 2
	}
	if text := os.Getenv("FLINCH_COUNT"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("FLINCH_COUNT %q: %v", text, err)
		}
		want = n
	}
	const scenario = "failover"
	here := sumsHere(t, scenario, want)
	t.Logf("%d seeds of %s, each with at least 5 flushes by size, 5 compactions and 2 databases opened again", len(here), scenario)
	for _, w := range []struct {
		name, procs string
		build       []string
	}{
		{"one thread", "1", nil},
		{"two threads", "2", nil},
		{"race detector", "2", []string{"-race"}},
	} {
		if testing.Short() && len(w.build) > 0 {
			t.Log("a short run: without a build for the race detector")
			continue
		}
		program := build(t, w.build...)
		equal := 0
		for _, h := range here {
			there := sumOfProcess(t, program, w.procs, h.seed)
			if there != h.sum {
				t.Errorf("%s, seed %v: trace %s, in this test binary %s", w.name, h.seed, there, h.sum)
				continue
			}
			equal++
		}
		t.Logf("%s: %d of %d sums equal", w.name, equal, len(here))
	}
}

// traced is the trace that a seed left.
type traced struct {
	seed rng.Seed
	sum  string
}

// sumsHere runs seeds from 1 on until enough of them had the engine at work, and
// returns those.
func sumsHere(t *testing.T, scenario string, want int) (busy []traced) {
	t.Helper()
	s, err := scenarios.ByName(scenario)
	if err != nil {
		t.Fatal(err)
	}
	for seed := rng.Seed(1); len(busy) < want; seed++ {
		if int(seed) > 20*want+20 {
			t.Fatalf("%d of the first %d seeds have enough of the engine's work in them, want %d", len(busy), seed-1, want)
		}
		o, err := scenarios.Run(context.Background(), s.At(seed), rocksdb.New(), sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := o.Evidence.Run.Counters
		if n["flushes_by_size"] >= 5 && n["compactions"] >= 5 && n["db_reopens"] >= 2 {
			busy = append(busy, traced{seed, fmt.Sprintf("%016x", o.Sum)})
		}
	}
	return busy
}

func build(t *testing.T, flags ...string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "flinch")
	cmd := exec.Command("go", append(append([]string{"build"}, flags...), "-o", program, ".")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return program
}

// sumOfProcess runs one seed in processes of its own.
func sumOfProcess(t *testing.T, program, procs string, seed rng.Seed) string {
	t.Helper()
	run := exec.Command(program, "run", "--scenario", "failover", "--backend", "rocksdb", "--seed", seed.String(), "--count", "1",
		"--trace-sums", "--twice-every", "0", "--progress", "none", "--format", "json")
	run.Dir = t.TempDir()
	run.Env = append(os.Environ(), "GOMAXPROCS="+procs)
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", run, err, out)
	}
	var report struct {
		TraceSums []struct{ Sum string } `json:"trace_sums"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.TraceSums) != 1 {
		t.Fatalf("%v: %d sums", run, len(report.TraceSums))
	}
	return report.TraceSums[0].Sum
}
