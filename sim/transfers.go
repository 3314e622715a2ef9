package sim

import (
	"context"
	"errors"
	"fmt"

	"flinch/backends"
)

const parallelCounter = "uploads_parallel"

// runner returns what carries several transfers of one task out at a time: each in a
// task of its own, which does what the one that waits for them is doing. The first
// failure cancels the others, and all have ended when it returns.
func (w *world) runner(p *process) backends.Runner {
	if p == nil || w.cfg.Storage.Parallel <= 1 {
		return nil
	}
	return func(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
		parent := w.tasks[w.loop.Current()]
		if parent == nil || n <= 1 {
			return backends.OneByOne(ctx, n, do)
		}
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		t := transfers{ctx: ctx, stop: stop, do: do, errs: make([]error, n), working: min(n, w.cfg.Storage.Parallel)}
		for i := range t.working {
			parent.transfers++
			who := hashWords(parent.Actor(), uint64(parent.transfers))
			p.spawn(fmt.Sprintf("%s transfer %d", parent.Name(), i), who, rankAsync, func(helper *task) {
				helper.phase, helper.checkpoint, helper.subtask = parent.phase, parent.checkpoint, parent.subtask
				t.work(helper)
				parent.Wake()
			})
		}
		w.count(parallelCounter, int64(n))
		for t.working > 0 {
			parent.Park(pointPark)
		}
		return t.failure()
	}
}

// transfers are what is to be carried out, and how it went.
type transfers struct {
	ctx     context.Context
	stop    context.CancelFunc
	do      func(ctx context.Context, i int) error
	errs    []error
	next    int
	working int // tasks that have not ended
}

// work takes the next transfer until there is none, or one has failed.
func (t *transfers) work(helper *task) {
	for t.next < len(t.errs) && t.ctx.Err() == nil {
		i := t.next
		t.next++
		t.errs[i] = t.do(t.ctx, i)
		helper.settle()
		if t.errs[i] != nil {
			t.stop()
		}
	}
	t.working--
}

// failure is the error of the first transfer that failed by itself, or else of one
// that was told to stop.
func (t *transfers) failure() error {
	var told error
	for _, err := range t.errs {
		switch {
		case err == nil:
		case !errors.Is(err, context.Canceled):
			return err
		case told == nil:
			told = err
		}
	}
	if told == nil && t.next < len(t.errs) {
		told = t.ctx.Err()
	}
	return told
}
