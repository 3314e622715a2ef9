package sim_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"flinch/faults/disk"
	"flinch/model/history"
	"flinch/sim"
)

// cpuSeconds is the CPU time of this process so far.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(u.Utime) + seconds(u.Stime)
}

// likeACampaign makes a benchmark run with the settings of a campaign's child
// processes.
func likeACampaign() (restore func()) {
	procs, percent := runtime.GOMAXPROCS(2), debug.SetGCPercent(400)
	return func() {
		runtime.GOMAXPROCS(procs)
		debug.SetGCPercent(percent)
	}
}

// BenchmarkRecover recovers from outages at every point of one small run: until
// what was restored has been audited, or on to the end of the run.
func BenchmarkRecover(b *testing.B) { benchmarkRecover(b, smallConfig(60)) }

func benchmarkRecover(b *testing.B, cfg sim.Config) {
	defer likeACampaign()()
	var points []sim.Point
	observe := sim.Options{Observe: func(p sim.Point) { points = append(points, p) }}
	if _, err := sim.Run(context.Background(), cfg, observe); err != nil {
		b.Fatal(err)
	}
	lost := func(_ history.Machine, i disk.Image) *disk.Disk { return i.Crash(disk.PosixWeak, disk.LoseAll{}) }
	for _, restored := range []bool{true, false} {
		b.Run(fmt.Sprintf("backend=%s/until=%s", cfg.Backend.Name(), map[bool]string{true: "restored", false: "end"}[restored]), func(b *testing.B) {
			began, n := cpuSeconds(), 0
			for b.Loop() {
				p := points[n*7919%len(points)]
				if _, err := sim.Recover(context.Background(), p, sim.Recovery{Crash: lost, Restored: restored}); err != nil {
					b.Fatal(err)
				}
				n++
			}
			b.ReportMetric(float64(n)/(cpuSeconds()-began), "recoveries/cpu-s")
		})
	}
}

// BenchmarkOperations runs a job without faults, with a checkpoint every so many
// state operations of one subtask.
func BenchmarkOperations(b *testing.B) { benchmarkOperations(b, smallConfig(3000)) }

// operationsPerRecord is how many state operations a record of smallConfig brings,
// with the ledgers'.
const operationsPerRecord = 8

func benchmarkOperations(b *testing.B, cfg sim.Config) {
	defer likeACampaign()()
	for _, every := range []int{2000, 100} {
		b.Run(fmt.Sprintf("backend=%s/checkpoint_every=%d", cfg.Backend.Name(), every), func(b *testing.B) {
			c := cfg
			// So long take the records of two sources, with what the chains wait for.
			c.Checkpointing.Interval = time.Duration(every/operationsPerRecord) * c.Job.Pace * 3 / 8
			began := cpuSeconds()
			var operations, checkpoints int64
			for b.Loop() {
				r, err := sim.Run(context.Background(), c, sim.Options{})
				if err != nil {
					b.Fatal(err)
				}
				operations += r.Operations
				checkpoints += r.Evidence.Run.Counters["checkpoints_completed"]
			}
			b.ReportMetric(float64(operations)/(cpuSeconds()-began), "checked-ops/cpu-s")
			b.ReportMetric(float64(operations)/float64(checkpoints), "ops/checkpoint")
		})
	}
}
