package explore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"flinch/checks"
	"flinch/reports"
	"flinch/sim/rng"
)

// worker keeps one child process at work, and replaces it when it dies.
type worker struct {
	pool   *pool
	child  *child
	barren int // children in a row that died without having begun a run
}

// runs carries out a request for runs, giving each to deliver.
func (w *worker) runs(ctx context.Context, r request, deliver func(Ran)) error {
	for r.Count > 0 {
		if err := w.attend(ctx, &r, deliver); err != nil {
			return err
		}
	}
	return nil
}

// attend carries out a request for runs until all are done or the child dies or
// hangs, which is the finding of the seed that it had announced. r is left as what
// remains.
func (w *worker) attend(ctx context.Context, r *request, deliver func(Ran)) error {
	var started *rng.Seed
	canary := false // one is to come, of the seed before r.First
	err := w.talk(ctx, *r, func(a answer) bool {
		switch {
		case a.Started != nil:
			started, w.barren = a.Started, 0
		case a.Ran != nil:
			deliver(*a.Ran)
			started, canary = nil, a.Ran.CanaryFollows
			if a.Ran.Summary.Canary {
				r.paid(a.Ran)
			} else {
				r.First, r.Count = r.First+1, r.Count-1
			}
		}
		return r.Count == 0 && !canary
	})
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, errDied) && !errors.Is(err, errHung):
		w.close()
		return err
	}
	end := w.bury(errors.Is(err, errHung))
	switch {
	case canary:
		deliver(lostCanary(r.Target, r.First-1, end))
	case started == nil:
		return w.countBarren(end)
	default:
		deliver(lost(r.Target, *started, end))
		r.First, r.Count = r.First+1, r.Count-1
	}
	return nil
}

// shrink has the child shrink a case. ok is false if the child did not live to
// tell.
func (w *worker) shrink(ctx context.Context, r request) (small Small, ok bool, err error) {
	err = w.talk(ctx, r, func(a answer) bool {
		if a.Small != nil {
			small, ok = *a.Small, true
		}
		return ok
	})
	if errors.Is(err, errDied) || errors.Is(err, errHung) {
		w.bury(errors.Is(err, errHung))
		return Small{}, false, nil
	}
	if err != nil {
		w.close()
	}
	return small, ok, err
}

// tell has the child tell a case.
func (w *worker) tell(ctx context.Context, r request) (told Told, err error) {
	started := false
	for {
		err = w.talk(ctx, r, func(a answer) bool {
			started = started || a.Started != nil
			if a.Told != nil {
				told = *a.Told
			}
			return a.Told != nil
		})
		if !errors.Is(err, errDied) && !errors.Is(err, errHung) {
			return told, err
		}
		end := w.bury(errors.Is(err, errHung))
		switch {
		case started && r.Canary:
			told.Ran = lostCanary(r.Target, r.Tell.Seed, end)
			v, _ := told.Ran.Finding()
			told.Canary = "Nothing is known of the canary: " + v.Message
			return told, nil
		case started:
			told.Ran = lost(r.Target, r.Tell.Seed, end)
			told.Finding = plain(&told.Ran)
			return told, nil
		}
		if err := w.countBarren(end); err != nil {
			return told, err
		}
	}
}

// countBarren notes that a child died without having begun a run, and returns an
// error if that goes on.
func (w *worker) countBarren(end ending) error {
	if w.barren++; w.barren >= barrenMax {
		return fmt.Errorf("%w: %s", errBarren, end)
	}
	return nil
}

// talk asks the child, starting one if there is none.
func (w *worker) talk(ctx context.Context, r request, on func(answer) bool) error {
	if w.child == nil {
		c, err := w.pool.start()
		if err != nil {
			return err
		}
		w.child = c
	}
	return w.child.talk(ctx, r, w.pool.watchdog, on)
}

// bury ends a child that died or, by the watchdog's word, hangs. How it ended
// was decided before: what the parent does to a hung child is no death. But one
// that died may have hung, if it was the Go runtime that saw it first.
func (w *worker) bury(hung bool) ending {
	c := w.child
	w.child = nil
	if hung {
		return ending{how: c.stop(true), hung: true, said: c.stderr.lines(saidMax)}
	}
	end := ending{how: c.end(), said: c.stderr.lines(saidMax)}
	end.hung = len(end.said) > 0 && strings.HasPrefix(end.said[0], deadlock)
	return end
}

// deadlock is how the Go runtime ends a process in which nothing can go on. It
// looks for that only in programs without cgo.
const deadlock = "fatal error: all goroutines are asleep"

// close ends the child.
func (w *worker) close() {
	if w.child != nil {
		w.child.stop(false)
		w.child = nil
	}
}

// saidMax is how many lines of a dead process' standard error are shown.
const saidMax = 20

// ending is how a process ended.
type ending struct {
	how  string
	hung bool
	said []string
}

// String returns all of it in one line.
func (e ending) String() string { return strings.Join(append([]string{e.how}, e.said...), ": ") }

// lost is the run whose process died or hung.
func lost(t Target, seed rng.Seed, end ending) Ran {
	v := checks.Verdict{
		Check: ProcessDied, Outcome: checks.Fail, Judged: 1, Details: end.said,
		Message: fmt.Sprintf("The process died in the middle of the run (%s).", end.how),
	}
	if end.hung {
		v.Check = ProcessHung
		v.Message = "The run stopped going on: the backend blocks on a real lock, or loops."
	}
	return Ran{Target: t, Seed: seed, Summary: reports.RunSummary{
		Scenario: t.Scenario, Backend: t.Backend, Seed: seed.String(), Verdicts: []checks.Verdict{v},
	}}
}
