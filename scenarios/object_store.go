package scenarios

import (
	"flinch/faults"
	"flinch/model/history"
	"flinch/sim"
	"flinch/sim/rng"
)

var _ = register(Scenario{
	Name: "object-store",
	Doc:  "checkpoints go to an object store, whose requests fail before or after their effect, come late, are slow or throttled; uploads in parts are left behind by crashes",
	Generate: generate(traits{
		name: "object-store", rescales: 1, objects: true,
		faults: []maker{{6, failRequest}, {2, crash}, {1, crashJobManager}, {2, crashAtIO}, {1, loseStorage}, {1, fillDisk}},
	}),
})

// storeObjects draws an object store in the place of the storage that was drawn.
func (g *generator) storeObjects() {
	s := &g.c.Storage
	s.Kind, s.Durable, s.MaxStateBytes = sim.ObjectStore, false, 0
	s.Parallel = rng.Pick(g, "transfers", 0, 2, 4)
	s.WriteBufferBytes = rng.Pick(g, "part", 4096, 256, 512, 1500, 16384)
}

// failRequest gives requests to the object service a fate. One that fails a few
// times is repeated; a service that goes on failing declines checkpoints.
func failRequest(g *generator) []faults.Fault {
	if g.c.Storage.Kind != sim.ObjectStore {
		return failUpload(g)
	}
	f := faults.FailedRequest{Nth: g.operation(1), Count: 1}
	f.Fate = rng.Pick(g, "fate", faults.FateBefore, faults.FateAfter, faults.FateAfter, faults.FateLate, faults.FateLate, faults.FateSlow, faults.FateThrottled)
	if g.chance("one verb", 2, 3) {
		f.Verb = rng.Pick(g, "verb", "PUT", "PUT", "DELETE", "GET", "LIST", "PART", "COMPLETE", "BEGIN", "ABORT")
	}
	if g.chance("more", 1, 2) {
		f.Count = g.between("count", 2, 30)
	}
	if g.chance("phase", 1, 3) {
		phase := rng.Pick(g, "request phase", history.Asynchronous, history.Publishing, history.Deleting, history.Restoring)
		f.Phase = &phase
	}
	switch f.Fate {
	case faults.FateLate, faults.FateSlow:
		f.Delay = faults.Duration(g.span("delay", 0, g.c.Checkpointing.Timeout/4+2*g.c.Checkpointing.Interval))
	}
	return []faults.Fault{f}
}
