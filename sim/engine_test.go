package sim_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"flinch/backends"
	"flinch/faults"
	"flinch/sim"
)

// TestTimeOfAnEnginePassesWhenItsCallHasReturned: inside the engine time stands
// still, and what its operations took goes by before the task does anything else.
func TestTimeOfAnEnginePassesWhenItsCallHasReturned(t *testing.T) {
	c := brief()
	c.Cluster.LocalIODelay = 10 * time.Millisecond
	var opened, first time.Duration
	c.Backend = &crooked{
		params: func(p *backends.KeyedParams) error {
			if p.Count == nil || opened != 0 { // an auditor's, or another instance's
				return nil
			}
			before := p.Now()
			for i := range 50 {
				if err := p.Engine.MkdirAll(fmt.Sprintf("%s/%d", p.Dir, i), 0o755); err != nil {
					return err
				}
			}
			if opened = p.Now(); opened != before {
				t.Errorf("%v went by inside the engine", opened-before)
			}
			return p.Engine.RemoveAll(p.Dir)
		},
		snapshot: func(in *instance, _ backends.CheckpointID) error {
			if first == 0 && in.params.Subtask == 0 {
				first = in.params.Now()
			}
			return nil
		},
	}
	if _, err := sim.Run(context.Background(), c, sim.Options{}); err != nil {
		t.Fatal(err)
	}
	// 100 operations and more, each up to 10 ms.
	if first-opened < 200*time.Millisecond {
		t.Errorf("the first snapshot came %v after 100 operations of 10 ms at most", first-opened)
	}
}

// TestBrokenInstanceFailsItsTask: an error of the asynchronous phase that breaks
// the instance is not merely a checkpoint that fails.
func TestBrokenInstanceFailsItsTask(t *testing.T) {
	for _, broken := range []bool{false, true} {
		failed := false
		c := calm()
		c.Backend = &crooked{write: func(ctx context.Context, p *pending) (backends.KeyedHandle, error) {
			if failed {
				return p.honest(ctx)
			}
			failed = true
			err := errors.Join(faults.ErrInjected, p.Discard())
			if broken {
				err = fmt.Errorf("%w: %w", backends.ErrBroken, err)
			}
			return backends.KeyedHandle{}, err
		}}
		r, err := sim.Run(context.Background(), c, sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		judge(t, "one snapshot fails", r)
		want := 1
		if broken {
			want = 2
		}
		if n := len(r.Evidence.Run.Attempts); n != want {
			t.Errorf("broken=%v: %d attempts, want %d", broken, n, want)
		}
	}
}
