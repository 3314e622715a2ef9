package sched

import (
	"time"

	"flinch/sim/rng"
	"flinch/sim/trace"
)

// state is where a task stands.
type state uint8

const (
	stateNew     state = iota // its start is booked
	stateRunning              // it is the current one
	stateTimed                // it goes on at a booked time
	stateParked               // it goes on when it is woken
	stateDying                // killed, waits for its turn to unwind
	stateDone
)

func (s state) String() string {
	return [...]string{"not started", "running", "sleeping", "parked", "dying", "done"}[s]
}

// Task is a coroutine. Its methods other than Kill, Doom, Wake and the ones that
// only tell may be called by its own function alone.
type Task struct {
	loop   *Loop
	worker *worker // nil before its start and after its end
	fn     func(*Task)
	name   string
	actor  uint64
	key    uint64 // what its draws hang on
	event  Event  // its start or wake-up, if booked
	origin origin // of the events that it books
	yields uint64
	draws  []drawn

	state     state
	point     trace.Point // where it stands
	permit    bool        // woken before it parked
	dead      bool        // killed; never taken back
	unwinding bool        // the panic of its kill was raised
	refused   int         // yields refused since
	failure   *TaskPanic

	prev, next *Task
}

// drawn counts a task's draws for one purpose.
type drawn struct {
	purpose rng.Purpose
	ordinal uint64
}

// Spawn starts a task at the present time. The name is for people. The actor is
// who it acts for; draws hang on it and on how many tasks it had before, so give
// each part of the world its own. On a closed loop the task is dead from the
// start and never runs.
func (l *Loop) Spawn(name string, actor uint64, fn func(*Task)) *Task {
	t := &Task{loop: l, fn: fn, name: name, actor: actor, key: actor, point: PointStart}
	if l.closed {
		t.dead, t.state = true, stateDone
		return t
	}
	if earlier := l.spawns[actor]; earlier > 0 {
		t.key = rng.Hash(l.params.Seed, actor, purposeSpawn, earlier)
	}
	l.spawns[actor]++
	t.origin.key = rng.Hash(l.params.Seed, t.key, purposeMade, 0)
	l.tasks.add(t)
	t.book(l.now, t.order())
	return t
}

// Name returns the name that Spawn was given.
func (t *Task) Name() string { return t.name }

// Actor returns who the task acts for.
func (t *Task) Actor() uint64 { return t.actor }

// Loop returns the loop that runs the task.
func (t *Task) Loop() *Loop { return t.loop }

// Dead tells whether the task was killed. It may still be unwinding.
func (t *Task) Dead() bool { return t.dead }

// Done tells whether the task has ended, with all its deferred functions run.
func (t *Task) Done() bool { return t.state == stateDone }

// Draw draws from [0, n) by the key of seed, actor, purpose and how often the task
// drew for that purpose before.
func (t *Task) Draw(purpose rng.Purpose, n uint64) uint64 {
	var ordinal uint64
	for i := range t.draws {
		if d := &t.draws[i]; d.purpose == purpose {
			ordinal = d.ordinal
			d.ordinal++
			return rng.Keyed(t.loop.params.Seed, t.key, purpose, ordinal, n)
		}
	}
	t.draws = append(t.draws, drawn{purpose, 1})
	return rng.Keyed(t.loop.params.Seed, t.key, purpose, ordinal, n)
}

// Yield lets d of virtual time pass, 0 if negative, and others run meanwhile. Even
// with 0 the others whose time is now may come first: that is drawn.
func (t *Task) Yield(point trace.Point, d time.Duration) {
	t.check()
	l := t.loop
	at, order := l.later(d), t.order()
	t.point = point
	if l.isNext(at, order) {
		l.step(at, t)
		return
	}
	t.book(at, order)
	t.state = stateTimed
	t.suspend()
}

// Sleep is Yield with its arguments in the order of the sentence: sleep for d at
// point.
func (t *Task) Sleep(d time.Duration, point trace.Point) { t.Yield(point, d) }

// Park waits for Wake. If the task was woken since it last parked, Park is a
// Yield of no time instead.
func (t *Task) Park(point trace.Point) {
	if t.permit {
		t.permit = false
		t.Yield(point, 0)
		return
	}
	t.check()
	t.point, t.state = point, stateParked
	t.suspend()
}

// Wake lets a parked task go on at the present time. A task that is not parked
// keeps the wake-up, one at most, for when it parks next. Tasks that are dead or
// done are left alone.
func (t *Task) Wake() {
	switch {
	case t.dead || t.state == stateDone:
	case t.state == stateParked:
		t.book(t.loop.now, t.order())
		t.state = stateTimed
	default:
		t.permit = true
	}
}

// isNext tells whether an event of the running task at that place would be the
// next to happen in this Run: then the task just goes on, without a switch.
func (l *Loop) isNext(at int64, order uint64) bool {
	if l.alwaysSwitch || len(l.dying) > 0 || at > l.horizon || l.events >= l.params.EventsMax {
		return false
	}
	if first, ok := l.peek(); ok && first.before(entry{at: at, order: order}) {
		return false
	}
	return l.until == nil || !l.until()
}

// order draws the task's place among the events of one time.
func (t *Task) order() uint64 {
	tie := rng.Hash(t.loop.params.Seed, t.key, purposeTie, t.yields)
	t.yields++
	return t.loop.order(tie)
}

func (t *Task) book(at int64, order uint64) {
	t.event = t.loop.push(at, order, slot{task: t})
}

// taskList holds tasks in the order of their start.
type taskList struct{ first, last *Task }

func (l *taskList) add(t *Task) {
	t.prev = l.last
	if l.last == nil {
		l.first = t
	} else {
		l.last.next = t
	}
	l.last = t
}

func (l *taskList) remove(t *Task) {
	if t.prev == nil {
		l.first = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		l.last = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.prev, t.next = nil, nil
}
