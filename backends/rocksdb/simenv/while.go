//go:build cgo && !norocksdb

package simenv

// #include "simenv.h"
import "C"

import "runtime"

// While runs call, in which the engine may wait for its own background jobs:
// CompactRange, Flush(wait=true), a Close with jobs left. Whenever it waits, a job
// goes on by one step, on this goroutine and thread, so that nothing else runs at
// the same time. call must not yield to another coroutine.
func (e *Env) While(call func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := C.simenv_enter(e.c)
	defer C.simenv_enter(before)
	call()
}
