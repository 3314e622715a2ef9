package sched

import (
	"iter"
	"runtime/debug"
)

// worker is a coroutine that runs one task after the other: making one costs
// several times what a task's own start does.
type worker struct {
	task      *Task
	resume    func() (struct{}, bool)
	stop      func()
	yield     func(struct{}) bool
	goroutine uintptr
	abandoned bool
}

func newWorker() *worker {
	w := new(worker)
	w.resume, w.stop = iter.Pull(w.serve)
	return w
}

// serve runs tasks until stop is called between two of them.
func (w *worker) serve(yield func(struct{}) bool) {
	w.yield, w.goroutine = yield, goroutine()
	for {
		w.run(w.task)
		if !yield(struct{}{}) {
			return
		}
	}
}

// run runs a task to its end, however it ends. If it ends its goroutine, iter
// passes that on to the one that runs the loop.
func (w *worker) run(t *Task) {
	defer func() {
		if value := recover(); value != nil && !(t.dead && IsKill(value)) {
			t.failure = &TaskPanic{Task: t.name, Value: value, Stack: stack()}
		}
		t.loop.finish(t)
	}()
	t.fn(t)
}

// stack is called where a panic was recovered: it shows where that came from.
func stack() []byte { return debug.Stack() }

// suspend hands over to the loop until the task is resumed. A task that was
// killed meanwhile goes no further.
func (t *Task) suspend() {
	t.worker.yield(struct{}{})
	if t.dead {
		t.unwind()
	}
}

// resume runs a task until it yields or ends.
func (l *Loop) resume(t *Task) {
	if t.worker == nil {
		l.employ(t)
	}
	w := t.worker
	t.state = stateRunning
	l.current, l.origin = t, &t.origin
	w.resume()
	l.current, l.origin = nil, &l.root
	if t.state == stateDone {
		l.dismiss(w)
		l.report(t)
	}
}

// employ finds a worker for a task that starts.
func (l *Loop) employ(t *Task) {
	if n := len(l.idle); n > 0 {
		t.worker = l.idle[n-1]
		l.idle = l.idle[:n-1]
	} else {
		t.worker = newWorker()
	}
	t.worker.task = t
}

func (l *Loop) dismiss(w *worker) {
	if !w.abandoned {
		w.task = nil
		l.idle = append(l.idle, w)
	}
}

// finish marks a task as done and forgets it.
func (l *Loop) finish(t *Task) {
	t.state = stateDone
	t.worker, t.fn = nil, nil
	l.tasks.remove(t)
}

// report hands on a panic that no kill explains.
func (l *Loop) report(t *Task) {
	if t.failure == nil {
		return
	}
	if l.params.OnPanic == nil {
		panic(t.failure)
	}
	l.params.OnPanic(t, t.failure.Value, t.failure.Stack)
}
