package sim

import (
	"slices"
	"time"

	"flinch/model/history"
)

// taskManager is what a task manager's process knows: whose orders it takes and
// which subtasks it runs. It has no task of its own: its orders arrive as
// messages.
type taskManager struct {
	w        *world
	p        *process
	index    int
	begun    bool          // no files of earlier processes are in the way any more
	leader   *process      // the job manager's process that it obeys
	epoch    int           // the newest job manager's that it has obeyed: it takes no orders of older ones
	conn     *connection   // its registration there
	heardAt  time.Duration // when that asked for a sign of life last
	subtasks []running
	idle     func() // called once no subtask is left
	copies   *localCopies
}

// running is a subtask with what it does.
type running struct {
	*subtask
	body body
}

func startTaskManager(p *process) {
	tm := &taskManager{w: p.m.w, p: p, index: int(p.m.id - history.FirstTaskManager)}
	tm.copies = &localCopies{tm: tm, fs: p.local}
	p.manager = tm
	tm.w.tell(p.m.id, 0, "process %d starts", p.number)
	tm.watch()
	if !p.m.hasLocalFiles() {
		tm.begin()
		return
	}
	p.spawn("start of "+p.m.id.String(), actor(actorMachine, int(p.m.id), p.number, 1), rankOwner, func(*task) {
		tm.sweepLocal()
		tm.begin()
	})
}

// begin reports to the job manager, if there is one.
func (tm *taskManager) begin() {
	tm.begun = true
	if jm := tm.w.leader; jm != nil {
		tm.obey(jm)
	}
}

// obey stops whatever another job manager had ordered and registers. A job
// manager that is obeyed already has ordered what runs: it stays.
func (tm *taskManager) obey(jm *jobManager) {
	if !tm.begun || tm.leader == jm.p || tm.epoch > jm.incarnation {
		return
	}
	c := &connection{tm: tm, jm: jm}
	tm.leader, tm.epoch, tm.conn, tm.heardAt = jm.p, jm.incarnation, c, tm.w.loop.Now()
	tm.cancel(func() {
		tm.report(about{kind: history.Ready}, func(jm *jobManager) { jm.registered(c) })
	})
}

// cancel stops all subtasks in good order and calls done when none is left.
func (tm *taskManager) cancel(done func()) {
	tm.idle = done
	for _, r := range tm.subtasks {
		r.cancel()
	}
	tm.checkIdle()
}

// cancelOne stops a subtask in good order and calls done when it is gone.
func (tm *taskManager) cancelOne(s *subtask, done func()) {
	if !slices.ContainsFunc(tm.subtasks, func(r running) bool { return r.subtask == s }) {
		done() // it never arrived, or is gone already
		return
	}
	s.whenGone = done
	s.cancel()
}

func (tm *taskManager) gone(s *subtask) {
	if s.whenGone != nil {
		s.whenGone()
	}
	tm.subtasks = slices.DeleteFunc(tm.subtasks, func(r running) bool { return r.subtask == s })
	tm.checkIdle()
}

func (tm *taskManager) checkIdle() {
	if len(tm.subtasks) == 0 && tm.idle != nil {
		done := tm.idle
		tm.idle = nil
		done()
	}
}

// report sends a message to the job manager that the task manager obeys, which
// handles it in its own time.
func (tm *taskManager) report(what about, handle func(*jobManager)) { tm.reportOr(what, handle, nil) }

func (tm *taskManager) reportOr(what about, handle func(*jobManager), lost func()) {
	to := tm.leader
	if to == nil {
		return
	}
	tm.w.send(message{about: what, from: tm.p, to: to, conn: tm.conn, lost: lost, deliver: func() {
		to.jm.t.post(func() { handle(to.jm) })
	}})
}

// leaderLost is how a task manager notices that its job manager is gone, or does
// not reach it: it stops what it runs, and waits for the next one.
func (tm *taskManager) leaderLost(p *process) {
	if tm.leader == p {
		tm.leader, tm.conn = nil, nil
		tm.cancel(nil)
	}
}

// run starts a subtask that was deployed here.
func (tm *taskManager) run(s *subtask, b body) {
	s.tm, s.p = tm, tm.p
	kind := actorSource
	if s.vertex == chainVertex {
		kind = actorChain
	}
	tm.subtasks = append(tm.subtasks, running{s, b})
	s.t = tm.p.spawn(s.vertex, actor(kind, s.launch.number, s.index, 0), rankOwner, func(t *task) {
		s.t, t.subtask = t, s
		s.main(b)
	})
}

// notify hands a notification to every subtask of an attempt.
func (tm *taskManager) notify(e *execution, id int64, deliver func(body, int64) error) {
	for _, r := range tm.subtasks {
		if r.exec != e {
			continue
		}
		r.t.post(func() {
			if r.failed || r.cancelled {
				return
			}
			if err := deliver(r.body, id); err != nil {
				r.fail("notify", err)
			}
		})
	}
}

// processDied has the rest of the world notice the death of a process, after a
// while, and starts the next one.
func (w *world) processDied(p *process) {
	m := p.m
	who := actor(actorMachine, int(m.id), m.processes, 0)
	notice := w.draw(who, purposeDetect, w.cfg.Cluster.DetectDelay)
	if m.id == history.JobManager {
		w.jobManagerDied(notice, p)
	} else {
		w.loop.After(notice, func() {
			for _, jm := range w.leaders() {
				jm.t.post(func() { jm.lost(p) })
			}
		})
	}
	restart := w.cfg.Cluster.ProcessRestart
	w.loop.After(restart/2+w.draw(who, purposeRestart, restart/2), m.startProcess)
}

func (w *world) jobManagerDied(notice time.Duration, p *process) {
	if w.leader == p.jm {
		w.leader = nil
	}
	w.files.leaderDied(p.jm.incarnation)
	w.endAttempt(p.jm.exec)
	for _, m := range w.machines[history.FirstTaskManager:] {
		if m.proc == nil {
			continue
		}
		tm := m.proc.manager
		w.loop.After(notice, func() {
			if !tm.p.dead {
				tm.leaderLost(p)
			}
		})
	}
}
