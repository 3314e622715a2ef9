package explore

import (
	"runtime"
	"runtime/debug"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/scenarios"
	"flinch/sim/rng"
)

// BenchmarkRun carries out and judges the cases of all scenarios in turn, with
// the settings of a campaign's child processes. Speed is per second of processor
// time, which getrusage tells, collecting garbage included.
func BenchmarkRun(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	for _, backend := range []backends.Backend{heap.New()} {
		b.Run("backend="+backend.Name(), func(b *testing.B) {
			benchmarkRun(b, World{Scenarios: scenarios.All(), Backends: []backends.Backend{backend}})
		})
	}
}

func benchmarkRun(b *testing.B, w World) {
	var operations, runs int64
	began := CPU()
	for b.Loop() {
		for _, s := range w.Scenarios {
			t := Target{Scenario: s.Name, Backend: w.Backends[0].Name(), FS: Mem}
			ran := w.Run(b.Context(), t, rng.Seed(runs), false)
			if ran.Broken != "" {
				b.Fatal(ran.Broken)
			}
			operations += ran.Summary.Operations
			runs++
		}
	}
	seconds := (CPU() - began).Seconds()
	b.ReportMetric(float64(runs)/seconds, "runs/cpu-s")
	b.ReportMetric(float64(operations)/seconds, "ops/cpu-s")
}
