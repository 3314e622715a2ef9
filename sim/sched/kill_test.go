package sched

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// victim yields in its body, in a deferred function, and in one deferred by that.
func victim(t *Task, left *int) {
	*left = 3
	leave := func() { *left-- }
	defer leave()
	defer func() {
		defer leave()
		defer t.Yield(4, 1)
		t.Yield(3, 1)
	}()
	defer func() {
		defer leave()
		defer func() {
			if value := recover(); value != nil {
				panic(fmt.Errorf("close: %w", value.(error)))
			}
		}()
		t.Yield(2, 1)
		t.Park(2)
	}()
	t.Yield(1, 1)
	t.Sleep(1, 1)
}

// Whenever a task is killed, its deferred functions run to their end, before the
// next event, and no yield in them passes.
func TestKillAtEveryYieldUnwindsBeforeTheNextEvent(t *testing.T) {
	for _, how := range []func(*Task){(*Task).Kill, (*Task).Doom} {
		for at := range time.Duration(9) {
			l := New(Params{Seed: 1})
			left := -1
			task := l.Spawn("victim", 1, func(t *Task) { victim(t, &left) })
			l.At(3, func() { task.Wake() })
			killed := false
			if err := l.RunUntil(at); err != nil {
				t.Fatal(err)
			}
			started, done := left >= 0, task.Done()
			l.At(at, func() {
				how(task)
				killed = true
				l.After(0, func() {
					if !task.Done() || (started && left != 0) || (!started && left != -1) {
						t.Errorf("killed at %d: done %v, %d deferred functions left", at, task.Done(), left)
					}
				})
			})
			if err := l.Run(nil); err != nil {
				t.Fatal(err)
			}
			if !killed || task.Dead() == done {
				t.Errorf("killed at %d: dead %v, was done %v", at, task.Dead(), done)
			}
			l.Close()
		}
	}
}

func TestATaskThatDoomsItselfDiesAtItsNextYieldBehindTheOthers(t *testing.T) {
	l := New(Params{Seed: 1})
	defer l.Close()
	var order []string
	phase := l.Spawn("phase", 2, func(t *Task) {
		defer func() { order = append(order, "phase") }()
		t.Park(1)
	})
	l.Spawn("owner", 1, func(t *Task) {
		defer func() { order = append(order, "owner") }()
		t.Yield(1, 1)
		phase.Kill() // as a hook would, called from an engine
		t.Doom()
		order = append(order, "engine returns")
		t.Yield(1, 0)
		order = append(order, "never")
	})
	if err := l.Run(nil); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, ", "); got != "engine returns, phase, owner" {
		t.Error(got)
	}
}

func TestATaskThatRecoversForEverIsGivenUp(t *testing.T) {
	var report string
	l := New(Params{Seed: 1, OnPanic: func(t *Task, value any, _ []byte) { report = fmt.Sprint(t.Name(), " ", value) }})
	task := l.Spawn("stubborn", 1, func(t *Task) {
		for {
			func() {
				defer func() { _ = recover() }()
				t.Yield(1, 1)
			}()
		}
	})
	l.At(5, task.Kill)
	if err := l.Run(nil); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if !task.Done() || !strings.HasPrefix(report, "stubborn killed, and yielded 1001 times") {
		t.Errorf("done %v, report %q", task.Done(), report)
	}
}

func TestAPanicInATaskLeavesRunWithItsStack(t *testing.T) {
	l := New(Params{Seed: 1})
	defer l.Close()
	l.Spawn("bad", 1, func(*Task) { explode() })
	defer func() {
		p, ok := recover().(*TaskPanic)
		if !ok || p.Task != "bad" || fmt.Sprint(p.Value) != "boom" || !strings.Contains(p.Error(), "explode") {
			t.Errorf("recovered %v", p)
		}
	}()
	_ = l.Run(nil)
	t.Error("Run returned")
}

func explode() { panic("boom") }

// A panic of its own on the way down is no kill: a backend whose Close fails on a
// dead disk is heard of.
func TestAPanicWhileDyingIsReported(t *testing.T) {
	dying := false
	l := New(Params{Seed: 1, OnPanic: func(t *Task, value any, _ []byte) { dying = t.Dead() && value == "boom" }})
	task := l.Spawn("bad", 1, func(t *Task) {
		defer explode()
		t.Park(1)
	})
	l.At(1, task.Kill)
	if err := l.Run(nil); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if !dying {
		t.Error("not reported")
	}
}

func TestCloseUnwindsEverythingAndThenPanics(t *testing.T) {
	l := New(Params{Seed: 1})
	ended := 0
	for i := range 5 {
		l.Spawn("t", uint64(i), func(t *Task) {
			defer func() {
				ended++
				l.Spawn("late", 9, func(*Task) { ended = -100 })
				l.After(0, func() { ended = -100 })
				if i == 2 {
					explode()
				}
			}()
			t.Park(1)
		})
	}
	if err := l.Run(nil); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if p, ok := recover().(*TaskPanic); !ok || p.Value != "boom" {
				t.Errorf("recovered %v", p)
			}
		}()
		l.Close()
	}()
	l.Close()
	if ended != 5 {
		t.Errorf("%d tasks unwound", ended)
	}
}

func TestAYieldOutsideItsTaskPanics(t *testing.T) {
	cases := map[string]func(l *Loop, t *Task){
		"plain call": func(l *Loop, t *Task) { l.After(0, func() { t.Yield(1, 0) }); t.Yield(1, 5) },
		"other task": func(l *Loop, t *Task) {
			l.Spawn("other", 2, func(*Task) { t.Park(1) })
			t.Yield(1, 5)
		},
		"other goroutine": func(_ *Loop, t *Task) {
			caught := make(chan any)
			go func() {
				defer func() { caught <- recover() }()
				t.Yield(1, 0)
			}()
			panic(<-caught)
		},
		"nested run": func(l *Loop, _ *Task) { _ = l.Run(nil) },
	}
	for name, misuse := range cases {
		t.Run(name, func(t *testing.T) {
			l := New(Params{Seed: 1})
			defer l.Close()
			l.Spawn("t", 1, func(t *Task) { misuse(l, t) })
			defer func() {
				value := recover()
				if p, ok := value.(*TaskPanic); ok {
					value = p.Value
				}
				if !strings.HasPrefix(fmt.Sprint(value), "sched: ") {
					t.Errorf("recovered %v", value)
				}
			}()
			_ = l.Run(nil)
			t.Error("no panic")
		})
	}
}

// testing.T.FailNow ends its goroutine: called in a task, it must end the one that
// runs the loop, and the loop must still close.
func TestGoexitInATaskEndsTheRun(t *testing.T) {
	before := runtime.NumGoroutine()
	l := New(Params{Seed: 1})
	closed := make(chan bool)
	returned := false
	go func() {
		defer func() { closed <- true }()
		defer l.Close()
		defer func() {
			if l.Current() != nil {
				t.Errorf("after Run, task %s is current", l.Current().Name())
			}
		}()
		l.Spawn("waits", 1, func(t *Task) { t.Park(1) })
		l.Spawn("fails", 2, func(t *Task) {
			t.Yield(1, 5)
			runtime.Goexit()
		})
		_ = l.Run(nil)
		returned = true
	}()
	<-closed
	if returned {
		t.Error("Run returned")
	}
	if l.tasks.first != nil {
		t.Errorf("task %s is left", l.tasks.first.name)
	}
	// The goroutine above may still be ending, on a core that is busy otherwise.
	for late := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(late); {
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, then %d", before, after)
	}
}

func TestIsKillKnowsWrappedKills(t *testing.T) {
	if !IsKill(killed{}) || !IsKill(fmt.Errorf("read: %w", killed{})) || IsKill(errors.New("x")) || IsKill("x") || IsKill(nil) {
		t.Error("IsKill")
	}
}
