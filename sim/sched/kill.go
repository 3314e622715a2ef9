package sched

import (
	"errors"
	"fmt"

	"flinch/sim/trace"
)

// killed is the panic that unwinds a killed task.
type killed struct{}

func (killed) Error() string { return "sched: the task was killed" }

// IsKill tells whether a recovered value is the panic of a kill, or an error that
// wraps it. Code that recovers in a task panics again with such a value, and
// reports the others.
func IsKill(value any) bool {
	err, ok := value.(error)
	return ok && errors.As(err, &killed{})
}

// TaskPanic is what Run panics with if a task did, and Params has no OnPanic.
type TaskPanic struct {
	Task  string
	Value any
	Stack []byte
}

func (p *TaskPanic) Error() string {
	return fmt.Sprintf("task %s panicked: %v\n\n%s", p.Task, p.Value, p.Stack)
}

// Kill ends a task for good: it is dead at once, and unwinds by a panic from
// where it yielded.
//
// A task that kills itself unwinds within the call, which does not return. Others
// are unwound by the loop before the next event, in the order of their kills: kill
// asynchronous phases first, the owner of the backend last. If tasks killed before
// it still wait for that, a task that kills itself waits behind them. A task that
// has not started vanishes. Killing a task that is dead or done does nothing.
//
// Being dead is for good: if foreign code recovers the panic, the next yield
// panics again, and so do yields in deferred functions.
func (t *Task) Kill() {
	if t.dead || t.state == stateDone {
		return
	}
	l := t.loop
	if l.current == t {
		t.checkCaller()
		t.dead = true
		t.die()
	}
	t.dead = true
	l.Cancel(t.event)
	if t.state == stateNew {
		l.finish(t)
		return
	}
	t.state = stateDying
	l.dying = append(l.dying, t)
}

// KillAll kills tasks that unwind in the order given. The running one may be
// among them and takes its place in that order: then KillAll does not return.
func (l *Loop) KillAll(tasks []*Task) {
	self := false
	for _, t := range tasks {
		if t != l.current || t.dead {
			t.Kill()
			continue
		}
		t.checkCaller()
		t.dead, t.state, self = true, stateDying, true
		l.dying = append(l.dying, t)
	}
	if self {
		l.current.suspend()
	}
}

// Doom is Kill for where no panic may pass, as inside a callback from C: a task
// that dooms itself is dead at once, and unwinds at its next yield. Of other tasks
// it is Kill.
func (t *Task) Doom() {
	if t.loop.current == t && t.state != stateDone {
		t.dead = true
		return
	}
	t.Kill()
}

// check begins every yield.
func (t *Task) check() {
	t.checkCaller()
	if t.dead {
		t.die()
	}
}

func (t *Task) checkCaller() {
	if t.loop.current != t {
		panic(fmt.Sprintf("sched: yield of task %s while %s runs: a task yields for itself only, and plain calls never do",
			t.name, t.loop.currentName()))
	}
	if t.worker.goroutine != goroutine() {
		panic("sched: yield of task " + t.name + " from a goroutine that is not its own")
	}
}

func (l *Loop) currentName() string {
	if l.current == nil {
		return "the loop itself"
	}
	return "task " + l.current.name
}

// refusedMax is how many yields of a dead task are answered with a panic before
// it is given up. Code that recovers and tries again would go on for ever.
const refusedMax = 1000

// die unwinds the running task, behind those that were killed before it.
func (t *Task) die() {
	l := t.loop
	if !t.unwinding && len(l.dying) > 0 {
		l.dying = append(l.dying, t)
		t.state = stateDying
		t.suspend()
	}
	if t.refused++; t.refused > refusedMax {
		t.abandon()
	}
	t.unwind()
}

// unwind panics with the task's kill; the first time it is recorded.
func (t *Task) unwind() {
	l := t.loop
	if !t.unwinding && !l.closed {
		l.log.Add(trace.Record{At: l.Now(), Actor: uint32(t.actor), Point: PointKill, A: t.key, B: uint64(t.point)})
	}
	t.unwinding = true
	panic(killed{})
}

// abandon leaves the running task where it is, for ever, and reports it.
func (t *Task) abandon() {
	t.failure = &TaskPanic{Task: t.name, Value: fmt.Sprintf("killed, and yielded %d times since: it recovers the panic and tries again", t.refused), Stack: stack()}
	w := t.worker
	w.abandoned = true
	t.loop.finish(t)
	w.yield(struct{}{})
	panic("sched: an abandoned task was resumed")
}

// reap unwinds the killed tasks. Their deferred functions may kill more.
func (l *Loop) reap() {
	for i := 0; i < len(l.dying); i++ {
		if t := l.dying[i]; t.state != stateDone {
			l.resume(t)
		}
	}
	clear(l.dying)
	l.dying = l.dying[:0]
}

// Close kills the tasks that are left, the youngest first, and ends all
// coroutines. Nothing can be booked or run after it; closing twice is fine. A
// panic of a dying task goes where one in Run would, when all are unwound. The
// trace is over: these kills are not in it.
func (l *Loop) Close() {
	l.enter("Close")
	defer l.leave()
	l.closed = true
	var first *TaskPanic
	if l.params.OnPanic == nil {
		l.params.OnPanic = func(t *Task, value any, stack []byte) {
			if first == nil {
				first = &TaskPanic{Task: t.name, Value: value, Stack: stack}
			}
		}
	}
	l.reap()
	for l.tasks.last != nil {
		l.tasks.last.Kill()
		l.reap()
	}
	for _, w := range l.idle {
		w.stop()
	}
	l.idle, l.queue, l.slots, l.free = nil, nil, nil, nil
	if first != nil {
		panic(first)
	}
}
