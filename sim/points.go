package sim

import (
	"flinch/sim/sched"
	"flinch/sim/trace"
)

// Trace points: what a record of the trace says happened.
const (
	pointSpawn trace.Point = trace.PointFree + iota
	pointIO
	pointIODone
	pointMessage
	pointDropped
	pointPhase
	pointEmit
	pointRecord
	pointWait
	pointBarrier
	pointCrash
	pointFault
	pointDeploy
	pointNotify
	pointPark
)

// PointNames names the points for printing, the scheduler's included.
var PointNames = trace.Merge(sched.Points, trace.Names{
	pointSpawn: "spawn", pointIO: "io", pointIODone: "io-done", pointMessage: "message",
	pointDropped: "dropped", pointPhase: "phase", pointEmit: "emit", pointRecord: "record",
	pointWait: "wait", pointBarrier: "barrier", pointCrash: "crash", pointFault: "fault",
	pointDeploy: "deploy", pointNotify: "notify", pointPark: "park",
})
