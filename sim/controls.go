package sim

import (
	"slices"
	"time"

	"flinch/faults"
	"flinch/model/history"
	"flinch/sim/sched"
)

// controls is what faults may do to a world. They are off once the run is
// healed.
type controls struct {
	w      *world
	io     []*ioHook
	phases [history.PhaseCount][]*phaseHook
	mail   []func(faults.Message) (faults.Delivery, bool)
	commit []func(faults.Commit) (faults.Answer, bool)
}

type ioHook struct {
	fn   func(faults.Site, faults.Op) (faults.Outcome, bool)
	over bool
}

type phaseHook struct {
	fn   func(history.Machine, int64) bool
	over bool
}

var _ faults.Controls = (*controls)(nil)

// Now implements faults.Controls.
func (c *controls) Now() time.Duration { return c.w.loop.Now() }

// At implements faults.Controls.
func (c *controls) At(t time.Duration, fn func()) {
	c.book(t, hashOf("fault"), fn)
}

// armed is the controls as one fault has them: its events have keys of their own,
// so that leaving a fault out of a case leaves the ties of all others as they were.
type armed struct {
	*controls
	key uint64
}

// At implements faults.Controls.
func (a *armed) At(t time.Duration, fn func()) {
	a.key = hashWords(a.key, 1)
	a.book(t, a.key, fn)
}

func (c *controls) book(t time.Duration, key uint64, fn func()) {
	c.w.loop.Book(sched.Call{At: t, Point: pointFault, Key: key, Do: func() {
		if !c.w.healed {
			fn()
		}
	}})
}

// OnIO implements faults.Controls.
func (c *controls) OnIO(fn func(faults.Site, faults.Op) (faults.Outcome, bool)) {
	c.io = append(c.io, &ioHook{fn: fn})
}

// OnPhase implements faults.Controls.
func (c *controls) OnPhase(phase history.Phase, fn func(history.Machine, int64) bool) {
	c.phases[phase] = append(c.phases[phase], &phaseHook{fn: fn})
}

// Alive implements faults.Controls.
func (c *controls) Alive(m history.Machine) bool {
	if int(m) >= len(c.w.machines) {
		return false
	}
	target := c.w.machines[m]
	return target.up && (target.proc != nil || m == history.Storage)
}

// Crash implements faults.Controls.
func (c *controls) Crash(m history.Machine) { c.w.machines[m].crash(false) }

// PowerLoss implements faults.Controls.
func (c *controls) PowerLoss(m history.Machine) { c.w.machines[m].crash(true) }

// ChangeLeader implements faults.Controls.
func (c *controls) ChangeLeader(unaware, cut time.Duration) { c.w.changeLeader(unaware, cut) }

// Fired implements faults.Controls.
func (c *controls) Fired(f faults.Fault, m history.Machine, detail string) {
	w := c.w
	phase, checkpoint := history.Running, int64(0)
	if int(m) < len(w.machines) {
		phase, checkpoint = w.phaseOf(w.machines[m])
	}
	switch f.(type) {
	case faults.Partition, faults.PartitionInPhase:
		w.count(partitionCounter, 1)
	}
	w.note(pointFault, uint32(m), hashOf(f.Kind()), 0)
	w.run.Fired = append(w.run.Fired, history.FiredFault{
		Kind: f.Kind(), Step: w.step(), At: w.loop.Now(), Machine: m,
		Phase: phase, Checkpoint: checkpoint, Detail: detail,
	})
	w.fault(m, checkpoint, "%s: %s", f.Kind(), detail)
}

// TaskManagers implements faults.Controls.
func (c *controls) TaskManagers() int { return c.w.cfg.Cluster.TaskManagers }

// decide asks the faults about an operation.
func (c *controls) decide(site faults.Site, op faults.Op) faults.Outcome {
	if c.w.healed || len(c.io) == 0 {
		return faults.Outcome{}
	}
	var out faults.Outcome
	for _, h := range c.io {
		if h.over {
			continue
		}
		o, over := h.fn(site, op)
		h.over = over
		if o.Err != nil {
			out = o
			break
		}
		out.Delay = max(out.Delay, o.Delay)
	}
	c.io = slices.DeleteFunc(c.io, func(h *ioHook) bool { return h.over })
	return out
}

// entered tells the faults that a process is in a new phase.
func (c *controls) entered(phase history.Phase, m history.Machine, checkpoint int64) {
	if c.w.healed {
		return
	}
	for _, h := range slices.Clone(c.phases[phase]) {
		if !h.over {
			h.over = h.fn(m, checkpoint)
		}
	}
	c.phases[phase] = slices.DeleteFunc(c.phases[phase], func(h *phaseHook) bool { return h.over })
}
