package sched

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"flinch/sim/trace"
)

// ErrNoProgress is wrapped by the errors of a run that did not reach its end: no
// event is left, or a limit of Params is reached. Their text says who waits where.
var ErrNoProgress = errors.New("no progress")

// Run lets events happen until the condition holds; it is asked before each of
// them, and must only look. With nil, Run returns when no event is left.
// Otherwise that, like the limits, is an error that wraps [ErrNoProgress].
func (l *Loop) Run(until func() bool) error {
	return l.run(until, math.MaxInt64)
}

// RunUntil lets the events up to and including a time happen, and sets the clock
// to it.
func (l *Loop) RunUntil(at time.Duration) error {
	err := l.run(nil, int64(at))
	if err == nil {
		l.now = max(l.now, int64(at))
	}
	return err
}

func (l *Loop) run(until func() bool, horizon int64) error {
	if l.closed {
		panic("sched: Run called on a closed loop")
	}
	l.enter("Run")
	defer l.leave()
	l.until, l.horizon = until, min(horizon, int64(l.params.TimeMax))
	for {
		l.reap()
		if until != nil && until() {
			return nil
		}
		next, ok := l.peek()
		switch {
		case !ok && until == nil:
			return nil
		case !ok:
			return l.noProgress("no event is left")
		case next.at > horizon:
			return nil
		case next.at > l.horizon:
			return l.noProgress(fmt.Sprintf("the next event lies beyond %v", l.params.TimeMax))
		case l.events >= l.params.EventsMax:
			return l.noProgress(fmt.Sprintf("%d events are over", l.events))
		}
		l.fire(next)
	}
}

// enter and leave stand around everything that resumes tasks. leave also holds
// when a plain call panics or a task ends its goroutine (as testing.T.FailNow
// does): the loop can still be closed.
func (l *Loop) enter(call string) {
	if l.running {
		panic("sched: " + call + " called from inside the loop")
	}
	l.running = true
}

func (l *Loop) leave() {
	l.running, l.until = false, nil
	l.current, l.origin = nil, &l.root
}

// fire lets the next event happen.
func (l *Loop) fire(next entry) {
	l.queue.pop()
	s := l.slots[next.slot]
	l.release(next.slot)
	l.booked--
	if s.task != nil {
		l.step(next.at, s.task)
		l.resume(s.task)
		return
	}
	l.now = next.at
	l.events++
	l.log.Add(trace.Record{At: l.Now(), Actor: s.actor, Point: s.point, A: s.key})
	l.call = origin{key: s.key}
	l.origin = &l.call
	s.do()
	l.origin = &l.root
}

// step moves the clock to a task's event and records it.
func (l *Loop) step(at int64, t *Task) {
	l.now = at
	l.events++
	l.log.Add(trace.Record{At: l.Now(), Actor: uint32(t.actor), Point: t.point, A: t.key, B: t.yields})
}

// noProgress names the tasks that are not done, the oldest first.
func (l *Loop) noProgress(why string) error {
	const shown = 12
	var text strings.Builder
	n := 0
	for t := l.tasks.first; t != nil; t = t.next {
		if n++; n <= shown {
			fmt.Fprintf(&text, "; %s %v at %s", t.name, t.state, l.params.Names.Name(t.point))
		}
	}
	if n > shown {
		fmt.Fprintf(&text, "; and %d more tasks", n-shown)
	}
	return fmt.Errorf("%w at %v: %s%s", ErrNoProgress, l.Now(), why, text.String())
}
