package sim

import (
	"time"

	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// Point is a moment of a run at which everything could have died: one image per
// machine, all taken at the same step, and what the outside world and the
// harness knew. It costs microseconds and shares the memory of the run it was
// taken from, which may go on. The zero value is no point.
type Point struct {
	Step   history.Step
	At     time.Duration
	Site   faults.Site
	Op     faults.Op    // that was about to happen
	Images []disk.Image // by history.Machine
	Duty   Duty

	from    *world
	service checkpoint.Service
}

// Duty is what a recovery owes at a point: it must restore a checkpoint from Lo
// to Hi (0: none was observed, none was issued), and the outside world had seen
// so many commits.
type Duty struct {
	Lo, Hi  int64
	Commits int
}

func (w *world) point(site faults.Site, op faults.Op) Point {
	p := Point{
		Step: w.step(), At: w.loop.Now(), Site: site, Op: op,
		Images: make([]disk.Image, len(w.machines)), Duty: w.duty(), from: w, service: w.service,
	}
	for i, m := range w.machines {
		p.Images[i] = m.disk.Image()
	}
	return p
}

func (w *world) duty() Duty {
	var d Duty
	for i := range w.run.Checkpoints {
		c := &w.run.Checkpoints[i]
		if c.Observed != 0 {
			d.Lo = c.ID
		}
		if c.PublishIssued != 0 {
			d.Hi = c.ID
		}
	}
	d.Commits = int(w.run.Counters["transactions_committed"])
	return d
}

// Digest is equal for two points that a recovery cannot tell apart and that owe
// the same: equal images of the machines whose files outlive a process, equal
// duty.
func (p Point) Digest() uint64 {
	sum := hashWords(uint64(p.Duty.Lo), uint64(p.Duty.Hi), uint64(p.Duty.Commits), p.service.Version())
	for _, m := range []history.Machine{history.JobManager, history.Storage} {
		sum = hashWords(sum, p.Images[m].Digest())
	}
	return sum
}
