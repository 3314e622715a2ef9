package sim_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"

	"github.com/spf13/afero"
)

// rough adds crashes, power losses and errors to a small run.
func rough(seed uint64) sim.Config {
	c := smallConfig(60)
	c.Seed = c.Seed.Derive(fmt.Sprint(seed))
	c.Faults = faults.Plan{
		faults.CrashInPhase{Phase: history.Asynchronous, Nth: 5},
		faults.PowerLossInPhase{Phase: history.Publishing, Nth: 2},
		faults.FailedIO{Disk: history.Storage, Op: faults.OpSync, Nth: 9, Count: 1},
		faults.PowerLoss{Machine: history.Storage, At: faults.Duration(90 * time.Millisecond)},
	}
	return c
}

func run(t *testing.T, c sim.Config) *sim.Result {
	t.Helper()
	r, err := sim.Run(context.Background(), c, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSameSeedGivesTheSameTrace(t *testing.T) {
	for seed := range uint64(20) {
		first, second := run(t, rough(seed)), run(t, rough(seed))
		if first.Sum != second.Sum || first.Steps != second.Steps {
			t.Errorf("seed %d: sums %x and %x over %d and %d steps", seed, first.Sum, second.Sum, first.Steps, second.Steps)
		}
		judge(t, fmt.Sprintf("seed %d", seed), first)
	}
}

func TestOtherSeedsGiveOtherTraces(t *testing.T) {
	sums := map[uint64]uint64{}
	for seed := range uint64(20) {
		sum := run(t, rough(seed)).Sum
		if other, known := sums[sum]; known {
			t.Errorf("seeds %d and %d give the same sum", other, seed)
		}
		sums[sum] = seed
	}
}

func TestRealFilesGiveTheSameTraceAsMemory(t *testing.T) {
	for seed := range uint64(3) {
		memory := run(t, rough(seed))
		c, dir := rough(seed), t.TempDir()
		c.Files = func(m history.Machine) (afero.Fs, error) {
			at := filepath.Join(dir, m.String())
			return afero.NewBasePathFs(afero.NewOsFs(), at), os.MkdirAll(at, 0o755)
		}
		files := run(t, c)
		if memory.Sum != files.Sum {
			t.Errorf("seed %d: sum %x in memory, %x over real files", seed, memory.Sum, files.Sum)
		}
		judge(t, "over real files", files)
		retained := files.Evidence.Run.Quiesce.Retained
		if len(retained) != 1 {
			t.Fatalf("seed %d: retained %v, want one checkpoint", seed, retained)
		}
		name := filepath.Join(dir, "storage", "checkpoints", "job", fmt.Sprintf("chk-%d", retained[0]), "_metadata")
		if _, err := os.Stat(name); err != nil {
			t.Errorf("seed %d: the retained checkpoint is not on the real disk: %v", seed, err)
		}
	}
}

func TestTakingPointsLeavesTheTraceAsItIs(t *testing.T) {
	plain, points := run(t, rough(1)), 0
	watched, err := sim.Run(context.Background(), rough(1), sim.Options{Narrate: true, Observe: func(sim.Point) { points++ }})
	if err != nil {
		t.Fatal(err)
	}
	if plain.Sum != watched.Sum || points == 0 || len(watched.Evidence.Run.Events) == 0 {
		t.Errorf("sum %x without, %x with %d points and %d events", plain.Sum, watched.Sum, points, len(watched.Evidence.Run.Events))
	}
}
