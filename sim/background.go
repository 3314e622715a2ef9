package sim

import "flinch/backends"

// Background jobs of engines (flushes, compactions) go on when the simulation
// says so: a task beside each chain subtask advances them, step by step, between
// records, and while snapshots are written.

// startBackground starts that task if some backend has background jobs.
func (c *chain) startBackground() {
	for _, k := range c.ops {
		if m, ok := k.backend.(backends.Maintainer); ok {
			c.maintained = append(c.maintained, m)
		}
	}
	if len(c.maintained) == 0 {
		return
	}
	who := actor(actorBackground, c.launch.number, c.index, 0)
	c.background = c.p.spawn("background of chain", who, rankAsync, func(t *task) {
		t.subtask = &c.subtask
		c.maintain(t)
		c.background, c.helpers = nil, nil
		c.t.Wake()
	})
	c.helpers = append(c.helpers, c.background)
}

// maintain advances the jobs until the subtask ends.
func (c *chain) maintain(t *task) {
	for !c.cancelled && !c.failed {
		busy := false
		for _, m := range c.maintained {
			if m.Backlog() == 0 {
				continue
			}
			busy = true
			t.pass(pointBackground, t.lasts(purposeBackground, c.w.cfg.Cluster.BackgroundDelay))
			if c.cancelled || c.failed {
				return
			}
			err := m.Maintain(c.ctx)
			t.settle()
			if err != nil {
				c.t.post(func() { c.fail("background work", err) })
				return
			}
		}
		if !busy {
			t.Park(pointPark)
		}
	}
}

// wakeBackground tells the task beside the subtask that there may be work.
func (c *chain) wakeBackground() {
	if c.background == nil {
		return
	}
	for _, m := range c.maintained {
		if m.Backlog() > 0 {
			c.background.Wake()
			return
		}
	}
}
