package sim

import (
	"flinch/sim/sched"
	"flinch/sim/trace"
)

// Trace points: what a record of the trace says happened.
const (
	pointIO trace.Point = trace.PointFree + iota
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
	pointPark
	pointBackground
	pointTimer
)

// PointNames names the points for printing, the scheduler's included.
var PointNames = trace.Merge(sched.Points, trace.Names{
	pointIO: "io", pointMessage: "message",
	pointDropped: "dropped", pointPhase: "phase", pointEmit: "emit", pointRecord: "record",
	pointWait: "wait", pointBarrier: "barrier", pointCrash: "crash", pointFault: "fault",
	pointDeploy: "deploy", pointPark: "park",
	pointBackground: "background", pointTimer: "timer",
})
