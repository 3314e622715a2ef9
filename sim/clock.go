package sim

import (
	"time"

	"flinch/sim/checkpoint"
)

// When checkpoints begin: the coordinator's clock asks for one now and then, a
// user may ask as well, and the queue of requests says which one may start.

// schedule books the clock's next tick.
func (jm *jobManager) schedule(after time.Duration) {
	jm.ticks++
	tick, e := jm.ticks, jm.exec
	jm.w.loop.After(after, func() {
		jm.t.post(func() {
			if tick != jm.ticks || e != jm.exec || jm.state != jobRunning || jm.draining {
				return
			}
			jm.tick()
			// Unless the request was told when to come again.
			if tick == jm.ticks && e == jm.exec && jm.state == jobRunning {
				jm.schedule(jm.w.cfg.Checkpointing.period())
			}
		})
	})
}

// firstDelay is how long the clock waits before its first tick in an attempt.
func (jm *jobManager) firstDelay() time.Duration {
	c := &jm.w.cfg.Checkpointing
	if !c.queues() {
		return c.Interval
	}
	spread := c.period() - c.MinPause
	return c.MinPause + jm.w.drawn(jm.t.Actor(), purposeFirstTick, uint64(jm.exec.number), spread)
}

// queues tells whether a checkpoint that is due waits while it may not start.
// Where nothing is said of several checkpoints, it is left out.
func (c *Checkpointing) queues() bool { return c.ConcurrentMax > 0 || c.MinPause > 0 }

// period is the least time between two ticks: without a pause the interval.
func (c *Checkpointing) period() time.Duration { return max(c.Interval, c.MinPause) }

// tick asks for a checkpoint.
func (jm *jobManager) tick() {
	if !jm.w.cfg.Checkpointing.queues() && len(jm.pending) >= jm.concurrentMax() {
		return
	}
	jm.request(checkpoint.Request{Periodic: true})
}

// request asks for a checkpoint, which starts now or later.
func (jm *jobManager) request(r checkpoint.Request) {
	r.At = jm.w.loop.Now()
	_, dropped := jm.requests.Add(r)
	for _, d := range dropped {
		jm.refuse(d, "too many requests wait")
	}
	jm.startRequested()
}

// startRequested starts what may start now.
func (jm *jobManager) startRequested() {
	for jm.state == jobRunning && jm.exec.running() && !jm.stopping() {
		d := jm.requests.Next(jm.situation())
		switch {
		case d.Start:
			jm.trigger(d.Request)
		case d.Early:
			jm.refuse(d.Request, "the pause after the last checkpoint is not over")
			jm.schedule(jm.pause())
		default:
			return
		}
	}
}

// askAgain has the job manager look at the requests that wait, once it has dealt
// with what it is dealing with.
func (jm *jobManager) askAgain() {
	if jm.requests.Len() > 0 {
		jm.t.post(jm.startRequested)
	}
}

// situation is how things stand for the next request.
func (jm *jobManager) situation() checkpoint.Situation {
	s := checkpoint.Situation{ConcurrentMax: jm.concurrentMax(), Pending: len(jm.pending), Pause: jm.pause()}
	if jm.w.cfg.Checkpointing.queues() {
		s.Cleaning = jm.cleanups
	}
	return s
}

// pause is how long the clock still has to wait, since a checkpoint has just
// completed.
func (jm *jobManager) pause() time.Duration {
	least := jm.w.cfg.Checkpointing.MinPause
	if least == 0 || !jm.anyCompleted {
		return 0
	}
	return jm.completedAt + least - jm.w.loop.Now()
}

// concurrentMax is how many checkpoints may be under way. Where a pause is kept
// between them there is one, as in Flink; and the drain at the end of a run takes
// one after the other, so that none is overtaken and left behind.
func (jm *jobManager) concurrentMax() int {
	c := &jm.w.cfg.Checkpointing
	if c.MinPause > 0 || jm.w.healed && jm.exec.remaining == 0 {
		return 1
	}
	return max(1, c.ConcurrentMax)
}

// refuse is the end of a request that does not start.
func (jm *jobManager) refuse(r checkpoint.Request, why string) {
	jm.w.tell(jm.p.m.id, 0, "refuses the request of a %s: %s", r.Kind, why)
	jm.refuseUser(r.Asked, why)
}

// refuseAll ends the requests that wait: all, or the clock's alone.
func (jm *jobManager) refuseAll(periodic bool, why string) {
	for _, r := range jm.requests.Drop(periodic) {
		jm.refuse(r, why)
	}
}

// running tells whether every subtask of the attempt runs.
func (e *execution) running() bool { return e.ready == e.parallelism+e.sources }
