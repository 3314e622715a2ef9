package explore

import (
	"fmt"

	"flinch/backends"
	"flinch/scenarios"
	"flinch/sim"
	"flinch/sim/rng"
)

// FlinkName is a name that Flink has for a backend together with a checkpoint
// storage.
type FlinkName struct {
	Name    string
	Backend string
	Storage sim.StorageKind
}

// flinkNames are the pairs of backend and storage that have a name.

var flinkNames = []FlinkName{
	{"FsStateBackend", "heap", sim.Filesystem},
	{"MemoryStateBackend", "heap", sim.JobManagerMemory},
	{"RocksDBStateBackend", "rocksdb", sim.Filesystem},
	{"rocksdb-on-object-store", "rocksdb", sim.ObjectStore}, // ours: Flink has no name for it
}

// FlinkNames returns Flink's names for backends of this world. Targets may use
// them in the place of the backend's name.
func (w World) FlinkNames() []FlinkName {
	var names []FlinkName
	for _, n := range flinkNames {
		for _, b := range w.Backends {
			if b.Name() == n.Backend {
				names = append(names, n)
			}
		}
	}
	return names
}

// Backend returns the backend of a name, which may be Flink's. The error lists
// the names there are, or says why the backend cannot run.
func (w World) Backend(name string) (backends.Backend, error) {
	found, err := w.lookUp(name)
	if err != nil {
		return nil, err
	}
	if missing := Unavailable(found); missing != "" {
		return nil, fmt.Errorf("backend %q cannot run here: %s", name, missing)
	}
	return found, nil
}

// lookUp is Backend for backends that cannot run as well.
func (w World) lookUp(name string) (backends.Backend, error) {
	for _, n := range w.FlinkNames() {
		if n.Name == name {
			name = n.Backend
		}
	}
	found, err := byName("backend", name, w.Backends, backends.Backend.Name)
	if err != nil {
		for _, n := range w.FlinkNames() {
			err = fmt.Errorf("%w, %s", err, n.Name)
		}
	}
	return found, err
}

// At returns the case of a target's seed: what the scenario draws, with the
// checkpoint storage that a name of Flink's asks for. A panic of the scenario is
// an error that holds the stack.
func (w World) At(t Target, seed rng.Seed) (c scenarios.Case, err error) {
	s, err := w.Scenario(t.Scenario)
	if err != nil {
		return c, err
	}
	defer recovered(&err)
	c = s.At(seed)
	for _, n := range w.FlinkNames() {
		if n.Name == t.Backend && c.Storage.Kind != n.Storage {
			c.Storage.Kind = n.Storage
			// The drawn faults count on checkpoints that outlive the job manager.
			c.Storage.Durable = n.Storage == sim.JobManagerMemory
		}
	}
	return c, nil
}
