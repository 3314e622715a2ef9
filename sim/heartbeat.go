package sim

import (
	"slices"
	"time"

	"flinch/model/history"
)

// Signs of life between job manager and task managers, where the case asks for
// them. The job manager asks the task managers that are connected, and they
// answer. One that does not answer for a time counts as lost: the attempt fails
// over without it, and what it still runs are zombies until it notices by itself
// that nobody asks it any more.

// connection is a task manager's registration with one job manager. Each side
// gives it up by itself; what belongs to one that was given up has no effect.
type connection struct {
	tm *taskManager
	jm *jobManager
}

// reaches tells whether a process that gets a message of the connection heeds it.
// What comes to a job manager says itself which attempt it is about.
func (c *connection) reaches(to *process) bool {
	return c == nil || to != c.tm.p || c.tm.conn == c
}

// kept tells whether the sender of a message has not given the connection up.
func (c *connection) kept(from *process) bool {
	switch {
	case c == nil:
		return true
	case from == c.tm.p:
		return c.tm.conn == c
	}
	return c.jm.conns[c.tm.index] == c
}

// beat asks for signs of life now and then.
func (jm *jobManager) beat() {
	c := &jm.w.cfg.Cluster
	if c.HeartbeatInterval == 0 {
		return
	}
	jm.w.loop.After(c.HeartbeatInterval, func() {
		if jm.p.dead {
			return
		}
		for i, conn := range jm.conns {
			if conn == nil {
				continue
			}
			if jm.w.loop.Now()-jm.heardAt[i] > c.HeartbeatTimeout {
				jm.t.post(func() { jm.timedOut(conn) })
				continue
			}
			jm.ask(conn)
		}
		jm.beat()
	})
}

// ask asks a task manager for a sign of life.
func (jm *jobManager) ask(c *connection) {
	w, tm := jm.w, c.tm
	w.send(message{about: about{kind: history.Heartbeat}, from: jm.p, to: tm.p, conn: c, deliver: func() {
		if !c.reaches(tm.p) {
			return
		}
		tm.heardAt = w.loop.Now()
		w.send(message{about: about{kind: history.Heartbeat}, from: tm.p, to: jm.p, conn: c, deliver: func() {
			if jm.conns[tm.index] == c {
				jm.heardAt[tm.index] = w.loop.Now()
			}
		}})
	}})
}

// timedOut takes out a task manager that has given no sign of life for too long.
func (jm *jobManager) timedOut(c *connection) {
	i := c.tm.index
	if jm.conns[i] != c || jm.w.loop.Now()-jm.heardAt[i] <= jm.w.cfg.Cluster.HeartbeatTimeout {
		return
	}
	jm.w.count(heartbeatCounter, 1)
	jm.lost(c.tm.p)
}

// watch has the task manager notice that its job manager does not ask any more:
// it stops what it runs, and offers its slots anew.
func (tm *taskManager) watch() {
	c := &tm.w.cfg.Cluster
	if c.HeartbeatInterval == 0 {
		return
	}
	tm.w.loop.After(c.HeartbeatInterval, func() {
		if tm.p.dead {
			return
		}
		switch {
		case tm.leader == nil && tm.w.leader != nil:
			tm.obey(tm.w.leader)
		case tm.leader != nil && tm.w.loop.Now()-tm.heardAt > c.OrphanTimeout:
			tm.w.count(orphanedCounter, 1)
			tm.w.tell(tm.p.m.id, 0, "has not heard of its job manager for %v: it cancels its tasks", c.OrphanTimeout)
			tm.leaderLost(tm.leader)
		}
		tm.watch()
	})
}

// enough tells whether there are task managers enough to deploy to: all, or where
// signs of life tell who is lost, those that are there after a while.
func (jm *jobManager) enough() bool {
	there := len(jm.present())
	if there == len(jm.managers) {
		jm.waits = 0
		return true
	}
	c, now := &jm.w.cfg.Cluster, jm.w.loop.Now()
	if c.HeartbeatInterval == 0 || there == 0 {
		return false
	}
	if jm.waits == 0 {
		jm.waits = now + c.HeartbeatTimeout
		jm.w.loop.At(jm.waits, func() { jm.t.post(jm.tryDeploy) })
	}
	if now < jm.waits {
		return false
	}
	jm.waits = 0
	return true
}

// present lists the task managers that are registered.
func (jm *jobManager) present() []*process {
	var list []*process
	for _, p := range jm.managers {
		if p != nil {
			list = append(list, p)
		}
	}
	return list
}

// apart tells whether a task manager is away, without which an attempt may run, or
// subtasks run of an attempt that is over.
func (w *world) apart() bool {
	if w.cfg.Cluster.HeartbeatInterval == 0 {
		return false
	}
	if slices.Contains(w.leader.managers, nil) {
		return true
	}
	for _, m := range w.machines[history.FirstTaskManager:] {
		if m.proc == nil {
			continue
		}
		for _, r := range m.proc.manager.subtasks {
			if r.isZombie() {
				return true
			}
		}
	}
	return false
}

// reunion is how long it takes at most until all are connected again after a
// partition.
func (c *Config) reunion() time.Duration {
	h := &c.Cluster
	if h.HeartbeatInterval == 0 {
		return 0
	}
	return 2*(h.HeartbeatTimeout+h.OrphanTimeout) + 4*h.HeartbeatInterval + 2*c.retry()
}
