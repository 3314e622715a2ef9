package scenarios

import (
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"
	"flinch/sim/rng"
)

var _ = register(Scenario{
	Name: "storage-limits",
	Doc:  "checkpoints meet a full disk, the limit for state in the job manager's memory, and uploads that fail in part: they are declined, and the job goes on or fails over as it tolerates",
	Generate: generate(traits{
		name: "storage-limits", rescales: 2, limits: true,
		faults: []maker{{4, fillDisk}, {3, failUpload}, {1, crash}, {1, crashJobManager}},
	}),
})

// limitStorage draws limits of the storage that hold all the run. The state of most jobs
// grows, so that they end by a limit that is never raised: a job that does not
// tolerate that may not fail over without end.
func (g *generator) limitStorage() {
	s := &g.c.Storage
	s.Kind = rng.Pick(g, "limited kind", sim.Filesystem, sim.JobManagerMemory)
	s.Durable = s.Kind == sim.JobManagerMemory
	if !g.chance("permanent limit", 1, 4) {
		return
	}
	if s.Kind == sim.JobManagerMemory {
		s.MaxStateBytes = int64(g.between("max state", 256, 1024<<g.between("magnitude", 0, 6)))
	} else {
		s.CapacityBytes = int64(g.between("capacity", 4096, 8192<<g.between("magnitude", 0, 7)))
	}
	if g.c.Checkpointing.Tolerated != sim.Unlimited {
		g.c.Checkpointing.Restarts = g.between("restarts", 1, 8)
	}
}

// fillDisk leaves little room on the disk that checkpoints go to.
func fillDisk(g *generator) []faults.Fault {
	f := faults.FullDisk{Disk: history.Storage, At: g.moment()}
	f.Lasts = faults.Duration(g.span("full for", g.checkpoint(), 6*g.c.Checkpointing.Interval))
	f.RoomBytes = int64(g.between("room", 0, 16<<g.between("magnitude", 0, 12)))
	return []faults.Fault{f}
}

// failUpload makes one of the several streams of a checkpoint fail.
func failUpload(g *generator) []faults.Fault {
	phase := history.Asynchronous
	f := faults.FailedIO{Disk: history.Storage, Phase: &phase, Count: 1, After: g.chance("after", 1, 2)}
	if !g.tasksWrite() {
		phase = history.Publishing
	}
	f.Op = rng.Pick(g, "op", faults.OpWrite, faults.OpSync, faults.OpCreate, faults.OpSyncDir)
	f.Nth = g.operation(1)
	return []faults.Fault{f}
}
