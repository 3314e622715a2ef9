// Package sched runs the coroutines of one simulated world, one at a time and in
// virtual time.
//
// A [Loop] holds events in the order of their time. [Loop.At] books a plain call
// (the arrival of a message, a timer, a fault); [Loop.Spawn] starts a [Task], a
// coroutine that lets time pass and others run wherever it yields. Which of
// several events of one time comes first is drawn from the seed, by key: other
// seeds give other interleavings, and an event taken away leaves the draws of all
// others as they were. Every event goes into the trace.
//
// The rules of use:
//   - Everything happens on the goroutine that calls [Loop.Run]. Calls from any
//     other are the caller's mistake; a yield from one panics.
//   - A plain call must not yield, and nothing may yield inside a callback from C.
//   - Between two yields a task is alone. It needs no locks, and must not wait for
//     a lock or a channel of the real world.
//   - A loop is closed when it is done with, or its coroutines leak.
package sched

import (
	"math"
	"time"

	"flinch/sim/rng"
	"flinch/sim/trace"
)

// The points that the loop itself records, with the task's or event's key as A.
const (
	PointStart trace.Point = iota + 1 // a task begins
	PointCall                         // a plain call whose booking named no point
	PointKill                         // a killed task begins to unwind
)

// Points names them.
var Points = trace.Names{PointStart: "start", PointCall: "call", PointKill: "kill"}

// What the loop draws by key.
const (
	purposeTie   = rng.PurposeReserved + iota // the place of a task among events of one time
	purposeSpawn                              // the key of an actor's second and later tasks
	purposeMade                               // the key of an event, from what booked it
	purposeNamed                              // the key of an event that names its own
)

// Params is what a loop is made of.
type Params struct {
	Seed  rng.Seed
	Trace *trace.Log  // where events are recorded; nil: a log that only sums
	Names trace.Names // for the texts of errors; may be nil

	// EventsMax and TimeMax end a run that would go on for ever; 0 is no limit.
	EventsMax int64
	TimeMax   time.Duration

	// OnPanic is told of a panic in a task that no kill explains, on the loop,
	// after the task has unwound; t.Dead tells whether it was dying. nil: Run
	// panics with a *TaskPanic.
	OnPanic func(t *Task, value any, stack []byte)
}

// Loop is one world's clock, events and tasks.
type Loop struct {
	params  Params
	log     *trace.Log
	now     int64
	events  int64
	horizon int64       // events after it wait for a later Run
	until   func() bool // of the Run that is under way
	running bool
	closed  bool

	alwaysSwitch bool // tests: no yield goes on without a switch

	queue  heap
	slots  []slot
	free   []uint32 // slots without an event
	booked int      // events that are neither over nor cancelled
	seq    uint64

	current *Task
	origin  *origin // what books events now: the task, the plain call, or root
	root    origin
	call    origin
	spawns  map[uint64]uint64 // tasks started so far, by actor
	tasks   taskList          // not done yet, oldest first
	dying   []*Task           // killed, to be unwound in this order
	idle    []*worker
}

// origin is something that books events: each gets a key from it and its number.
type origin struct{ key, made uint64 }

// New returns a loop at time 0, without events.
func New(p Params) *Loop {
	l := &Loop{params: p, log: p.Trace, spawns: make(map[uint64]uint64), horizon: math.MaxInt64}
	if l.log == nil {
		l.log = new(trace.Log)
	}
	if l.params.EventsMax <= 0 {
		l.params.EventsMax = math.MaxInt64
	}
	if l.params.TimeMax <= 0 {
		l.params.TimeMax = math.MaxInt64
	}
	l.origin = &l.root
	return l
}

// Now returns the virtual time since the run began.
func (l *Loop) Now() time.Duration { return time.Duration(l.now) }

// Events returns how many events have happened.
func (l *Loop) Events() int64 { return l.events }

// Trace returns the log that events are recorded in.
func (l *Loop) Trace() *trace.Log { return l.log }

// Seed returns the seed that ties are drawn from.
func (l *Loop) Seed() rng.Seed { return l.params.Seed }

// Current returns the task that is running, nil inside plain calls and outside
// Run.
func (l *Loop) Current() *Task { return l.current }

// later returns the time d from now: never before now, and never past the end of
// time.
func (l *Loop) later(d time.Duration) int64 {
	if d <= 0 {
		return l.now
	}
	if int64(d) > math.MaxInt64-l.now {
		return math.MaxInt64
	}
	return l.now + int64(d)
}
