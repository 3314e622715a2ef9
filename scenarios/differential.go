package scenarios

import (
	"context"
	"fmt"

	"flinch/backends"
	"flinch/checks"
	"flinch/faults"
	"flinch/sim"
)

// referenceBackend is what the cases of the differential scenario are carried
// out on, too, if it is at hand: a simple backend without files of its own.
const referenceBackend = "heap"

// Backends differ in how many disk operations they do and when. So here disks
// take no time, and faults strike at moments and phases alone: then two backends
// cut most checkpoints at the same records.
var _ = register(Scenario{
	Name:    "differential",
	Doc:     "the same case on the heap as well, faults aimed at moments and phases: both bring back the same state from checkpoints of the same records",
	Against: referenceBackend,
	Generate: generate(traits{
		name: "differential", rescales: 2, instant: true, pure: true,
		faults: []maker{{3, crashInPhase}, {2, crash}, {2, crashJobManager}, {1, loseTaskManager}, {1, loseJobManager}, {2, loseTaskInPhase}},
	}),
})

// loseTaskInPhase takes the power of a machine whose process enters a phase.
func loseTaskInPhase(g *generator) []faults.Fault {
	phase := g.phase()
	return append(g.cause(phase), faults.PowerLossInPhase{Phase: phase, Nth: g.entry(phase)})
}

// RunAgainst carries the case out on a backend and, before that, on a reference,
// and has the checks compare the two. The trace is that of the backend alone.
func RunAgainst(ctx context.Context, c Case, pair Pair, o sim.Options) (*Outcome, error) {
	alone := c.Config
	alone.Backend, alone.Files = pair.Reference, nil
	reference, err := sim.Run(ctx, alone, sim.Options{Limit: o.Limit})
	if err != nil {
		return nil, fmt.Errorf("on the reference %s: %w", pair.Reference.Name(), err)
	}
	c.Backend = pair.Backend
	result, err := sim.Run(ctx, c.Config, o)
	if err != nil {
		return nil, err
	}
	result.Evidence.Reference = reference.Evidence
	return &Outcome{Result: result, Verdicts: checks.Judge(ctx, result.Evidence)}, nil
}

// Pair is a backend and the one that it is compared with.
type Pair struct{ Backend, Reference backends.Backend }
