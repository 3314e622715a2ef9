package sim_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"

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

// BenchmarkRecover recovers from outages at every point of one small run: until
// what was restored has been audited, or on to the end of the run.
func BenchmarkRecover(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as in a campaign's child processes
	var points []sim.Point
	observe := sim.Options{Observe: func(p sim.Point) { points = append(points, p) }}
	if _, err := sim.Run(context.Background(), smallConfig(60), observe); err != nil {
		b.Fatal(err)
	}
	lost := func(_ history.Machine, i disk.Image) *disk.Disk { return i.Crash(disk.PosixWeak, disk.LoseAll{}) }
	for _, restored := range []bool{true, false} {
		b.Run(fmt.Sprintf("backend=heap/until=%s", map[bool]string{true: "restored", false: "end"}[restored]), func(b *testing.B) {
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
