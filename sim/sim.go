// Package sim runs a stream job on simulated machines: a job manager, task
// managers and the host of checkpoint storage, each with a disk that loses what
// was not made durable. The backends under test are real; time, network, disks
// and crashes are simulated, on one goroutine, from one seed.
//
// Start at Config, Run and Result. Recover carries a run on from a Point of
// another one, after every process died there. What a run leaves is Evidence:
// nothing here judges it.
//
// Flow of one run: the job manager (jobmanager.go, coordinator.go) deploys
// sources (source.go) and chains (chain.go) to task managers, triggers
// checkpoints, and fails the job over; the harness beside it keeps shadows
// (shadow.go), needed files (files.go) and the outside world (outside.go), and
// audits what is restored (audit.go); quiesce.go ends the run.
package sim

import (
	"context"
	"fmt"
	"time"

	"flinch/checks"
	"flinch/faults"
	"flinch/model"
	"flinch/model/history"
)

// Run carries out one run. An error means that it could not be carried through:
// the configuration is wrong, or flinch is. What the backend does wrong is in
// the evidence. The context bounds nothing inside the simulation: cancelling it
// ends the run with its error at the next event.
func Run(ctx context.Context, cfg Config, o Options) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	w, err := newWorld(ctx, &cfg, o)
	if err != nil {
		return nil, err
	}
	defer w.close()
	w.start()
	return w.finish()
}

// close ends the world: every process dies, so that what its backends hold is let
// go of, and nothing of that reaches a disk.
func (w *world) close() {
	w.opt.Narrate = false // nothing is told of what follows
	for _, m := range w.machines {
		if m.proc != nil {
			m.proc.dead = true
		}
		for _, p := range m.stale {
			p.dead = true
		}
	}
	w.loop.Close()
}

// finish drives a started world to its end and collects what it left.
func (w *world) finish() (*Result, error) {
	err := w.drive()
	if err == nil {
		err = w.refused
	}
	if err != nil {
		return nil, fmt.Errorf("run seed %s: %w", w.cfg.Seed, err)
	}
	w.conclude()
	w.run.Counters[checks.AnswersCounter] = w.answers
	w.run.Counters[checks.FiredCounter] = w.fired
	w.run.Counters[expiredCounter] = w.expired
	for kind, n := range w.kinds {
		w.run.Counters[stateCounter(model.StateKind(kind))] = n
	}
	for _, d := range operatorModes {
		w.run.Counters[operatorCounter(d)] = w.uses[d]
	}
	return &Result{
		Evidence:   &checks.Evidence{Facts: w.facts(), Run: w.run, Audits: w.audits, Live: w.live},
		Sum:        w.trace.Sum(),
		Steps:      w.trace.Steps(),
		Simulated:  w.loop.Now(),
		Operations: w.operations,
		Records:    w.trace.Records(),
	}, nil
}

// drive runs the two phases: with faults until the sources are read to the end,
// then healed until nothing is pending.
func (w *world) drive() error {
	if !w.healed {
		if err := w.provoke(); err != nil {
			return err
		}
		w.heal()
	}
	deadline := w.cfg.deadline(w.loop.Now())
	w.run.Quiesce.Deadline, w.run.Quiesce.FirstDeadline = deadline, w.cfg.firstDeadline(w.loop.Now())
	late := false
	w.loop.At(deadline, func() { late = true })
	return w.loop.Run(func() bool { return late || w.ruined() || w.quiet() })
}

// provoke runs the phase with faults.
func (w *world) provoke() error {
	horizon := w.cfg.horizon()
	// The horizon is an event of its own, so that a job that hangs does not wait
	// for another one.
	w.loop.At(max(horizon, w.loop.Now()), func() { w.overtime = true })
	return w.loop.Run(func() bool { return w.overtime || w.ruined() || w.settled() })
}

// horizon is when faults end, whatever the job has reached.
func (c *Config) horizon() time.Duration {
	reading := time.Duration(len(c.Records)+1) * (c.Job.Pace + c.Job.Work)
	return c.userTime() + 4*(reading+c.late()+c.reunion()) + 20*(c.Cluster.ProcessRestart+c.Cluster.RestartDelay+c.Cluster.DetectDelay+c.Cluster.Outage) + 20*c.Checkpointing.period() + 5*c.Checkpointing.Timeout
}

// deadline is oracle L's: by then a healed run must be quiet.
func (c *Config) deadline(healed time.Duration) time.Duration {
	reading := time.Duration(len(c.Records)+1) * (c.Job.Pace + c.Job.Work + c.Cluster.NetworkDelay)
	repair := 2*c.Cluster.ProcessRestart + 2*c.Cluster.DetectDelay + c.Cluster.RestartDelay + c.Cluster.Outage
	round := c.Checkpointing.period() + c.Checkpointing.Timeout
	operations := 2000 * c.Cluster.IODelay // of restoring and of the drain's checkpoints
	return healed + c.lastRequest() + c.late() + c.reunion() + reading + repair + time.Duration(c.Checkpointing.Retained+4)*round + operations + c.unaware()
}

// firstDeadline is by when a healed job must have completed a checkpoint: the
// machines are up again, the job has restarted, and three intervals are over.
func (c *Config) firstDeadline(healed time.Duration) time.Duration {
	repair := c.Cluster.ProcessRestart + 2*c.Cluster.DetectDelay + c.Cluster.RestartDelay + c.Cluster.Outage
	work := 500*c.Cluster.IODelay + 50*c.Cluster.NetworkDelay + c.backlog() // of restoring, aligning and writing
	return healed + c.lastRequest() + c.late() + c.reunion() + repair + c.stall() + c.Checkpointing.Timeout + 3*c.Checkpointing.period() + work
}

// backlog is how long the records of the job take, if all of them wait in front
// of a barrier.
func (c *Config) backlog() time.Duration {
	return time.Duration(len(c.Records)) * c.Job.Work
}

// stall is the longest time that a fault makes a disk operation take.
func (c *Config) stall() time.Duration {
	var longest time.Duration
	for _, f := range c.Faults {
		if slow, ok := f.(faults.SlowIO); ok {
			longest = max(longest, time.Duration(slow.Delay))
		}
	}
	return longest
}

// late is the longest time for which a fault keeps messages from arriving.
func (c *Config) late() time.Duration {
	var longest time.Duration
	for _, f := range c.Faults {
		switch f := f.(type) {
		case faults.MessageDelayed:
			longest = max(longest, time.Duration(f.Delay))
		case faults.MessageDuplicated:
			longest = max(longest, time.Duration(f.Within))
		case faults.Partition:
			longest = max(longest, time.Duration(f.Lasts))
		case faults.PartitionInPhase:
			longest = max(longest, time.Duration(f.Lasts))
		}
	}
	return longest
}

// unaware is the longest time for which a job manager does not know that it leads
// no more.
func (c *Config) unaware() time.Duration {
	var longest time.Duration
	for _, f := range c.Faults {
		switch f := f.(type) {
		case faults.LeaderChange:
			longest = max(longest, time.Duration(f.Unaware))
		case faults.LeaderChangeInPhase:
			longest = max(longest, time.Duration(f.Unaware))
		}
	}
	return longest
}

// facts are what checks need to know of the case.
func (w *world) facts() checks.Facts {
	c := w.cfg
	f := checks.Facts{
		Backend: c.Backend.Name(), Storage: string(c.Storage.Kind), Durable: c.durable(),
		ExactlyOnce: c.Checkpointing.Mode == ExactlyOnce, Pure: c.Job.Pure, Regions: c.Job.regions(), MaxParallelism: c.Job.MaxParallelism,
		Retained: c.Checkpointing.Retained, Partitions: c.Job.Partitions, Keys: c.Job.Keys,
		Records: make([]checks.RecordFacts, len(c.Records)),
	}
	for i := range c.Job.Operators {
		f.Operators = append(f.Operators, checks.OperatorFacts{Name: w.operators[i], States: w.job.schemas[i].States})
	}
	for i := range c.Records {
		r := &c.Records[i]
		f.Records[i] = checks.RecordFacts{Partition: r.Partition, Offset: w.job.offsets[i], Key: r.Key, Ops: r.Ops[:]}
	}
	return f
}

// durable tells whether completed checkpoints outlive the job manager.
func (c *Config) durable() bool { return c.Storage.Kind != JobManagerMemory || c.Storage.Durable }

// contended tells whether job managers may contend for the leadership: the root of
// the store is where a stale one is refused.
func (c *Config) contended() bool { return c.durable() && c.Storage.Pointer == PointerCoordination }

// machineCount is the number of machines of the cluster.
func (c *Config) machineCount() int { return int(history.FirstTaskManager) + c.Cluster.TaskManagers }
