package checkpoint

import (
	"errors"
	"fmt"
	"testing"

	"flinch/faults"
	"flinch/faults/disk"
)

// crashes judges what a power loss leaves, at every moment that it is shown.
type crashes struct {
	t      *testing.T
	seen   map[moment]bool
	points int // moments, images: of them different, disks: recoveries
	disks  int
	broken int
}

// moment is what makes two points the same: equal disks under equal promises.
type moment struct {
	digest  uint64
	promise promise
}

func newCrashes(t *testing.T) *crashes { return &crashes{t: t, seen: map[moment]bool{}} }

// enumeratedMax is up to how many pending operations every subset is tried.
const enumeratedMax = 9

// at crashes the disk as it is now, in every way if that is feasible, else with
// all, none, each alone and all but each of the pending operations lost.
func (c *crashes) at(d *disk.Disk, l *lifecycle, where string) {
	c.points++
	image, promise := d.Image(), l.promise()
	m := moment{image.Digest(), promise}
	if c.seen[m] {
		return
	}
	c.seen[m] = true
	pending := image.Pending()
	if len(pending) <= enumeratedMax {
		for e := (&disk.Enumerator{CutsMax: 3}); e.Next(); {
			c.judge(promise, image.Crash(disk.PosixWeak, e), where)
		}
		return
	}
	c.judge(promise, image.Crash(disk.PosixWeak, disk.LoseAll{}), where)
	c.judge(promise, image.Crash(disk.PosixWeak, disk.KeepAll{}), where)
	for i := range pending {
		c.judge(promise, image.CrashWith(disk.LoseOnly(i)), where)
		c.judge(promise, image.CrashWith(image.KeepOnly(i)), where)
	}
}

func (c *crashes) judge(p promise, crashed *disk.Disk, where string) {
	c.disks++
	err := p.verify(crashed)
	if err == nil {
		return
	}
	if c.broken++; c.broken <= 10 {
		c.t.Errorf("power loss %s: %v", where, err)
	}
}

func (c *crashes) report(pointsMin int) {
	c.t.Logf("%d points, %d of them different, %d disks recovered, %d broken promises", c.points, len(c.seen), c.disks, c.broken)
	if c.points < pointsMin {
		c.t.Errorf("only %d points", c.points)
	}
}

// TestPowerLossAtEachOperationBreaksNoPromise: what was reported complete is
// found again, with its state; what is not found was never reported; no id is
// used twice.
func TestPowerLossAtEachOperationBreaksNoPromise(t *testing.T) {
	c, l := newCrashes(t), &lifecycle{}
	var d *disk.Disk
	d = disk.New(func(op faults.Op) faults.Outcome {
		c.at(d, l, fmt.Sprintf("at %s %s, done %v", op.Kind, op.Path, op.Done))
		return faults.Outcome{}
	}, disk.Options{})
	l.fs = d
	l.run(3)
	c.at(d, l, "at the end")
	if l.lo != 3 || len(l.failures) > 0 {
		t.Fatalf("completed %d, failures %v", l.lo, l.failures)
	}
	c.report(150)
}

// TestPowerLossAfterAnErrorBreaksNoPromise: the same, after an error at each
// operation, before and after its effect.
func TestPowerLossAfterAnErrorBreaksNoPromise(t *testing.T) {
	c := newCrashes(t)
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			fails, ops := failing(at, after)
			l := &lifecycle{}
			var d *disk.Disk
			d = disk.New(func(op faults.Op) faults.Outcome {
				out := fails(op)
				if len(*ops) > at && !op.Done && op.Kind.Mutates() {
					c.at(d, l, fmt.Sprintf("at %s %s, after an error at operation %d, %s (after effect: %v)", op.Kind, op.Path, at, (*ops)[at-1], after))
				}
				return out
			}, disk.Options{})
			l.fs = d
			l.run(2)
			if len(*ops) < at {
				break
			}
		}
	}
	c.report(1000)
}

var errDies = errors.New("the process dies")

// TestPowerLossAfterAProcessDiedBreaksNoPromise: the process dies at each
// operation with the disk intact, the next one recovers and goes on, and then
// the power fails at each of its operations.
func TestPowerLossAfterAProcessDiedBreaksNoPromise(t *testing.T) {
	c := newCrashes(t)
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			ops := 0
			d := disk.New(nil, disk.Options{})
			l := &lifecycle{fs: d.View(func(op faults.Op) faults.Outcome {
				if !op.Done {
					ops++
				}
				if ops == at && op.Done == after {
					panic(errDies)
				}
				return faults.Outcome{}
			})}
			if !dies(func() { l.run(2) }) {
				break
			}
			l.fs = d.View(func(op faults.Op) faults.Outcome {
				if !op.Done {
					c.at(d, l, fmt.Sprintf("at %s %s, after a death at operation %d (after effect: %v)", op.Kind, op.Path, at, after))
				}
				return faults.Outcome{}
			})
			l.run(1)
			if len(l.failures) > 0 {
				t.Errorf("after a death at operation %d: %v", at, l.failures)
			}
		}
	}
	c.report(1000)
}

// dies tells whether f was ended by errDies.
func dies(f func()) (died bool) {
	defer func() {
		if r := recover(); r != nil {
			if r != errDies {
				panic(r)
			}
			died = true
		}
	}()
	f()
	return false
}
