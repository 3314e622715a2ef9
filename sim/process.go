package sim

import (
	"slices"
	"time"

	"flinch/faults/disk"
	"flinch/model/history"
	"flinch/sim/rng"
	"flinch/sim/sched"
	"flinch/sim/trace"
)

// process is one life of a job manager or task manager.
type process struct {
	m       *machine
	number  int // of this machine's processes, from 1
	dead    bool
	tasks   []*task
	local   *disk.Disk // its views; their hooks are this process'
	storage *disk.Disk
	manager *taskManager
	jm      *jobManager
	// cutUntil is when the process reaches the coordination service again.
	cutUntil time.Duration
}

// rank is the order in which the tasks of a dying process die: asynchronous
// phases first, the owner of the backend last.
type rank uint8

const (
	rankAsync rank = iota
	rankCleanup
	rankOwner
)

// task is a coroutine of a process.
type task struct {
	*sched.Task
	proc       *process
	rank       rank
	phase      history.Phase
	checkpoint int64
	subtask    *subtask // that it works for; nil: none
	span       int32    // of its phase, in the narrative, from 1; 0: none
	mailbox    []func()
	transfers  int           // helpers that it had for transfers
	owed       time.Duration // virtual time of atomic operations, not yet let pass
}

// spawn starts a task of the process.
func (p *process) spawn(name string, who uint64, r rank, fn func(*task)) *task {
	t := &task{proc: p, rank: r}
	p.tasks = append(p.tasks, t)
	t.Task = p.m.w.loop.Spawn(name, who, func(*sched.Task) {
		// Deferred, so that a dying task is known until it has unwound.
		defer p.forget(t)
		fn(t)
	})
	p.m.w.tasks[t.Task] = t
	return t
}

func (p *process) forget(t *task) {
	t.tellPhase(history.Running, 0)
	delete(p.m.w.tasks, t.Task)
	p.m.w.lastGone = t
	p.tasks = slices.DeleteFunc(p.tasks, func(o *task) bool { return o == t })
}

// enter says what the task does from now on.
func (t *task) enter(phase history.Phase, checkpoint int64) {
	w := t.proc.m.w
	t.phase, t.checkpoint = phase, checkpoint
	if phase == history.Running {
		t.tellPhase(phase, 0)
		return
	}
	if phase == phase.Whole() { // parts are told, but are no events of the trace
		w.note(pointPhase, uint32(t.proc.m.id), uint64(phase), uint64(checkpoint))
	}
	t.tellPhase(phase, checkpoint)
	w.run.Counters["phases."+phase.String()]++
	w.controls.entered(phase, t.proc.m.id, checkpoint)
}

// post hands a function to the task's mailbox; the task runs it when it next
// looks.
func (t *task) post(fn func()) {
	t.mailbox = append(t.mailbox, fn)
	t.Wake()
}

// drain runs what is in the mailbox, and what that puts there.
func (t *task) drain() {
	for len(t.mailbox) > 0 {
		fn := t.mailbox[0]
		t.mailbox = t.mailbox[1:]
		fn()
	}
}

// lasts draws how long something takes, up to most.
func (t *task) lasts(purpose rng.Purpose, most time.Duration) time.Duration {
	return time.Duration(t.Draw(purpose, uint64(most)+1))
}

// pass lets time pass, with what atomic operations owe.
func (t *task) pass(point trace.Point, d time.Duration) {
	d += t.owed
	t.owed = 0
	t.Yield(point, d)
}

// settle lets the time pass that an engine call owes. It is called after each, so
// that a task that died inside the engine goes no further than here.
func (t *task) settle() {
	if t.owed > 0 || t.Dead() {
		t.pass(pointIO, 0)
	}
}

// waitUntil parks the task until it is woken or the time has come.
func (t *task) waitUntil(at time.Duration, point trace.Point) {
	alarm := t.Loop().At(at, t.Wake)
	t.Park(point)
	t.Loop().Cancel(alarm)
}

// die has the disks refuse the process from now on. Its tasks are killed last.
func (p *process) die() {
	p.dead = true
	p.local.Detach()
	p.storage.Detach()
	p.m.w.files.processDied(p)
}

// killTasks unwinds the tasks of dead processes in the order of their ranks. If
// the running task is one of them, killTasks does not return, unless the task is
// inside an engine: no panic may pass there, so it dies at its next yield.
func (w *world) killTasks(dead ...*process) {
	var tasks []*task
	for _, p := range dead {
		tasks = append(tasks, p.tasks...)
		p.tasks = nil
	}
	slices.SortStableFunc(tasks, func(a, b *task) int { return int(a.rank) - int(b.rank) })
	doomed := make([]*sched.Task, 0, len(tasks))
	var engaged *sched.Task
	for _, t := range tasks {
		if w.atomic && t.Task == w.loop.Current() {
			engaged = t.Task
			continue
		}
		doomed = append(doomed, t.Task)
	}
	if engaged != nil {
		engaged.Doom()
	}
	w.loop.KillAll(doomed)
}
