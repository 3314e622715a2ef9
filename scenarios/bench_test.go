package scenarios_test

import (
	"testing"

	"flinch/backends/heap"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

func BenchmarkDraw(b *testing.B) {
	for _, s := range scenarios.All() {
		b.Run("scenario="+s.Name, func(b *testing.B) {
			seed := rng.Seed(0)
			for b.Loop() {
				s.At(seed)
				seed++
			}
		})
	}
}

func BenchmarkParseCase(b *testing.B) {
	data, err := scenarios.All()[1].At(1).JSON()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := scenarios.ParseCase(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for _, s := range scenarios.All() {
		b.Run("backend=heap/scenario="+s.Name, func(b *testing.B) {
			var operations int64
			seed := rng.Seed(0)
			for b.Loop() {
				o, err := scenarios.Run(b.Context(), s.At(seed), heap.New(), sim.Options{})
				if err != nil {
					b.Fatal(err)
				}
				operations += o.Operations
				seed++
			}
			b.ReportMetric(float64(operations)/b.Elapsed().Seconds(), "ops/s")
		})
	}
}
