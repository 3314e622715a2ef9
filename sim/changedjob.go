package sim

import (
	"errors"
	"fmt"
	"slices"

	"flinch/model"
	"flinch/model/history"
	"flinch/sim/checkpoint"
)

// ChangedJob says in what a job differs from the one that took the checkpoints
// which it is restored from.
type ChangedJob struct {
	// Operators are the names of the keyed operators; "": as it was. An operator of
	// a new name takes the place of the one that stood there, which the job has no
	// more: it has the same states, and starts empty.
	Operators      [OperatorCount]string
	MaxParallelism int // 0: as it was
	// AllowNonRestoredState lets the job drop the state of operators that it has no
	// more.
	AllowNonRestoredState bool
}

// changeJob checks the changed job, if there is one, and makes the configuration
// its own.
func (r *Recovery) changeJob(cfg *Config, names [OperatorCount]string) error {
	switch {
	case r.Job == nil:
		return nil
	case !r.Restored:
		return errors.New("another job cannot be carried on to its end, since nobody knows what that should be: set Recovery.Restored")
	}
	known := append([]string{sourceName, sinkName}, names[:]...)
	for i, name := range r.Job.Operators {
		if name == "" || name == names[i] {
			continue
		}
		if slices.Contains(known, name) {
			return fmt.Errorf("Recovery.Job.Operators[%d]: %q is another operator's name: take a new one", i, name)
		}
		known = append(known, name)
	}
	if r.Job.MaxParallelism != 0 {
		cfg.Job.MaxParallelism = r.Job.MaxParallelism
	}
	return cfg.Validate()
}

// become makes the world the changed job's, before it starts: of operators that
// were replaced, nothing is expected to be restored.
func (w *world) become(j *ChangedJob) {
	w.job, w.allowNonRestored = newJob(w.cfg), j.AllowNonRestoredState
	var replaced [OperatorCount]bool
	for i, name := range j.Operators {
		if name != "" && name != w.operators[i] {
			w.operators[i], replaced[i] = name, true
		}
	}
	for id, c := range w.cuts {
		w.cuts[id] = c.without(replaced)
	}
}

// without is the cut as another job has to find it, which has replaced operators.
// No writes are credited to it: some of them are not restored.
func (c *cut) without(replaced [OperatorCount]bool) *cut {
	kept := *c
	kept.writes, kept.union = nil, [OperatorCount]*model.Frozen{}
	for i := range kept.keyed {
		if replaced[i] {
			kept.keyed[i] = nil
		}
	}
	return &kept
}

// fit tells why the next attempt must not be restored from a checkpoint.
func (w *world) fit(m checkpoint.Metadata) error {
	parallelism, _ := w.cfg.parallelismOf(w.attempts + 1)
	return m.Fit(checkpoint.Job{
		Operators:      append([]string{sourceName, sinkName}, w.operators[:]...),
		MaxParallelism: w.cfg.Job.MaxParallelism, Parallelism: parallelism,
		AllowNonRestoredState: w.allowNonRestored,
	})
}

// refuse ends the run: trying again would give the same answer, and starting from
// another checkpoint, or from nothing, would lose state.
func (w *world) refuse(m history.Machine, err error) {
	w.refused = err
	w.tell(m, 0, "refuses to start: %v", err)
}
