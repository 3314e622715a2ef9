package sched

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"flinch/sim/rng"
	"flinch/sim/trace"
)

// crowd is a world with everything in it: tasks that yield, park, wake, spawn and
// kill each other, and plain calls, some of them cancelled.
func crowd(seed rng.Seed, log *trace.Log, alwaysSwitch bool) *Loop {
	l := New(Params{Seed: seed, Trace: log})
	l.alwaysSwitch = alwaysSwitch
	var tasks []*Task
	for i := range 6 {
		tasks = append(tasks, l.Spawn(fmt.Sprint("t", i), uint64(i), func(t *Task) {
			defer func() { t.Yield(9, 1) }()
			for n := range 20 {
				t.Yield(20, time.Duration(t.Draw(1, 4)))
				switch t.Draw(2, 6) {
				case 0:
					tasks[(i+1)%6].Wake()
				case 1:
					l.After(time.Duration(t.Draw(1, 4)), t.Wake)
					t.Park(21)
				case 2:
					timer := l.After(2, func() { tasks[(i+n)%6].Wake() })
					t.Sleep(time.Duration(t.Draw(3, 4)), 22)
					l.Cancel(timer)
				case 3:
					l.Spawn("child", uint64(i), func(c *Task) { c.Yield(23, time.Duration(c.Draw(1, 3))) })
				}
			}
		}))
	}
	l.At(35, func() { tasks[1].Kill(); tasks[0].Kill() })
	return l
}

func sumOf(t *testing.T, l *Loop) uint64 {
	t.Helper()
	defer l.Close()
	if err := l.Run(nil); err != nil {
		t.Fatal(err)
	}
	return l.Trace().Sum()
}

func TestOneSeedOneTraceOnAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	seen := make(map[uint64]bool)
	for seed := range rng.Seed(50) {
		runtime.GOMAXPROCS(1)
		want := sumOf(t, crowd(seed, new(trace.Log), false))
		runtime.GOMAXPROCS(4)
		if got := sumOf(t, crowd(seed, new(trace.Log), false)); got != want {
			t.Fatalf("seed %v: sums %#x and %#x", seed, want, got)
		}
		seen[want] = true
	}
	if len(seen) != 50 {
		t.Errorf("50 seeds gave %d different traces", len(seen))
	}
}

func TestGoingOnWithoutASwitchChangesNothing(t *testing.T) {
	for seed := range rng.Seed(200) {
		quick, slow := trace.Keeping(), trace.Keeping()
		sumOf(t, crowd(seed, quick, false))
		sumOf(t, crowd(seed, slow, true))
		if i, ok := trace.Diverge(quick.Records(), slow.Records()); ok {
			t.Fatalf("seed %v: traces differ from record %d on", seed, i)
		}
	}
}

func TestRemovingAnEventLeavesTheDrawsOfOthers(t *testing.T) {
	places := func(withFault bool) string {
		l := New(Params{Seed: 5})
		defer l.Close()
		var order []string
		for i := range 8 {
			note := func(what string) func() { return func() { order = append(order, fmt.Sprint(what, i)) } }
			l.At(10, note("at"))
			l.Book(Call{At: 10, Key: uint64(100 + i), Do: func() { l.At(30, note("late")) }})
			l.Spawn("t", uint64(i), func(t *Task) {
				t.Yield(1, 10)
				order = append(order, fmt.Sprint("t", i, t.Draw(1, 99)))
			})
			if i == 3 && withFault {
				l.Book(Call{At: 5, Key: 77, Do: func() { l.At(30, func() { order = append(order, "fault") }) }})
				l.Spawn("x", 50, func(t *Task) { t.Yield(1, 10) })
			}
		}
		if err := l.Run(nil); err != nil {
			t.Fatal(err)
		}
		return strings.Join(slices.DeleteFunc(order, func(s string) bool { return s == "fault" }), " ")
	}
	if with, without := places(true), places(false); with != without {
		t.Errorf("with    %s\nwithout %s", with, without)
	}
}

func TestEventsComeInOrderAndCancelledOnesNever(t *testing.T) {
	l := New(Params{Seed: 1})
	defer l.Close()
	draws := rng.Seed(4).Stream()
	var last time.Duration
	var events []Event
	cancelled := make(map[int]bool)
	happened := 0
	for i := range 5000 {
		at := time.Duration(draws.Uint64N("at", 1000))
		events = append(events, l.At(at, func() {
			happened++
			if cancelled[i] {
				t.Errorf("event %d was cancelled", i)
			}
			if l.Now() != at || at < last {
				t.Errorf("event for %v at %v, after %v", at, l.Now(), last)
			}
			last = at
		}))
	}
	for i, e := range events {
		if i%4 != 0 {
			cancelled[i] = true
			if !l.Cancel(e) || l.Cancel(e) {
				t.Fatal("an event is cancelled once")
			}
		}
	}
	if len(l.queue) > 2600 {
		t.Errorf("%d entries for 1250 events: cancelled ones pile up", len(l.queue))
	}
	if err := l.Run(nil); err != nil {
		t.Fatal(err)
	}
	if happened != 1250 || l.Cancel(events[0]) || l.Cancel(Event{}) {
		t.Errorf("%d events happened", happened)
	}
}

func TestRunUntilStopsTheClockWhereItIsTold(t *testing.T) {
	l := New(Params{Seed: 1})
	defer l.Close()
	var seen []time.Duration
	l.Spawn("t", 1, func(t *Task) {
		for {
			seen = append(seen, l.Now())
			t.Yield(1, 10)
		}
	})
	for _, at := range []time.Duration{25, 30, 31} {
		if err := l.RunUntil(at); err != nil || l.Now() != at {
			t.Fatalf("RunUntil(%d): %v at %d", at, err, l.Now())
		}
	}
	if !slices.Equal(seen, []time.Duration{0, 10, 20, 30}) {
		t.Errorf("seen %v", seen)
	}
	if err := l.Run(func() bool { return len(seen) == 7 }); err != nil || l.Now() != 60 {
		t.Errorf("Run(until): %v at %v", err, l.Now())
	}
}

func TestARunThatCannotEndSaysWhoWaitsWhere(t *testing.T) {
	never := func() bool { return false }
	spin := func(t *Task) {
		for {
			t.Yield(1, time.Second)
		}
	}
	cases := map[string]struct {
		params Params
		fn     func(*Task)
		want   string
	}{
		"parked": {Params{}, func(t *Task) { t.Park(1) }, "no event is left; worker parked at mailbox"},
		"events": {Params{EventsMax: 100}, spin, "100 events are over; worker sleeping at mailbox"},
		"time":   {Params{TimeMax: time.Minute}, spin, "no progress at 1m0s: the next event lies beyond 1m0s; worker sleeping"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.params.Names = trace.Names{1: "mailbox"}
			l := New(c.params)
			defer l.Close()
			l.Spawn("worker", 1, c.fn)
			err := l.Run(never)
			if !errors.Is(err, ErrNoProgress) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestDrawsDependOnActorPurposeAndOrdinalAlone(t *testing.T) {
	l := New(Params{Seed: 9})
	defer l.Close()
	var first, second uint64
	l.Spawn("a", 4, func(t *Task) {
		t.Draw(2, 10)
		first = t.Draw(1, 1<<40)
	})
	l.Spawn("a again", 4, func(t *Task) { second = t.Draw(1, 1<<40) })
	if err := l.Run(nil); err != nil {
		t.Fatal(err)
	}
	if want := rng.Keyed(9, 4, 1, 0, 1<<40); first != want {
		t.Errorf("draw = %d, want %d", first, want)
	}
	if first == second {
		t.Error("the actor's next task draws the same again")
	}
}

func TestWorldsLeaveNothingBehind(t *testing.T) {
	worlds := 10_000
	if testing.Short() {
		worlds = 1000
	}
	measure := func(n int) (goroutines int, heap uint64) {
		for i := range n {
			l := crowd(rng.Seed(i), nil, false)
			if err := l.RunUntil(time.Duration(i % 50)); err != nil {
				t.Fatal(err)
			}
			l.Close()
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc + m.StackInuse
	}
	goroutines, heap := measure(100)
	after, heapAfter := measure(worlds)
	if after > goroutines {
		t.Errorf("%d goroutines, then %d", goroutines, after)
	}
	if heapAfter > heap+1<<20 {
		t.Errorf("%d bytes, then %d", heap, heapAfter)
	}
}
