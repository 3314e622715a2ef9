package sim_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"flinch/backends"
	"flinch/checks"
	"flinch/sim"
)

// Errors that nobody injected are findings, whatever they say of themselves, and
// so are panics, wherever they come up.
var wrongErrors = []sense{
	{"a restore fails", restored, func() *crooked {
		return &crooked{params: func(p *backends.KeyedParams) error { return failsOn(len(p.Restore) > 0, errMade) }}
	}, []finding{{"restored-state", "restore failed, and"}, {"restored-state", "could not be read"}}},
	{"a rescaling restore is cancelled by nobody", restored, func() *crooked {
		return &crooked{params: func(p *backends.KeyedParams) error {
			for _, h := range p.Restore {
				if h.KeyGroups != p.KeyGroups {
					return fmt.Errorf("open: %w", context.Canceled)
				}
			}
			return nil
		}}
	}, []finding{{"restored-state", "restore failed, and"}, {"restored-state", "could not be read"}}},
	{"a write is cancelled by nobody", calm, failsToWrite(context.Canceled), []finding{{"restored-state", "checkpoint 2 of chain"}}},
	{"a write runs out of a time that nobody set", calm, failsToWrite(context.DeadlineExceeded), []finding{{"restored-state", "checkpoint 2 of chain"}}},
	{"a write fails", calm, failsToWrite(errMade), []finding{{"restored-state", "checkpoint 2 of chain"}}},
	{"a snapshot fails", calm, func() *crooked {
		return &crooked{snapshot: func(_ *instance, id backends.CheckpointID) error { return failsOn(id == 2, errMade) }}
	}, []finding{{"restored-state", "synchronous phase"}}},
	{"a snapshot panics", calm, func() *crooked {
		return &crooked{snapshot: func(_ *instance, id backends.CheckpointID) error {
			if id == 2 {
				panic("oh")
			}
			return nil
		}}
	}, []finding{{"restored-state", ": panic: oh"}}},
	{"a write panics on its way out of a dying process", killed, func() *crooked {
		return &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			returned := false
			defer func() {
				if !returned {
					panic("oh")
				}
			}()
			h, err := p.honest(ctx)
			returned = true
			return h, err
		}}
	}, []finding{{"restored-state", ": panic: oh"}}},
	{"a notification of a completed checkpoint fails", calm, func() *crooked {
		return &crooked{complete: func(_ *instance, id backends.CheckpointID) error { return failsOn(id == 2, errMade) }}
	}, []finding{{"restored-state", "notify complete 2"}}},
	{"a notification of an aborted checkpoint fails", refused, func() *crooked {
		return &crooked{aborted: func(backends.CheckpointID) error { return errMade }}
	}, []finding{{"restored-state", "notify aborted"}}},
	{"closing fails", restored, func() *crooked {
		return &crooked{close: func() error { return errMade }}
	}, []finding{{"restored-state", "close chain failed, and"}, {"restored-state", "could not be read: made up"}}},
}

// failsToWrite makes backends that cannot write checkpoint 2.
func failsToWrite(why error) func() *crooked {
	return func() *crooked {
		return &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			if p.id == 2 {
				return backends.KeyedHandle{}, errors.Join(why, p.Discard())
			}
			return p.honest(ctx)
		}}
	}
}

func failsOn(fails bool, err error) error {
	if !fails {
		return nil
	}
	return err
}

// TestJobThatFailsOverAndOverIsGivenUp has a job fail at every restore, for no
// reason that the harness knows of.
func TestJobThatFailsOverAndOverIsGivenUp(t *testing.T) {
	c := restored()
	c.Checkpointing.Restarts = sim.Unlimited
	c.Backend = &crooked{params: func(p *backends.KeyedParams) error { return failsOn(len(p.Restore) > 0, errMade) }}
	r := run(t, c)
	if n := len(r.Evidence.Run.Attempts); n > 20 {
		t.Errorf("%d attempts, want the run to end after a few", n)
	}
	expect(t, r, []finding{{"restored-state", "restore failed, and"}})
	for _, v := range checks.Judge(t.Context(), r.Evidence) {
		if v.Check == "progress" && v.Outcome != checks.Unknown {
			t.Errorf("progress: %s %q, want nobody to say that a job which got no time was late", v.Outcome, v.Message)
		}
	}
}
