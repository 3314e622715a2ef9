package explore

import (
	"context"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/heap"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

// fickle is the heap backend, except that of the instances of one process every
// third makes a folder first: an operation that shows in the trace.
type fickle struct {
	*heap.Backend
	opened *int
}

func (fickle) Name() string { return "fickle" }

func (b fickle) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	if *b.opened++; *b.opened%3 == 0 {
		if err := p.Local.MkdirAll(p.Dir, 0o755); err != nil {
			return nil, err
		}
	}
	return b.Backend.OpenKeyed(ctx, p)
}

func calmWorld(t *testing.T, b backends.Backend) (World, Target) {
	t.Helper()
	calm, err := scenarios.ByName("calm")
	if err != nil {
		t.Fatal(err)
	}
	w := World{Scenarios: []scenarios.Scenario{calm}, Backends: []backends.Backend{b}}
	return w, Target{Scenario: "calm", Backend: b.Name(), FS: Mem}
}

func TestRunThatDiffersFromItsRepetitionIsNondeterministic(t *testing.T) {
	w, target := calmWorld(t, fickle{heap.New(), new(int)})
	for seed := range rng.Seed(20) {
		ran := w.Run(t.Context(), target, seed, true)
		if ran.Broken != "" {
			t.Fatal(ran.Broken)
		}
		if !ran.Summary.Nondeterministic {
			continue // a multiple of three instances: the second run was as the first
		}
		v, _ := ran.Finding()
		if v.Check != Nondeterministic || len(v.Details) == 0 {
			t.Errorf("finding %+v, want %s with the first event that differs", v, Nondeterministic)
		}
		return
	}
	t.Error("no seed of 20 was found to differ from its repetition")
}

func TestRunOfAGoodBackendPassesTwice(t *testing.T) {
	w, target := calmWorld(t, heap.New())
	ran := w.Run(t.Context(), target, 1, true)
	if v, failed := ran.Finding(); failed || ran.Broken != "" {
		t.Errorf("verdict %+v, broken %q, want a pass", v, ran.Broken)
	}
}

func TestRealFoldersGiveTheSameTrace(t *testing.T) {
	w, target := calmWorld(t, heap.New())
	inMemory := w.Run(t.Context(), target, 3, false)
	target.FS = OS
	t.Setenv("TMPDIR", t.TempDir())
	onDisk := w.Run(t.Context(), target, 3, false)
	if inMemory.Summary.Sum != onDisk.Summary.Sum || inMemory.Summary.Sum == "" {
		t.Errorf("trace sums %q in memory, %q in real folders", inMemory.Summary.Sum, onDisk.Summary.Sum)
	}
}

func TestPanicOfFlinchIsNoFinding(t *testing.T) {
	w, target := calmWorld(t, heap.New())
	w.Scenarios[0].Generate = func(rng.Source) scenarios.Case { panic("out of ideas") }
	ran := w.Run(t.Context(), target, 1, false)
	if _, failed := ran.Finding(); failed || !strings.Contains(ran.Broken, "out of ideas") || !strings.Contains(ran.Broken, "serve_test.go") {
		t.Errorf("run %+v, want it broken, with the panic and its stack", ran)
	}
}

func TestFlinkNamesAreTheHeapOnOneStorage(t *testing.T) {
	w := World{Scenarios: scenarios.All(), Backends: []backends.Backend{heap.New()}}
	for name, want := range map[string]sim.StorageKind{"FsStateBackend": sim.Filesystem, "MemoryStateBackend": sim.JobManagerMemory} {
		changed := 0
		for _, s := range w.Scenarios {
			for seed := range rng.Seed(8) {
				target := Target{Scenario: s.Name, Backend: name, FS: Mem}
				c, err := w.At(target, seed)
				if err != nil || c.Storage.Kind != want || c.Storage.Kind == sim.Filesystem && c.Storage.Durable {
					t.Fatalf("%s %s: storage %+v, error %v, want %s", name, s.Name, c.Storage, err, want)
				}
				if s.At(seed).Storage.Kind == want {
					continue
				}
				changed++
				ran := w.Run(t.Context(), target, seed, false)
				if v, failed := ran.Finding(); failed || ran.Broken != "" || ran.Summary.Backend != name {
					t.Errorf("%s %s seed %v: %+v %s", name, s.Name, seed, v, ran.Broken)
				}
			}
		}
		if changed == 0 {
			t.Errorf("%s: no case was drawn with another storage", name)
		}
	}
	w.Backends = []backends.Backend{fickle{heap.New(), new(int)}}
	if b, err := w.Backend("FsStateBackend"); err == nil {
		t.Errorf("%s is no heap", b.Name())
	}
}

// rockets is a backend of RocksDB's name that a build may lack.
type rockets struct {
	*heap.Backend
	missing string
}

func (rockets) Name() string          { return "rocksdb" }
func (r rockets) Unavailable() string { return r.missing }

func TestFlinkNameOfRocksDBIsRocksDBOnAFilesystem(t *testing.T) {
	w := World{Scenarios: scenarios.All(), Backends: []backends.Backend{heap.New(), rockets{Backend: heap.New()}}}
	b, err := w.Backend("RocksDBStateBackend")
	if err != nil || b.Name() != "rocksdb" {
		t.Fatalf("backend %v, error %v, want rocksdb", b, err)
	}
	for seed := range rng.Seed(20) {
		c, err := w.At(Target{Scenario: "failover", Backend: "RocksDBStateBackend", FS: Mem}, seed)
		if err != nil || c.Storage.Kind != sim.Filesystem || c.Storage.Durable {
			t.Errorf("seed %v: storage %+v, error %v, want a filesystem", seed, c.Storage, err)
		}
	}
}

func TestUnavailableBackendIsAnErrorWithTheMend(t *testing.T) {
	w := World{Scenarios: scenarios.All(), Backends: []backends.Backend{heap.New(), rockets{missing: "make engine"}}}
	for _, name := range []string{"rocksdb", "RocksDBStateBackend"} {
		want := `backend "` + name + `" cannot run here: make engine`
		if _, err := w.Backend(name); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		if !w.Knows(name) {
			t.Errorf("%s is not known", name)
		}
	}
}

// opaque is a fickle backend that says so.
type opaque struct{ fickle }

func (opaque) Name() string   { return "opaque" }
func (opaque) Opaque() string { return "it does as it likes" }

func TestOpaqueBackendIsRunOnceAndHasNoSum(t *testing.T) {
	w, target := calmWorld(t, opaque{fickle{heap.New(), new(int)}})
	for seed := range rng.Seed(20) {
		ran := w.Run(t.Context(), target, seed, true)
		if _, failed := ran.Finding(); failed || ran.Summary.Nondeterministic || ran.Summary.Sum != "" || ran.Broken != "" {
			t.Fatalf("seed %v: %+v, want a pass without a sum", seed, ran)
		}
	}
}

func TestStoryOfACaseIsTheSameAfterShrinking(t *testing.T) {
	w, target := calmWorld(t, forgetful{heap.New()})
	c := w.Scenarios[0].At(5)
	told := w.Tell(t.Context(), target, c)
	if told.Finding.Check == "" || len(told.Finding.Steps) == 0 || told.Finding.Shrunk {
		t.Fatalf("finding %+v, want one with steps, not shrunk", told.Finding)
	}
	small, err := w.Small(t.Context(), target, c, told.Finding.Check, Budget{Runs: 400}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if small.Finding.Check != told.Finding.Check || !small.Finding.Shrunk || small.Stats.After >= small.Stats.Before {
		t.Errorf("%+v after %+v, want the same check and fewer steps", small.Finding.Check, small.Stats)
	}
}

// forgetful is the heap backend, except that it restores nothing.
type forgetful struct{ *heap.Backend }

func (forgetful) Name() string { return "forgetful" }

func (b forgetful) OpenKeyed(ctx context.Context, p backends.KeyedParams) (backends.Keyed, error) {
	p.Restore = nil
	return b.Backend.OpenKeyed(ctx, p)
}
