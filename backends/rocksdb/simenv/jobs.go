//go:build cgo && !norocksdb

package simenv

// #include "simenv.h"
import "C"

import (
	"sync/atomic"
	"unsafe"
)

// Backlog is how many background jobs are queued or suspended. It costs no call
// into C.
func (e *Env) Backlog() int { return int(load(&e.count.backlog)) }

// Suspended is how many jobs stand in their middle.
func (e *Env) Suspended() int { return int(load(&e.count.suspended)) }

// Jobs counts the background jobs that came to their end, by the pool that the
// engine queued them for. A job that found nothing to do counts, too.
func (e *Env) Jobs() (flushes, compactions int64) {
	return load(&e.count.flushes), load(&e.count.compactions)
}

// Step runs one job whole, or lets one stepped job go on to where it hands over
// next. It tells whether there was one.
func (e *Env) Step() bool { return e.Backlog() > 0 && C.simenv_step(e.c, 0) != 0 }

// StepFlush is Step among flushes only, for who needs a flush to end while
// compactions stand still.
func (e *Env) StepFlush() bool { return e.Backlog() > 0 && C.simenv_step(e.c, 1) != 0 }

// Drain brings all jobs to their end, and those that they queue.
func (e *Env) Drain() {
	if e.Backlog() > 0 {
		C.simenv_drain(e.c)
	}
}

//export flinchChoose
func flinchChoose(slot C.uint32_t, n C.size_t) (which C.size_t) {
	// A choice that panics is no choice: the first job is as good as any.
	defer func() {
		if recover() != nil {
			which = 0
		}
	}()
	return C.size_t(slots.at(slot).p.Choose(int(n)))
}

func load(counter *C.int64_t) int64 {
	return atomic.LoadInt64((*int64)(unsafe.Pointer(counter)))
}

func pointer(p []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(p)) }

func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
