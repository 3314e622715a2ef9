package faults

import (
	"time"

	"flinch/model/history"
)

// ioWatch waits for the nth disk operation that it matches. Operations are
// counted on entry, or with after set when they have taken effect.
type ioWatch struct {
	match func(site Site, op Op) bool
	after bool
	nth   int // from 1
	count int // on how many operations in a row, the nth first, to act
	act   func(site Site, op Op) Outcome
}

// arm starts the watch. Act may panic, since it may kill the caller, so what was
// counted must not depend on its return.
func (w ioWatch) arm(c Controls) {
	seen, last := 0, w.nth+w.count-1
	c.OnIO(func(site Site, op Op) (Outcome, bool) {
		if seen >= last {
			return Outcome{}, true
		}
		if op.Done != w.after || !w.match(site, op) {
			return Outcome{}, false
		}
		seen++
		if seen < w.nth {
			return Outcome{}, false
		}
		return w.act(site, op), seen >= last
	})
}

// phaseWatch waits until some process enters a phase for the nth time, and then
// for a span of virtual time.
type phaseWatch struct {
	phase history.Phase
	nth   int // from 1
	delay time.Duration
	act   func(process history.Machine)
}

// arm starts the watch. Act may panic: see ioWatch.
func (w phaseWatch) arm(c Controls) {
	seen := 0
	c.OnPhase(w.phase, func(process history.Machine, _ int64) bool {
		if seen >= w.nth {
			return true
		}
		seen++
		switch {
		case seen < w.nth:
			return false
		case w.delay == 0:
			w.act(process)
		default:
			c.At(c.Now()+w.delay, func() { w.act(process) })
		}
		return true
	})
}

// inPhase tells whether a site is in the phase; nil means any.
func inPhase(site Site, phase *history.Phase) bool {
	return phase == nil || site.Phase.Within(*phase)
}

// crash kills a machine's process, if it has one running.
func crash(c Controls, f Fault, m history.Machine, detail string) {
	if !c.Alive(m) {
		return
	}
	c.Fired(f, m, detail)
	c.Crash(m)
}

// losePower takes the power of a machine, if it has any.
func losePower(c Controls, f Fault, m history.Machine, detail string) {
	if !c.Alive(m) {
		return
	}
	c.Fired(f, m, detail)
	c.PowerLoss(m)
}
