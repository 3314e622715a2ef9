package sim

import (
	"errors"
	"fmt"

	"flinch/model/history"
	"flinch/sim/barrier"
)

// What a chain does about barriers: it asks its barrier.Handler, and carries out
// what that says.

// errSubsumed explains why an alignment ended: no fault needs to be looked for.
var errSubsumed = errors.New("the alignment was given up")

// arrive takes in a barrier or cancel marker that the chain has read.
func (c *chain) arrive(input int, it item) error {
	if it.cancels {
		return c.act(c.barriers.Cancel(input, it.barrier), it.kind)
	}
	return c.act(c.barriers.Barrier(input, it.asBarrier(), c.w.loop.Now()), it.kind)
}

// asBarrier is the barrier as the handler sees it.
func (it item) asBarrier() barrier.Barrier {
	return barrier.Barrier{ID: it.barrier, Unaligned: it.kind.unaligned, Deadline: it.kind.deadline}
}

// act carries out what the handler decided, in its order.
func (c *chain) act(actions []barrier.Action, kind snapshotKind) error {
	for _, a := range actions {
		if err := c.actOne(a, kind); err != nil {
			return err
		}
	}
	return nil
}

func (c *chain) actOne(a barrier.Action, kind snapshotKind) error {
	switch a.Kind {
	case barrier.Align:
		c.flying.kind = kind
		c.t.enter(history.Aligning, a.ID)
	case barrier.Snapshot:
		c.t.enter(history.Running, 0)
		return c.snapshot(a.ID, kind, nil)
	case barrier.Switch:
		c.w.count(switchedCounter, 1)
	case barrier.Overtake:
		c.t.enter(history.Running, 0)
		return c.overtake(a.ID, kind)
	case barrier.Capture, barrier.Release:
		c.captureInput(a)
	case barrier.Complete:
		c.leave(a.ID)
	case barrier.Decline:
		c.t.enter(history.Running, 0)
		c.leave(a.ID)
		c.stopAsync(a.ID)
		c.decline(a.ID, fmt.Errorf("checkpoint %d: %s: %w", a.ID, a.Reason, errSubsumed))
	}
	return nil
}

// mode is what the handlers of the chains promise.
func (c *Checkpointing) mode() barrier.Mode {
	if c.Mode == AtLeastOnce {
		return barrier.AtLeastOnce
	}
	return barrier.ExactlyOnce
}
