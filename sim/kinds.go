package sim

import (
	"flinch/backends"
	"flinch/sim/checkpoint"
)

// snapshotKind is what a trigger asks for. It travels with the trigger's message
// and with the barriers, so that every subtask takes the same sort of snapshot.
// The zero value is a checkpoint that the coordinator triggers by itself.
type snapshotKind struct {
	checkpoint.Kind
	stops bool // the job ends with it: sources send nothing behind its barrier
}

// options is what the backends are told.
func (k snapshotKind) options() backends.SnapshotOptions {
	return backends.SnapshotOptions{
		Full:      k.Kind != checkpoint.Incremental,
		Canonical: k.Kind == checkpoint.CanonicalSavepoint,
	}
}
