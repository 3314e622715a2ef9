package disk

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// lcg is a Chooser cheap enough not to show in a benchmark.
type lcg uint64

func (g *lcg) Uint64N(_ string, n uint64) uint64 {
	*g = *g*6364136223846793005 + 1442695040888963407
	return uint64(*g>>33) % n
}

// cpuSeconds is what this process has used so far: the machine may be shared.
func cpuSeconds() float64 {
	var r syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}

// filled is a disk with n files of 64 KiB, and eight pending operations: four
// appends, a new file and its rename, an unlink, a link.
func filled(n int) *Disk {
	d := New(nil, Options{})
	data := make([]byte, 64<<10)
	for i := range data {
		data[i] = byte(mix(uint64(i), 1))
	}
	check(d.MkdirAll("/job/chk", 0o755))
	for i := range n {
		f := must(d.Create(fmt.Sprintf("/job/chk/%06d", i)))
		must(f.Write(data))
		check(f.Close())
	}
	d.WriteBack(time.Hour)
	for i := range 4 {
		f := must(d.OpenFile(fmt.Sprintf("/job/chk/%06d", i), 1, 0))
		must(f.WriteAt(data[:6000], 64<<10))
		check(f.Close())
	}
	must(d.Create("/job/chk/new.tmp"))
	check(d.Rename("/job/chk/new.tmp", "/job/chk/new"))
	check(d.Remove("/job/chk/000010"))
	check(d.Link("/job/chk/000011", "/job/link"))
	if got := len(d.Image().Pending()); got != 8 {
		panic(got)
	}
	return d
}

func BenchmarkImage(b *testing.B) {
	for _, n := range []int{16, 128, 1024} {
		b.Run(fmt.Sprintf("files=%d", n), func(b *testing.B) {
			d, g, buf := filled(n), lcg(1), make([]byte, 80<<10)
			b.ReportAllocs()
			start := cpuSeconds()
			for b.Loop() {
				c := d.Image().Crash(PosixWeak, &g)
				f := must(c.Open("/job/chk/000001"))
				for {
					if _, err := f.Read(buf); err != nil {
						break
					}
				}
				check(f.Close())
			}
			b.ReportMetric(float64(b.N)/(cpuSeconds()-start), "images/cpu-s")
		})
	}
}

// BenchmarkImageAlone is the cost at a point that is imaged and not yet crashed.
func BenchmarkImageAlone(b *testing.B) {
	d := filled(1024)
	b.ReportAllocs()
	for b.Loop() {
		d.Image()
	}
}

// BenchmarkPublish is the cycle that a simulation spends its time on.
func BenchmarkPublish(b *testing.B) {
	for _, images := range []bool{false, true} {
		b.Run(fmt.Sprintf("images=%v", images), func(b *testing.B) {
			d := New(nil, Options{})
			data := make([]byte, 1000)
			b.ReportAllocs()
			for b.Loop() {
				f := must(d.Create("/a.tmp"))
				must(f.Write(data))
				check(f.Sync())
				check(f.Close())
				check(d.Rename("/a.tmp", "/a"))
				check(d.SyncDir("/"))
				if images {
					d.Image().Digest()
				}
			}
		})
	}
}

// BenchmarkAppend writes 100 bytes at a time, with an image after each.
func BenchmarkAppend(b *testing.B) {
	for _, images := range []bool{false, true} {
		b.Run(fmt.Sprintf("images=%v", images), func(b *testing.B) {
			d := New(nil, Options{})
			f := must(d.Create("/a"))
			data, n := make([]byte, 100), 0
			b.ReportAllocs()
			for b.Loop() {
				must(f.Write(data))
				if images {
					d.Image().Digest()
				}
				if n++; n%1000 == 0 {
					check(f.Truncate(0))
					must(f.Seek(0, 0))
				}
			}
		})
	}
}
