package sched

import (
	"fmt"
	"testing"
	"time"

	"flinch/sim/trace"
)

// An event books the next one; others lie behind it in the heap.
func BenchmarkEvent(b *testing.B) {
	for _, queued := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("queued=%d", queued), func(b *testing.B) {
			b.ReportAllocs()
			l := New(Params{Seed: 1})
			defer l.Close()
			var again func()
			n := uint64(0)
			again = func() {
				n++
				l.After(time.Duration(n*7919%1024), again)
			}
			for range queued {
				l.After(0, again)
			}
			run(b, l)
		})
	}
}

// Two tasks take turns: every yield is a switch to the loop and back.
func BenchmarkSwitch(b *testing.B) {
	b.ReportAllocs()
	l := New(Params{Seed: 1})
	defer l.Close()
	for i := range 2 {
		l.Spawn("task", uint64(i), func(t *Task) {
			t.Yield(1, time.Duration(i))
			for {
				t.Yield(1, 2)
			}
		})
	}
	run(b, l)
}

// A task alone goes on without a switch.
func BenchmarkYieldAlone(b *testing.B) {
	b.ReportAllocs()
	l := New(Params{Seed: 1})
	defer l.Close()
	l.Spawn("task", 0, func(t *Task) {
		for {
			t.Yield(1, 1)
		}
	})
	run(b, l)
}

// A task starts and ends; with reuse=false its coroutine is new as well.
func BenchmarkSpawn(b *testing.B) {
	for _, reuse := range []bool{true, false} {
		b.Run(fmt.Sprintf("reuse=%v", reuse), func(b *testing.B) {
			b.ReportAllocs()
			l := New(Params{Seed: 1})
			defer l.Close()
			for b.Loop() {
				l.Spawn("task", 0, func(*Task) {})
				if err := l.Run(nil); err != nil {
					b.Fatal(err)
				}
				if !reuse {
					l.idle[0].stop()
					l.idle = l.idle[:0]
				}
			}
		})
	}
}

// A world of ten tasks that yield ten times each, from New to Close.
func BenchmarkWorld(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		l := New(Params{Seed: 1, Trace: new(trace.Log)})
		for i := range 10 {
			l.Spawn("task", uint64(i), func(t *Task) {
				for range 10 {
					t.Yield(1, 1)
				}
			})
		}
		if err := l.Run(nil); err != nil {
			b.Fatal(err)
		}
		l.Close()
	}
}

// run lets one event happen for each iteration of b.
func run(b *testing.B, l *Loop) {
	over := false
	until := func() bool { // a yield asks it, and the loop once more
		over = over || !b.Loop()
		return over
	}
	if err := l.Run(until); err != nil {
		b.Fatal(err)
	}
}
