package sim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// Leadership. Where the root of the store is in a coordination service, job
// managers may contend: the service elects another one while the old one lives and
// does not know. From then on the service refuses what the old one asks, task
// managers that have heard of the new one take no orders of the old one, and the old
// one goes on with what it has, until it is refused or told. Then it deletes nothing
// more, since it does not know what is in place, and ends itself.

// The counters of changes, and of what a stale one wanted to store.
const (
	leaderChangesCounter = "leader_changes"
	staleRefusedCounter  = "stale_leader_writes_refused"
)

// changeLeader elects another job manager. The old one is told when it has been
// unaware for long enough; for as long as it is cut off, it does not reach the service.
func (w *world) changeLeader(unaware, cut time.Duration) {
	old, m := w.leader, w.machines[history.JobManager]
	w.count(leaderChangesCounter, 1)
	old.superseded = w.step()
	old.p.cutUntil = w.loop.Now() + cut
	w.endAttempt(old.exec)
	m.stale = append(m.stale, old.p)
	w.tell(m.id, 0, "process %d leads no more, and does not know", old.p.number)
	m.startProcess()
	w.loop.After(unaware, func() {
		if !old.p.dead {
			old.resign("its lease is over")
		}
	})
}

// leads tells whether the job manager is the one that was elected last.
func (jm *jobManager) leads() bool { return jm.superseded == 0 }

// refusedAsStale tells whether an error says that another one leads, rightly.
func (jm *jobManager) refusedAsStale(err error) bool {
	return !jm.leads() && errors.Is(err, checkpoint.ErrSuperseded)
}

// stepDown ends a job manager that was refused as stale, and does not return then.
func (jm *jobManager) stepDown(err error) {
	if jm.refusedAsStale(err) {
		jm.resign(err.Error())
	}
}

// resign ends a stale job manager. What it would still have deleted stays.
func (jm *jobManager) resign(why string) {
	p := jm.p
	jm.w.tell(p.m.id, 0, "process %d leads no more, deletes nothing and ends itself: %s", p.number, why)
	p.m.retire(p)
}

// unexpected records an error that no fault explains. What a stale job manager reads
// may be deleted by the one that leads.
func (jm *jobManager) unexpected(during string, err error) {
	if !jm.leads() && errors.Is(err, fs.ErrNotExist) {
		return
	}
	jm.w.unexpected(jm.p.m.id, 0, during, err)
}

// retire ends a stale process beside the live one, if there is one.
func (m *machine) retire(p *process) {
	m.stale = slices.DeleteFunc(m.stale, func(o *process) bool { return o == p })
	p.buried()
	m.w.killTasks(p)
}

// buried is the end of a stale process but for its tasks.
func (p *process) buried() {
	p.tellDeath()
	p.die()
	who := actor(actorMachine, int(p.m.id), p.number, 2)
	p.m.w.jobManagerDied(p.m.w.draw(who, purposeDetect, p.m.w.cfg.Cluster.DetectDelay), p)
}

// staleInside returns the stale process whose task is running; nil if it is none's.
func (m *machine) staleInside() *process {
	t := m.w.tasks[m.w.loop.Current()]
	if t == nil || !slices.Contains(m.stale, t.proc) {
		return nil
	}
	return t.proc
}

// leaders are the live job managers: the one that leads, and those that think so.
func (w *world) leaders() []*jobManager {
	var all []*jobManager
	if w.leader != nil {
		all = append(all, w.leader)
	}
	for _, p := range w.machines[history.JobManager].stale {
		all = append(all, p.jm)
	}
	return all
}

// order sends an order of the job manager to a task manager, which carries it out
// unless it has heard of a newer one, or registered anew.
func (jm *jobManager) order(what about, to *process, carryOut func()) {
	tm := to.manager
	c := jm.conns[tm.index]
	jm.w.send(message{about: what, from: jm.p, to: to, conn: c, deliver: func() {
		if tm.epoch > jm.incarnation {
			jm.w.tell(to.m.id, what.checkpoint, "ignores an order of process %d of %s: a newer one leads", jm.p.number, jm.p.m.id)
			return
		}
		if c.reaches(to) {
			carryOut()
		}
	}})
}

// errCutOff is what a job manager gets that does not reach the coordination service.
var errCutOff = errors.New("the coordination service does not answer")

// serviceTimeout is how long a request waits for an answer, beside its own way.
const serviceTimeout = time.Millisecond

// coordination is the coordination service as a job manager's process reaches
// it: over a network, so that it may die before the request arrives and before
// the answer does, and that either may be lost.
type coordination struct {
	w *world
	p *process
}

var _ checkpoint.Coordination = coordination{}

// Read implements checkpoint.Coordination.
func (c coordination) Read(ctx context.Context, epoch uint64) ([]byte, uint64, error) {
	if err := c.travel(); err != nil {
		return nil, 0, err
	}
	value, version, err := c.w.service.Read(ctx, epoch)
	if lost := c.travel(); lost != nil {
		return nil, 0, lost
	}
	return value, version, err
}

// CompareAndSwap implements checkpoint.Coordination.
func (c coordination) CompareAndSwap(ctx context.Context, epoch, version uint64, value []byte) error {
	if err := c.travel(); err != nil {
		return err
	}
	err := c.w.service.CompareAndSwap(ctx, epoch, version, value)
	switch {
	case err == nil:
		c.w.files.rooted(recordOf(value), false)
		c.w.files.rooted(recordOf(value), true)
	case errors.Is(err, checkpoint.ErrSuperseded):
		c.w.count(staleRefusedCounter, 1)
	}
	if lost := c.travel(); lost != nil {
		return lost
	}
	return err
}

// travel is the way of a request or an answer: a point at which the process may
// die, as at a disk operation. Somebody who is cut off waits for nothing.
func (c coordination) travel() error {
	t := c.w.tasks[c.w.loop.Current()]
	if t == nil {
		return nil
	}
	t.Yield(pointMessage, t.lasts(purposeNetwork, c.w.cfg.Cluster.NetworkDelay))
	if c.p.cutUntil <= c.w.loop.Now() {
		return nil
	}
	t.Yield(pointMessage, serviceTimeout)
	return fmt.Errorf("process %d of %s: %w", c.p.number, c.p.m.id, errCutOff)
}
