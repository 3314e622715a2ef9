package sim

import (
	"context"
	"fmt"
	"maps"

	"flinch/faults/disk"
	"flinch/model/history"
)

// Crash makes what a machine finds on its disk after a total outage.
type Crash func(m history.Machine, i disk.Image) *disk.Disk

// ProcessCrash is the Crash in which only processes die: every disk keeps what
// it held.
func ProcessCrash(_ history.Machine, i disk.Image) *disk.Disk { return i.Crash(disk.Strict, nil) }

// Recovery says how to go on from a point.
type Recovery struct {
	Crash Crash // nil: ProcessCrash
	// Restored ends the recovery once what was restored has been audited, before
	// the first record. The run's end cannot be judged then.
	Restored bool
	// Job is another job that is restored from what the first one left; nil: the
	// same one. It wants Restored.
	Job     *ChangedJob
	Options Options
}

// Recover carries a run on after a total outage at a point: every process dies
// there, each machine finds what the crash left it, and new processes start,
// restore and run to the end without faults. The run that the point was taken
// from is not run again, and many recoveries may start from one point. Files are
// kept in memory, whatever the first run did. A checkpoint that does not fit the job
// ends the recovery with an error that wraps checkpoint.ErrMisfit.
func Recover(ctx context.Context, p Point, r Recovery) (*Result, error) {
	if p.from == nil {
		return nil, fmt.Errorf("recover: the point is empty; take it from Options.Observe")
	}
	if len(p.from.cfg.Actions) > 0 {
		return nil, fmt.Errorf("recover at step %d: the case has actions of a user, who is not part of a point: leave them out", p.Step)
	}
	cfg := *p.from.cfg
	cfg.Seed = cfg.Seed.Derive(fmt.Sprintf("recover at step %d", p.Step))
	cfg.Faults, cfg.Files = nil, nil
	r.Options.from = p.Step
	if err := r.changeJob(&cfg, p.from.operators); err != nil {
		return nil, fmt.Errorf("recover at step %d: %w", p.Step, err)
	}
	w, err := newWorld(ctx, &cfg, r.Options)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := w.resume(p, r); err != nil {
		return nil, fmt.Errorf("recover at step %d: %w", p.Step, err)
	}
	return w.finish()
}

// resume puts the world where the point left it.
func (w *world) resume(p Point, r Recovery) error {
	if err := w.loop.RunUntil(p.At); err != nil {
		return err
	}
	crash := r.Crash
	if crash == nil {
		crash = ProcessCrash
	}
	base := p.from
	cfg := w.cfg
	w.job, w.cuts, w.operators, w.service = base.job, maps.Clone(base.cuts), base.operators, p.service
	if r.Job != nil {
		w.become(r.Job)
	}
	copy(w.touched, base.touched)
	counters := w.run.Counters
	w.run = base.run.Until(p.Step)
	w.run.Counters = counters
	w.attempts = len(w.run.Attempts)
	for _, a := range w.run.Attempts {
		w.incarnations = max(w.incarnations, a.Incarnation)
	}
	for _, c := range w.run.Checkpoints {
		w.lastID = max(w.lastID, c.ID)
		w.incarnations = max(w.incarnations, c.Incarnation)
	}
	for i, m := range w.machines {
		m.disk = crash(m.id, p.Images[i])
		m.disk.SetClock(w.loop.Now)
		m.scathed = true
	}
	w.run.Crashes = append(w.run.Crashes, history.Crash{
		Step: p.Step, At: p.At, Machine: p.Site.Process, Phase: p.Site.Phase, Checkpoint: p.Site.Checkpoint,
	})
	w.tell(p.Site.Process, p.Site.Checkpoint, "everything dies before %s of %s", p.Op.Kind, p.Op.Path)
	for f := range w.machines[history.Storage].disk.Files() {
		w.files.found(f.Path)
	}
	for _, c := range w.run.Checkpoints {
		w.files.handed[c.ID] = base.files.handed[c.ID]
	}
	switch {
	case w.rootOn(history.JobManager):
		w.files.rooted(w.rootFile(pointerPath), true)
	case cfg.durable():
		w.files.rooted(recordOf(w.service.Value()), true)
	}
	w.restoredOnly = r.Restored
	w.start()
	w.heal()
	return nil
}
