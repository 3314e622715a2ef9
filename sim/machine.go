package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model/history"
	"flinch/sim/rng"
	"flinch/sim/sched"
	"flinch/sim/trace"
)

// machine is one simulated machine: a disk that stays, and the processes that
// run on it one after the other. The storage machine has no process of ours: it
// serves its disk to the others while it is up.
type machine struct {
	w         *world
	id        history.Machine
	disk      *disk.Disk
	up        bool
	proc      *process // nil while none runs
	processes int
}

// process is one life of a job manager or task manager.
type process struct {
	m       *machine
	number  int // of this machine's processes, from 1
	dead    bool
	diedAt  history.Step
	tasks   []*task
	local   *disk.Disk // its views; their hooks are this process'
	storage *disk.Disk
	manager *taskManager
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
	mailbox    []func()
}

var (
	errDead        = errors.New("the process is dead")
	errStorageDown = errors.New("checkpoint storage is down")
)

func newMachine(w *world, id history.Machine) (*machine, error) {
	m := &machine{w: w, id: id}
	options := disk.Options{Now: w.loop.Now}
	if w.cfg.Files == nil {
		m.disk = disk.New(nil, options)
		return m, nil
	}
	base, err := w.cfg.Files(id)
	if err == nil {
		m.disk, err = disk.On(base, nil, options)
	}
	if err != nil {
		return nil, fmt.Errorf("files of %s: %w", id, err)
	}
	return m, nil
}

// startProcess begins the machine's next life.
func (m *machine) startProcess() {
	m.processes++
	p := &process{m: m, number: m.processes}
	p.local = m.disk.View(p.hook(m))
	p.storage = m.w.machines[history.Storage].disk.View(p.hook(m.w.machines[history.Storage]))
	m.proc = p
	if m.id == history.JobManager {
		startJobManager(p)
	} else {
		startTaskManager(p)
	}
}

// spawn starts a task of the process.
func (p *process) spawn(name string, who uint64, r rank, fn func(*task)) *task {
	t := &task{proc: p, rank: r}
	p.tasks = append(p.tasks, t)
	t.Task = p.m.w.loop.Spawn(name, who, func(*sched.Task) {
		fn(t)
		p.forget(t)
	})
	p.m.w.tasks[t.Task] = t
	return t
}

func (p *process) forget(t *task) {
	delete(p.m.w.tasks, t.Task)
	p.tasks = slices.DeleteFunc(p.tasks, func(o *task) bool { return o == t })
}

// enter says what the task does from now on.
func (t *task) enter(phase history.Phase, checkpoint int64) {
	w := t.proc.m.w
	t.phase, t.checkpoint = phase, checkpoint
	if phase == history.Running {
		return
	}
	w.note(pointPhase, uint32(t.proc.m.id), uint64(phase), uint64(checkpoint))
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

// waitUntil parks the task until it is woken or the time has come.
func (t *task) waitUntil(at time.Duration, point trace.Point) {
	alarm := t.Loop().At(at, t.Wake)
	t.Park(point)
	t.Loop().Cancel(alarm)
}

// hook is how the process meets a machine's disk: every operation of it is a
// scheduling point on entry, and may be where a fault strikes.
func (p *process) hook(on *machine) disk.Hook {
	w := p.m.w
	return func(op faults.Op) faults.Outcome {
		if p.dead {
			return faults.Outcome{Err: errDead}
		}
		t := w.tasks[w.loop.Current()]
		site := faults.Site{Disk: on.id, Process: p.m.id}
		if t != nil {
			site.Phase, site.Checkpoint = t.phase, t.checkpoint
		}
		if op.Done {
			return w.afterIO(site, op, p)
		}
		if t != nil && !op.Atomic {
			t.Yield(pointIO, t.lasts(purposeIO, w.cfg.Cluster.IODelay))
		}
		return w.beforeIO(site, op, p)
	}
}

// beforeIO is the entry of an operation: a crash point, then the faults, then
// the watch over needed files.
func (w *world) beforeIO(site faults.Site, op faults.Op, p *process) faults.Outcome {
	// The point comes before the record: what follows from the operation carries
	// a later step.
	if w.opt.Observe != nil {
		w.opt.Observe(w.point(site, op))
	}
	w.note(pointIO, uint32(site.Process)<<8|uint32(site.Disk), hashOf(op.Path), uint64(op.Kind)<<32|uint64(op.Bytes))
	w.run.Counters["io_operations"]++
	out := w.storageDown(site, op)
	if out.Err == nil {
		// The faults may take the storage away, or kill the caller.
		if out = w.controls.decide(site, op); out.Err == nil {
			out = w.storageDown(site, op)
		}
	}
	if p.dead {
		return faults.Outcome{Err: errDead}
	}
	if site.Disk == history.Storage && op.Kind.Mutates() {
		w.files.before(site, op, out)
	}
	return out
}

// storageDown refuses what is asked of checkpoint storage while it is away.
func (w *world) storageDown(site faults.Site, op faults.Op) faults.Outcome {
	if site.Disk != history.Storage || w.machines[history.Storage].up {
		return faults.Outcome{}
	}
	return faults.Outcome{Err: fmt.Errorf("%s %s: %w", op.Kind, op.Path, errStorageDown)}
}

// afterIO is asked when an operation has taken effect and its caller does not
// know yet.
func (w *world) afterIO(site faults.Site, op faults.Op, p *process) faults.Outcome {
	watched := site.Disk == history.Storage && op.Kind.Mutates()
	if watched {
		// Before the faults are asked: they may kill the caller, and not return.
		w.files.after(site, op, p)
	}
	out := w.controls.decide(site, op)
	if watched && out.Err != nil {
		w.files.failed(op, out)
	}
	if p.dead {
		return faults.Outcome{Err: errDead}
	}
	return out
}

// crash ends the machine's process; with power, its disk keeps what a crash
// image of the cluster's profile holds. If the running task is the process' own,
// crash does not return.
func (m *machine) crash(power bool) {
	w, p := m.w, m.proc
	w.recordCrash(m, power)
	m.proc = nil
	if p != nil {
		p.dead, p.diedAt = true, w.step()
		p.local.Detach()
		p.storage.Detach()
		w.files.processDied(p)
	}
	if power {
		m.losePower()
	}
	if m.id == history.Storage {
		m.goDown()
	}
	if p == nil {
		return
	}
	w.processDied(p)
	p.killTasks()
}

// killTasks unwinds the tasks of a dead process in their order. The running one
// comes last, since it does not return.
func (p *process) killTasks() {
	doomed := slices.Clone(p.tasks)
	slices.SortStableFunc(doomed, func(a, b *task) int { return int(a.rank) - int(b.rank) })
	p.tasks = nil
	var self *task
	for _, t := range doomed {
		delete(p.m.w.tasks, t.Task)
		if t.Task == p.m.w.loop.Current() {
			self = t
			continue
		}
		t.Kill()
	}
	if self != nil {
		self.Kill()
	}
}

// losePower leaves on the machine's disk what survives.
func (m *machine) losePower() {
	w := m.w
	choose := &chooser{w: w, actor: actor(actorMachine, int(m.id), m.processes, 0), purpose: purposePower, ordinal: uint64(w.draw(actor(actorMachine, int(m.id), 0, 1), purposePower, 1<<40))}
	if err := m.disk.PowerLoss(w.cfg.Cluster.Profile, choose); err != nil {
		w.unexpected(m.id, 0, "power loss", err)
	}
	if m.id == history.Storage {
		w.files.lostPower()
	}
}

// goDown takes checkpoint storage away for a while.
func (m *machine) goDown() {
	m.up = false
	m.w.loop.After(m.w.cfg.Cluster.Outage, func() {
		m.up = true
		m.w.tell(m.id, 0, "is up again")
	})
}

// recordCrash writes down in which phase the crash fell: the one of the process'
// own tasks, or of the checkpoint under way.
func (w *world) recordCrash(m *machine, power bool) {
	phase, checkpoint := w.phaseOf(m)
	what := "process crashes"
	if power {
		what = "power loss"
	}
	w.note(pointCrash, uint32(m.id), uint64(phase), uint64(checkpoint))
	w.run.Crashes = append(w.run.Crashes, history.Crash{
		Step: w.step(), At: w.loop.Now(), Machine: m.id, PowerLoss: power, Phase: phase, Checkpoint: checkpoint,
	})
	w.fault(m.id, checkpoint, "%s (%s)", what, phase)
}

// phaseOf finds what a machine is in the middle of.
func (w *world) phaseOf(m *machine) (history.Phase, int64) {
	if t := w.tasks[w.loop.Current()]; t != nil && t.phase != history.Running {
		return t.phase, t.checkpoint
	}
	phase, checkpoint := history.Running, int64(0)
	if m.proc != nil {
		for _, t := range m.proc.tasks {
			if t.phase > phase {
				phase, checkpoint = t.phase, t.checkpoint
			}
		}
	}
	if phase == history.Running && w.leader != nil && w.leader.pending != nil {
		return history.Triggered, int64(w.leader.pending.id)
	}
	return phase, checkpoint
}

// fault adds a line in capitals to the narrative.
func (w *world) fault(m history.Machine, checkpoint int64, format string, args ...any) {
	w.tell(m, checkpoint, format, args...)
	if n := len(w.run.Events); w.opt.Narrate && n > 0 {
		w.run.Events[n-1].Fault = true
	}
}
