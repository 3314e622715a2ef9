package sim

import (
	"math/bits"
	"time"

	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model/history"
)

// hook is how the process meets a machine's disk: every operation of it is a
// scheduling point on entry, and may be where a fault strikes.
func (p *process) hook(on *machine) disk.Hook {
	w := p.m.w
	return func(op faults.Op) faults.Outcome {
		if p.dead {
			return faults.Outcome{Err: errDead}
		}
		t := w.tasks[w.loop.Current()]
		site := faults.Site{Disk: on.id, Process: p.m.id}
		if t != nil {
			site.Phase, site.Checkpoint = t.phase, t.checkpoint
		}
		if op.Done {
			return w.afterIO(site, op, p)
		}
		t.spend(op, t.ioDelay(on))
		out := w.beforeIO(site, op, p)
		if on.id == history.Storage && out.Err == nil {
			w.countZombie(t, op)
		}
		if out.Err == nil && out.Delay > 0 {
			t.spend(op, out.Delay)
			if p.dead {
				return faults.Outcome{Err: errDead}
			}
			out = w.storageDown(site)
		}
		return out
	}
}

func (t *task) ioDelay(on *machine) time.Duration {
	switch c := &on.w.cfg.Cluster; {
	case t == nil:
		return 0
	case on.id >= history.FirstTaskManager:
		return t.lasts(purposeLocalIO, c.LocalIODelay)
	default:
		return t.lasts(purposeIO, c.IODelay)
	}
}

// spend lets the time of a disk operation pass. Inside an engine nothing may
// yield: that time is owed until the next operation outside.
func (t *task) spend(op faults.Op, d time.Duration) {
	switch {
	case t == nil:
	case op.Atomic:
		t.owed += d
	default:
		t.pass(pointIO, d)
	}
}

// beforeIO is the entry of an operation: a crash point, then the faults, then
// the watch over needed files.
func (w *world) beforeIO(site faults.Site, op faults.Op, p *process) faults.Outcome {
	// The point comes before the record: what follows from the operation carries
	// a later step.
	if w.opt.Observe != nil {
		w.opt.Observe(w.point(site, op))
	}
	// What is written is part of it: runs that leave other bytes are not equal.
	w.note(pointIO, uint32(site.Process)<<8|uint32(site.Disk), hashOf(op.Path)^bits.RotateLeft64(op.Sum, 1), uint64(op.Kind)<<32|uint64(op.Bytes))
	w.run.Counters["io_operations"]++
	out := w.storageDown(site)
	if out.Err == nil {
		// The faults may take the storage away, or kill the caller.
		out = w.decide(site, op)
		if out.Err == nil {
			out = orRefused(out, w.full(site, op))
		}
		w.countFull(out)
		if down := w.storageDown(site); out.Err == nil && down.Err != nil {
			out = down
		}
	}
	if p.dead {
		return faults.Outcome{Err: errDead}
	}
	switch {
	case site.Disk >= history.FirstTaskManager:
		w.localDeleteFailed(site.Disk, op, out)
		w.scathe(site.Disk, out)
	case site.Disk == history.Storage && op.Kind.Mutates():
		w.files.before(site, op, out)
	case w.rootOn(site.Disk) && out.Err == nil:
		w.beforeRoot(op)
	}
	return out
}

// decide asks the faults. Inside an engine they must not unwind the caller.
func (w *world) decide(site faults.Site, op faults.Op) faults.Outcome {
	w.atomic = op.Atomic
	out := w.controls.decide(site, op)
	w.atomic = false
	return out
}

// storageDown refuses what is asked of checkpoint storage while it is away. The
// disk adds to the error what was asked.
func (w *world) storageDown(site faults.Site) faults.Outcome {
	if site.Disk != history.Storage || w.machines[history.Storage].up {
		return faults.Outcome{}
	}
	return faults.Outcome{Err: errStorageDown}
}

// afterIO is asked when an operation has taken effect and its caller does not
// know yet.
func (w *world) afterIO(site faults.Site, op faults.Op, p *process) faults.Outcome {
	watched := site.Disk == history.Storage && op.Kind.Mutates()
	if watched {
		// Before the faults are asked: they may kill the caller, and not return.
		w.files.after(site, op, p)
	}
	if w.rootOn(site.Disk) {
		w.afterRoot(op)
	}
	out := w.decide(site, op)
	switch {
	case watched && out.Err != nil:
		w.files.failed(op, out)
	case site.Disk >= history.FirstTaskManager:
		w.localDeleteFailed(site.Disk, op, out)
		w.scathe(site.Disk, out)
	}
	if p.dead {
		return faults.Outcome{Err: errDead}
	}
	return out
}
