package sim

import (
	"time"

	"flinch/backends"
	"flinch/backends/storage"
	"flinch/sim/checkpoint"
)

// snapshotKind is what a trigger asks for. It travels with the trigger's message
// and with the barriers, so that every subtask takes the same sort of snapshot.
// The zero value is a checkpoint that the coordinator triggers by itself.
type snapshotKind struct {
	checkpoint.Kind
	// unaligned barriers overtake records: at once, or from the deadline on.
	unaligned bool
	deadline  time.Duration

	stops bool // the job ends with it: sources send nothing behind its barrier
}

// options is what the backends are told.
func (k snapshotKind) options() backends.SnapshotOptions {
	return backends.SnapshotOptions{
		Full:      k.Kind != checkpoint.Incremental,
		Canonical: k.Kind == checkpoint.CanonicalSavepoint,
	}
}

// kindOf is what sort of snapshot answers a request: until a job has a checkpoint of
// its own, each is full that begins with a snapshot which it does not own.
func (jm *jobManager) kindOf(r checkpoint.Request) snapshotKind {
	k := snapshotKind{Kind: r.Kind, stops: r.Stop}
	if k.Kind == checkpoint.Incremental && jm.store.Unclaimed() != 0 {
		k.Kind = checkpoint.Full
	}
	return k
}

// place tells a storage where a snapshot of this kind goes.
func (k snapshotKind) place(s storage.Storage, id backends.CheckpointID) {
	if k.IsSavepoint() {
		s.Savepoint(id)
	}
}

// overtaking says whether and when its barriers overtake records. Those of savepoints
// never do.
func (jm *jobManager) overtaking(k snapshotKind) snapshotKind {
	if c := &jm.w.cfg.Checkpointing; c.Unaligned && !k.IsSavepoint() {
		k.unaligned = true
		if c.AlignedTimeout > 0 {
			k.deadline = jm.w.loop.Now() + c.AlignedTimeout
		}
	}
	return k
}
