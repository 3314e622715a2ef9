package sim

import (
	"context"
	"fmt"
	"time"

	"flinch/backends"
	"flinch/backends/storage"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// jobState is where the job stands for its job manager.
type jobState uint8

const (
	jobRecovering jobState = iota // the checkpoint store is being opened
	jobWaiting                    // for task managers
	jobRunning
	jobCancelling // waits for the subtasks of a failed attempt to be gone
	jobDelaying   // waits before the next attempt
	jobStopped    // no restarts are left
	jobStopping   // the savepoint that the user stops the job with is complete
	jobSuspended  // the user has stopped the job
)

// jobManager is one life of the job manager: it opens the store of completed
// checkpoints, deploys attempts, and fails them over. Its work on checkpoints is
// in coordinator.go. Everything runs in its one main task, in the order in which
// messages arrive.
type jobManager struct {
	w           *world
	p           *process
	t           *task
	incarnation int          // the fencing token of its orders
	epoch       uint64       // of its leadership, from the coordination service
	superseded  history.Step // when the service elected another; 0: it leads
	ctx         context.Context
	storage     storage.Storage
	store       *checkpoint.Store
	shared      *checkpoint.SharedState
	state       jobState
	managers    []*process      // registered task managers; nil: not there
	conns       []*connection   // theirs; nil: none, or given up
	heardAt     []time.Duration // when each gave a sign of life last
	waits       time.Duration   // until when it waits for the rest of them; 0: it does not
	cancelling  []*process      // task managers that have not answered a cancellation
	exec        *execution
	restarting  []*regionRestart // by region, those that restart alone; nil: none ever did
	restarts    int

	pending  []*pendingCheckpoint // oldest first
	heard    map[ackName]bool     // acknowledgements that have come
	cleanups int                  // clean-up tasks under way
	failures checkpoint.Failures
	requests checkpoint.Requests

	completedAt  time.Duration // when a checkpoint completed last
	anyCompleted bool

	serving    map[int64]bool // requests of the user that are being dealt with
	submission *request       // that is to begin; nil: none
	booked     int64          // submission that the book of shared files is of
	finished   int            // chains that have committed what the job ends with

	draining bool
	ticks    int // generations of the trigger timer
}

func startJobManager(p *process) {
	w := p.m.w
	w.incarnations++
	jm := &jobManager{
		w: w, p: p, incarnation: w.incarnations, ctx: context.Background(),
		managers: make([]*process, w.cfg.Cluster.TaskManagers), heard: map[ackName]bool{}, serving: map[int64]bool{},
		conns: make([]*connection, w.cfg.Cluster.TaskManagers), heardAt: make([]time.Duration, w.cfg.Cluster.TaskManagers),
	}
	w.leader, p.jm = jm, jm
	if jm.contends() {
		jm.epoch = w.service.Elect()
	}
	w.tell(p.m.id, 0, "process %d starts", p.number)
	jm.beat()
	jm.t = p.spawn("job-manager", actor(actorJobManager, jm.incarnation, 0, 0), rankOwner, func(t *task) {
		jm.t = t
		jm.main()
	})
}

// main recovers the store, then works through the mailbox for ever.
func (jm *jobManager) main() {
	jm.t.enter(history.Restoring, 0)
	for !jm.open() {
		jm.t.Sleep(jm.w.cfg.Cluster.DetectDelay+1, pointPark)
	}
	jm.t.enter(history.Running, 0)
	jm.state = jobWaiting
	for _, m := range jm.w.machines[history.FirstTaskManager:] {
		if m.proc != nil {
			tm := m.proc.manager
			jm.w.send(message{about: about{kind: history.Register}, from: jm.p, to: tm.p, deliver: func() { tm.obey(jm) }})
		}
	}
	for {
		jm.t.drain()
		jm.t.Park(pointPark)
	}
}

// open opens storage and store. It is repeated after errors: an unreadable
// checkpoint fails the recovery, it is never passed over.
func (jm *jobManager) open() bool {
	var err error
	jm.storage, err = jm.w.newStorage(jm.p, nil, fmt.Sprintf("job-manager-%d", jm.incarnation))
	if err == nil {
		jm.store, err = checkpoint.Open(jm.ctx, checkpoint.Params{
			Pointer: jm.pointer(), Storage: jm.storage, RetainedMax: jm.w.cfg.Checkpointing.Retained,
		})
	}
	if err != nil {
		jm.stepDown(err)
		jm.unexpected("recover the checkpoint store", err)
		jm.w.tell(jm.p.m.id, 0, "cannot recover the checkpoint store: %v", err)
		return false
	}
	jm.shared, jm.booked = checkpoint.NewSharedState(jm.store.Retained()), jm.store.Submission()
	jm.placed()
	return true
}

// contends tells whether several job managers may contend for the leadership.
func (jm *jobManager) contends() bool { return jm.w.cfg.contended() }

// pointer is the root of the store. Without a durable place for metadata it dies
// with the job manager, and only the numbering of checkpoints goes on: what
// starts then is a new life of the job.
func (jm *jobManager) pointer() checkpoint.Pointer {
	c := jm.w.cfg
	switch {
	case !c.durable():
		p := &volatileRoot{w: jm.w}
		first := checkpoint.Record{Version: 1, NextID: backends.CheckpointID(jm.w.lastID + 1)}
		if err := p.Store(jm.ctx, checkpoint.Record{}, first); err != nil {
			panic(fmt.Sprintf("sim: an empty pointer in memory refuses a record: %v", err))
		}
		return p
	case jm.contends():
		return checkpoint.NewCoordinationPointer(coordination{jm.w, jm.p}, jm.epoch)
	}
	return checkpoint.NewFilePointer(jm.p.local, pointerPath)
}

// registered takes a task manager's process in. One that registers anew has
// cancelled what it ran.
func (jm *jobManager) registered(c *connection) {
	i := c.tm.index
	if old := jm.managers[i]; old != nil && (old != c.tm.p || jm.conns[i] != c) {
		jm.lost(old)
	}
	jm.managers[i], jm.conns[i], jm.heardAt[i] = c.tm.p, c, jm.w.loop.Now()
	jm.tryDeploy()
	jm.redeployRegions()
}

// lost takes a task manager's process out that is dead, or cannot be reached.
func (jm *jobManager) lost(p *process) {
	i := int(p.m.id - history.FirstTaskManager)
	if jm.managers[i] != p {
		return
	}
	jm.managers[i], jm.conns[i] = nil, nil
	jm.w.tell(jm.p.m.id, 0, "misses %s", p.m.id)
	jm.cancelledOn(p)
	jm.lostFromRegions(p)
	if jm.state == jobRunning {
		jm.failRegions(jm.exec.hostedBy(p), fmt.Sprintf("%s was lost", p.m.id))
	}
	jm.endStop()
}

// subtaskRuns counts the subtasks that are ready; once all are, checkpoints begin.
func (jm *jobManager) subtaskRuns(s *subtask) {
	e := jm.exec
	if s.exec != e || !e.current(s) || jm.state != jobRunning || jm.isRestarting(s.region()) {
		return
	}
	s.ready = true
	e.ready++
	if e.running() {
		jm.schedule(jm.firstDelay())
		jm.startRequested()
	}
}

func (jm *jobManager) subtaskFailed(s *subtask, err error) {
	if s.exec != jm.exec || !jm.exec.current(s) {
		return
	}
	if jm.state == jobRunning {
		jm.failRegions([]int{s.region()}, err.Error())
	}
	jm.endStop()
}

// failover ends the attempt: its subtasks are cancelled, and once they are gone
// and a delay is over, the next attempt is deployed.
func (jm *jobManager) failover(reason string) {
	w := jm.w
	w.tell(jm.p.m.id, 0, "fails the job over: %s", reason)
	w.run.Counters["failovers"]++
	jm.refuseAll(false, "the attempt failed")
	jm.abortAll("the attempt failed")
	w.endAttempt(jm.exec)
	jm.restarting = nil
	jm.failures.Reset()
	jm.restarts++
	jm.state = jobCancelling
	if limit := w.cfg.Checkpointing.Restarts; limit != Unlimited && jm.restarts > limit {
		jm.state = jobStopped
		jm.exhausted(limit, reason)
	}
	jm.cancelAll()
}

// cancelSubtasks ends an attempt that the user wants no more.
func (jm *jobManager) cancelSubtasks() {
	jm.state = jobCancelling
	jm.cancelAll()
}

// cancelAll cancels all subtasks.
func (jm *jobManager) cancelAll() {
	jm.cancelling = nil
	for _, p := range jm.managers {
		if p == nil {
			continue
		}
		jm.cancelling = append(jm.cancelling, p)
		tm := p.manager
		jm.order(about{kind: history.Cancel}, p, func() {
			tm.cancel(func() {
				tm.report(about{kind: history.Cancelled}, func(jm *jobManager) { jm.cancelledOn(tm.p) })
			})
		})
	}
	jm.checkCancelled()
}

// exhausted ends the run, since the job has failed over as often as it may. A stale
// job manager gives up for itself alone.
func (jm *jobManager) exhausted(limit int, reason string) {
	if !jm.leads() {
		return
	}
	jm.w.run.Quiesce.LegalStop = fmt.Sprintf("restart strategy exhausted after %d restarts: %s", limit, reason)
	jm.w.run.Counters["legal_stops"]++
}

func (jm *jobManager) cancelledOn(p *process) {
	for i, o := range jm.cancelling {
		if o == p {
			jm.cancelling = append(jm.cancelling[:i], jm.cancelling[i+1:]...)
			break
		}
	}
	jm.checkCancelled()
}

func (jm *jobManager) checkCancelled() {
	if jm.state != jobCancelling || len(jm.cancelling) > 0 {
		return
	}
	jm.state = jobDelaying
	jm.w.loop.After(jm.w.cfg.Cluster.RestartDelay, func() {
		jm.t.post(func() {
			jm.state = jobWaiting
			jm.tryDeploy()
		})
	})
}
