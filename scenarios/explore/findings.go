package explore

import (
	"context"
	"sync"

	"flinch/reports"
	"flinch/scenarios"
)

// Group is the failing runs of one target that break the same check: the first
// one stands for all of them.
type Group struct {
	Ran
	Check string
	Times int
	// Finding tells the first one: set by Campaign.LookInto.
	Finding reports.Finding
	// Small is set if the case could be shrunk.
	Small *Small
}

// Groups gathers failing runs, in the order in which they are added.
type Groups struct {
	list []*Group
}

// Add notes a run, if it failed and was not meant to.
func (g *Groups) Add(r Ran) {
	v, failed := r.Finding()
	if !failed || r.Summary.Canary {
		return
	}
	for _, group := range g.list {
		if group.Check == v.Check && group.Target == r.Target {
			group.Times++
			return
		}
	}
	g.list = append(g.list, &Group{Ran: r, Check: v.Check, Times: 1})
}

// All returns the groups.
func (g *Groups) All() []*Group { return g.list }

// ShrunkMax is how many groups of one campaign are shrunk.
const ShrunkMax = 8

// LookInto tells each group, and makes the first ShrunkMax of them small, in
// child processes: a candidate that kills its process costs no more than that.
func (c Campaign) LookInto(ctx context.Context, groups []*Group, b Budget) error {
	pool, err := newPool(c.Command, c.Watchdog)
	if err != nil {
		return err
	}
	defer pool.close()
	queue := make(chan *Group, len(groups))
	shrunk := 0
	for _, g := range groups {
		g.Finding = plain(&g.Ran)
		if g.Case != nil && g.Check != Nondeterministic && shrunk < ShrunkMax {
			shrunk++
			queue <- g
		}
	}
	close(queue)
	var workers sync.WaitGroup
	for range min(c.jobs(), shrunk) {
		workers.Go(func() {
			w := worker{pool: pool}
			defer w.close()
			for g := range queue {
				w.lookInto(ctx, g, b)
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}

// lookInto shrinks one group. If a candidate kills the child, the case is told
// as it is; if that fails as well, the group stays as plain told it.
func (w *worker) lookInto(ctx context.Context, g *Group, b Budget) {
	for _, budget := range []Budget{b, {Runs: NoRuns}} {
		r := request{Target: g.Target, Shrink: &toShrink{Case: *g.Case, Check: g.Check, Budget: budget}}
		small, ok, err := w.shrink(ctx, r)
		if err != nil {
			return
		}
		if ok {
			g.Small, g.Finding = &small, small.Finding
			return
		}
	}
}

// Tell has a child process run a case twice and put it into words. A process
// that dies or hangs is the finding.
func (c Campaign) Tell(ctx context.Context, t Target, one scenarios.Case) (Told, error) {
	return c.told(ctx, request{Target: t, Tell: &one})
}

// TellCanary has a child process run a case on its backend, broken on purpose.
func (c Campaign) TellCanary(ctx context.Context, t Target, one scenarios.Case) (Told, error) {
	return c.told(ctx, request{Target: t, Tell: &one, Canary: true})
}

func (c Campaign) told(ctx context.Context, r request) (Told, error) {
	pool, err := newPool(c.Command, c.Watchdog)
	if err != nil {
		return Told{}, err
	}
	defer pool.close()
	w := worker{pool: pool}
	defer w.close()
	return w.tell(ctx, r)
}

// plain tells what is known of a failed run without running it again.
func plain(r *Ran) reports.Finding {
	v, _ := r.Finding()
	f := reports.Finding{
		Check: v.Check, Scenario: r.Scenario, Backend: r.Backend, Seed: r.Seed.String(),
		Message: v.Message, Differences: v.Details, DifferencesLeft: v.More,
	}
	// The first detail is where a process died, and how two traces differ.
	cause := v.Message
	if len(v.Details) > 0 {
		cause += " " + v.Details[0]
	}
	f.Fingerprint = reports.Fingerprint(v.Check, reports.Normal(cause), r.Backend)
	switch v.Check {
	case ProcessDied, ProcessHung:
		f.DifferencesTitle = "what the process wrote to its standard error"
	case Nondeterministic:
		f.DifferencesTitle = "first event that differs"
	}
	return f
}
