package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flinch/backends/storage"
	"flinch/checks"
	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model"
	"flinch/model/history"
	"flinch/sim/checkpoint"
	"flinch/sim/rng"
	"flinch/sim/sched"
	"flinch/sim/trace"

	"github.com/cespare/xxhash/v2"
)

// world is one running simulation and the harness around it.
type world struct {
	ctx   context.Context
	cfg   *Config
	opt   Options
	job   *job
	trace *trace.Log
	loop  *sched.Loop

	machines []*machine // by history.Machine
	tasks    map[*sched.Task]*task
	lastGone *task // that ended last: a panic is reported right after its task's end
	controls *controls
	links    map[[2]history.Machine]*link
	inFlight int // messages under way

	leader       *jobManager // the live job manager, nil while there is none
	incarnations int         // job managers so far
	attempts     int         // attempts so far
	exec         *execution  // the newest attempt
	service      checkpoint.Service
	lastID       int64 // highest checkpoint id ever used: the harness' own count

	run        *history.Run
	barriers   []int32 // places of those in the narrative that may be under way
	audits     []checks.Audit
	live       []checks.Audit // of live instances: see auditLive
	scratch    dumpScratch
	cuts       map[int64]*cut // what was frozen, by checkpoint
	files      *fileLog
	outside    *outside
	touched    []bool // by key: some record of it was processed
	draws      map[drawKey]uint64
	operations int64                       // checked: see Result
	answers    int64                       // compared
	uses       [3]int64                    // operations on operator state, by model.Distribution
	fired      int64                       // timers
	expired    int64                       // values that operations found expired
	kinds      [model.StateKindCount]int64 // operations of the case carried out, by kind of state

	operators [OperatorCount]string // names of the keyed operators
	// allowNonRestored lets an attempt drop the state of operators that the job
	// has no more.
	allowNonRestored bool
	refused          error // why a checkpoint does not fit the job: the run ends with it

	// restoredOnly ends the run at the first audit of a restore.
	restoredOnly bool

	atomic     bool  // a fault decides on an operation inside an engine
	user       *user // nil: he asks for nothing
	healed     bool
	overtime   bool
	finishedAt int64 // completed checkpoints since healing
	hopeless   int   // checkpoints in a row since healing that limits of storage refused
}

// actorKind tells the draws of different parts of the world apart.
type actorKind uint64

const (
	actorJobManager actorKind = iota + 1
	actorSource
	actorChain
	actorAsync
	actorCleanup
	actorMachine
	actorLink
	actorChannel
	actorAudit
	actorBackground
	actorUser
)

// actor makes an identity for draws. It names a place in the job, not the
// moment: leaving a record or a fault out of a case leaves it as it was.
func actor(kind actorKind, a, b, c int) uint64 {
	return uint64(kind)<<56 | uint64(a)&0xffff<<40 | uint64(b)&0xffff<<24 | uint64(c)&0xffffff
}

// What the simulation draws.
const (
	purposeNetwork rng.Purpose = iota + 1
	purposeIO
	purposePace
	purposeWork
	purposeDetect
	purposeRestart
	purposePower
	purposeAudit
	purposeBackend
	purposeBackground
	purposeLocalIO
	purposeCompress
	purposeFirstTick
	purposeCopy
	purposeHeartbeat
)

type drawKey struct {
	actor   uint64
	purpose rng.Purpose
}

// draw draws from [0, n] by key for parts of the world that are no task.
func (w *world) draw(actor uint64, purpose rng.Purpose, n time.Duration) time.Duration {
	k := drawKey{actor, purpose}
	ordinal := w.draws[k]
	w.draws[k] = ordinal + 1
	return time.Duration(rng.Keyed(w.cfg.Seed, actor, purpose, ordinal, uint64(n)+1))
}

// drawn draws from [0, n] by key, for the ordinal that something has by itself:
// what a record contains, say, so that leaving out another one changes nothing.
func (w *world) drawn(actor uint64, purpose rng.Purpose, ordinal uint64, n time.Duration) time.Duration {
	return time.Duration(rng.Keyed(w.cfg.Seed, actor, purpose, ordinal, uint64(n)+1))
}

// chooser draws by key for code that wants a source of choices.
type chooser struct {
	w       *world
	actor   uint64
	purpose rng.Purpose
	ordinal uint64
}

// backendChooser draws by key for an instance of a backend: each label has an
// ordinal of its own, so that one draw more of one sort leaves the others alone.
type backendChooser struct {
	w        *world
	actor    uint64
	ordinals map[string]uint64
}

// Uint64N implements backends.Chooser.
func (c *backendChooser) Uint64N(label string, n uint64) uint64 {
	if c.ordinals == nil {
		c.ordinals = map[string]uint64{}
	}
	c.ordinals[label]++
	return rng.Keyed(c.w.cfg.Seed, c.actor^hashOf(label), purposeBackend, c.ordinals[label], n)
}

// Uint64N implements disk.Chooser.
func (c *chooser) Uint64N(_ string, n uint64) uint64 {
	c.ordinal++
	return rng.Keyed(c.w.cfg.Seed, c.actor, c.purpose, c.ordinal, n)
}

// eventsMax ends a run that would go on for ever.
const eventsMax = 20_000_000

func newWorld(ctx context.Context, cfg *Config, o Options) (*world, error) {
	w := &world{
		ctx: ctx, cfg: cfg, opt: o, job: newJob(cfg), operators: operatorNames, trace: trace.Continuing(o.from),
		tasks: map[*sched.Task]*task{}, links: map[[2]history.Machine]*link{},
		cuts: map[int64]*cut{}, draws: map[drawKey]uint64{},
		run:     &history.Run{Counters: newCounters()},
		touched: make([]bool, len(cfg.Job.Keys)),
	}
	if o.Keep {
		w.trace = trace.Keeping()
	}
	limit := o.Limit
	if limit == 0 {
		limit = eventsMax
	}
	w.loop = sched.New(sched.Params{
		Seed: cfg.Seed, Trace: w.trace, Names: PointNames, EventsMax: limit, OnPanic: w.panicked,
	})
	if len(cfg.Actions) > 0 {
		w.user = &user{w: w}
	}
	w.files, w.outside, w.controls = newFileLog(w), &outside{w: w, tried: map[int]bool{}}, &controls{w: w}
	for i := range cfg.machineCount() {
		m, err := newMachine(w, history.Machine(i))
		if err != nil {
			return nil, err
		}
		w.machines = append(w.machines, m)
	}
	return w, nil
}

// start arms the faults and starts every process.
func (w *world) start() {
	twins := map[string]uint64{} // faults that say the same
	for _, f := range w.cfg.Faults {
		name := f.Kind() + " " + f.String()
		f.Arm(&armed{controls: w.controls, key: hashWords(hashOf(name), twins[name])})
		twins[name]++
	}
	for _, m := range w.machines {
		m.up = true
		if m.id == history.Storage {
			m.tellLife(1)
		} else {
			m.startProcess()
		}
	}
	w.writeBack()
	if w.user != nil {
		w.user.goOn()
	}
}

// writeBack makes old pending operations durable, as kernels do, for as long as
// the run goes on.
func (w *world) writeBack() {
	age := w.cfg.Cluster.WriteBack
	if age <= 0 {
		return
	}
	for _, m := range w.machines {
		m.disk.WriteBack(w.loop.Now() - age)
	}
	w.loop.After(age/2+1, w.writeBack)
}

// step is the number of the latest thing that happened.
func (w *world) step() history.Step { return w.trace.Steps() }

// note adds something that is no event of the loop to the trace and returns its
// step.
func (w *world) note(p trace.Point, actor uint32, a, b uint64) history.Step {
	return w.trace.Add(trace.Record{At: w.loop.Now(), Actor: actor, Point: p, A: a, B: b})
}

// tell adds a line to the narrative, if one is wanted.
func (w *world) tell(m history.Machine, checkpoint int64, format string, args ...any) {
	if !w.opt.Narrate {
		return
	}
	w.run.Events = append(w.run.Events, history.Event{
		Step: w.step(), At: w.loop.Now(), Machine: m, Checkpoint: checkpoint, Text: fmt.Sprintf(format, args...),
	})
}

// explained tells whether an error needs no further explanation: a fault was
// injected, a machine died, or an alignment was given up. That somebody was told
// to stop only its own context can tell. Whether a stream is too large is measured.
func explained(err error) bool {
	return errors.Is(err, faults.ErrInjected) || errors.Is(err, disk.ErrDetached) || errors.Is(err, disk.ErrPowerLost) ||
		errors.Is(err, errStorageDown) || errors.Is(err, storage.ErrTooLarge) || errors.Is(err, errDead) || errors.Is(err, errCutOff) || errors.Is(err, errSubsumed) ||
		errors.Is(err, errFenced)
}

// unexpectedMax is how many errors that nothing explains end a run: it is broken,
// and a job that fails over and over would do so for hours.
const unexpectedMax = 10

// ruined tells whether there is no use in going on.
func (w *world) ruined() bool {
	return w.refused != nil || len(w.run.Unexpected) >= unexpectedMax
}

// unexpected records an error that no fault explains. Others are passed over.
func (w *world) unexpected(m history.Machine, attempt int, during string, err error) {
	if explained(err) || w.ruined() {
		return
	}
	w.tell(m, 0, "UNEXPECTED error in %s: %v", during, err)
	w.run.Unexpected = append(w.run.Unexpected, history.Unexpected{
		Step: w.step(), At: w.loop.Now(), Machine: m, Attempt: attempt, During: during, Text: err.Error(),
	})
}

// panicked records a panic in a task. The task is gone; its process follows.
func (w *world) panicked(t *sched.Task, value any, stack []byte) {
	known := w.lastGone
	if known == nil || known.Task != t {
		panic(fmt.Sprintf("sim: panic in unknown task %s: %v\n%s", t.Name(), value, stack))
	}
	w.run.Unexpected = append(w.run.Unexpected, history.Unexpected{
		Step: w.step(), At: w.loop.Now(), Machine: known.proc.m.id, During: t.Name(),
		Text: fmt.Sprintf("panic: %v", value), Panic: true, Frames: framesOf(string(stack)),
	})
	w.tell(known.proc.m.id, 0, "PANIC in %s: %v", t.Name(), value)
	// A task that was dying takes nobody along.
	switch m := known.proc.m; {
	case known.proc.dead:
	case known.proc != m.proc:
		m.retire(known.proc)
	default:
		m.crash(false)
	}
}

func hashOf(text string) uint64 { return xxhash.Sum64String(text) }

// hashWords mixes words into one.
func hashWords(list ...uint64) uint64 {
	var sum uint64
	for i, x := range list {
		sum = rng.Hash(rng.Seed(sum), x, 0, uint64(i))
	}
	return sum
}
