package sim

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"flinch/faults"
	"flinch/faults/disk"
	"flinch/model"
	"flinch/model/history"
)

// Limits of a Config. They are far above what finds bugs, and keep a slip of the
// pen in a case file from filling the memory.
const (
	KeyGroupsMax    = 1 << 15
	SubtasksMax     = 128
	TaskManagersMax = 64
	KeysMax         = 1 << 16
	RecordsMax      = 1 << 20
	WordsMax        = 1 << 10 // of one operation
	DurationMax     = 1000 * time.Hour
	BufferBytesMax  = 1 << 20
	ParallelMax     = 64 // transfers of one task at a time
)

// ledgerName is taken by the state that the job adds to every operator.
const ledgerName = "ledger"

// firingsName is taken by the state that it adds to operators with timers.
const firingsName = "firings"

// TimeMax bounds event times, either way.
const TimeMax = 1 << 50

// problemsMax bounds how many lines Validate writes.
const problemsMax = 10

// Validate checks that the run can be carried out. Its error has a line for each
// bad value, at most problemsMax of them: the JSON field, what is wrong, and
// what would be right. Backend and Files are not looked at.
func (c Config) Validate() error {
	var p problems
	c.Job.validate(&p)
	c.Cluster.validate(&p)
	c.Checkpointing.validate(&p)
	c.Storage.validate(&p)
	c.validateRecords(&p)
	c.validateFaults(&p)
	c.validateActions(&p)
	for _, name := range sortedNames(c.Tuning) {
		p.check(c.Tuning[name] >= 0, "tuning."+name, "%d: want 0 or more", c.Tuning[name])
	}
	return p.err()
}

// problems gathers what is wrong.
type problems struct {
	lines   []error
	dropped int
}

// check notes a bad field unless ok.
func (p *problems) check(ok bool, field, format string, args ...any) {
	if ok {
		return
	}
	if len(p.lines) == problemsMax {
		p.dropped++
		return
	}
	p.lines = append(p.lines, fmt.Errorf("%s: %s", field, fmt.Sprintf(format, args...)))
}

// between notes a number outside [low, high].
func (p *problems) between(field string, n, low, high int64) {
	p.check(low <= n && n <= high, field, "%d: want %d to %d", n, low, high)
}

// limit notes a limit that is neither a number from 0 nor Unlimited.
func (p *problems) limit(field string, n int) {
	p.check(n >= Unlimited, field, "%d: want 0 or more, or %d for no limit", n, Unlimited)
}

// span notes a duration below low or absurdly long.
func (p *problems) span(field string, d, low time.Duration) {
	p.check(low <= d && d <= DurationMax, field, "%v: want %v to %v", d, low, DurationMax)
}

func (p *problems) err() error {
	if p.dropped > 0 {
		p.lines = append(p.lines, fmt.Errorf("and %d more", p.dropped))
	}
	return errors.Join(p.lines...)
}

func (j *Job) validate(p *problems) {
	p.between("job.keys: their number", int64(len(j.Keys)), 1, KeysMax)
	seen := make(map[string]int, len(j.Keys))
	for i, key := range j.Keys {
		first, twice := seen[key]
		p.check(!twice, fmt.Sprintf("job.keys[%d]", i), "%q is key %d already: want distinct keys", key, first)
		p.check(utf8.ValidString(key), fmt.Sprintf("job.keys[%d]", i), "%q: want valid UTF-8", key)
		seen[key] = i
	}
	p.between("job.partitions", int64(j.Partitions), 1, SubtasksMax)
	p.between("job.max_parallelism", int64(j.MaxParallelism), 1, KeyGroupsMax)
	p.check(len(j.Parallelism) > 0, "job.parallelism", "is empty: want one number for each attempt, as [2]")
	for i, n := range j.Parallelism {
		p.between(fmt.Sprintf("job.parallelism[%d]", i), int64(n), 1, int64(min(SubtasksMax, max(1, j.MaxParallelism))))
	}
	p.check(len(j.Sources) > 0, "job.sources", "is empty: want one number for each attempt, as [1]")
	for i, n := range j.Sources {
		p.between(fmt.Sprintf("job.sources[%d]", i), int64(n), 1, SubtasksMax)
	}
	for o, states := range j.Operators {
		validateStates(p, o, states)
	}
	p.between("job.watermark_lag", j.WatermarkLag, 0, TimeMax)
	p.between("job.buffer", int64(j.Buffer), 0, RecordsMax)
	p.span("job.pace", j.Pace, 0)
	p.span("job.work", j.Work, 0)
}

func validateStates(p *problems, operator int, states []model.StateSpec) {
	names := make(map[string]bool, len(states))
	for i, s := range states {
		field := fmt.Sprintf("job.operators[%d][%d]", operator, i)
		p.check(s.Name != "" && utf8.ValidString(s.Name), field+".name", "%q: want a name in UTF-8", s.Name)
		p.check(s.Name != ledgerName, field+".name", "%q is the ledger's: take another name", s.Name)
		p.check(s.Name != firingsName, field+".name", "%q is taken by what timers leave: take another name", s.Name)
		p.check(!s.Processing || s.Kind == model.Timers, field+".processing", "a %v has no clock: want timers", s.Kind)
		p.check(!names[s.Name], field+".name", "%q is taken by an earlier state of the operator: take another name", s.Name)
		p.check(s.Kind < model.StateKindCount, field+".kind", "%v: want value, list, map, reducing, aggregating or timers", s.Kind)
		p.check(s.Shape <= model.Text, field+".shape", "%v: want int, ints, cell or text", s.Shape)
		p.check(!s.Register || s.Kind == model.Value && s.Shape == model.Int, field+".register",
			"a %v of shape %v cannot be a register: want a value of shape int", s.Kind, s.Shape)
		p.between(field+".namespaces", int64(s.Namespaces), 0, model.NamespacesMax)
		p.check(!s.Register || s.Namespaces <= 1 && len(s.Default) == 0, field+".register",
			"a register has one namespace and no default")
		p.check(len(s.Default) == 0 || s.Kind == model.Value, field+".default", "a %v has none: want a value", s.Kind)
		p.check(s.Shape != model.Int || len(s.Default) <= 1, field+".default", "%d words: want one, as the shape is int", len(s.Default))
		p.between(field+".default: its words", int64(len(s.Default)), 0, WordsMax)
		validateTTL(p, field, &s)
		names[s.Name] = true
	}
}

func (c *Cluster) validate(p *problems) {
	p.between("cluster.task_managers", int64(c.TaskManagers), 1, TaskManagersMax)
	p.span("cluster.network_delay", c.NetworkDelay, 0)
	p.span("cluster.io_delay", c.IODelay, 0)
	p.span("cluster.local_io_delay", c.LocalIODelay, 0)
	p.span("cluster.background_delay", c.BackgroundDelay, 0)
	p.span("cluster.detect_delay", c.DetectDelay, 0)
	p.span("cluster.heartbeat_interval", c.HeartbeatInterval, 0)
	p.span("cluster.heartbeat_timeout", c.HeartbeatTimeout, 2*c.HeartbeatInterval)
	p.span("cluster.orphan_timeout", c.OrphanTimeout, 2*c.HeartbeatInterval)
	p.span("cluster.process_restart", c.ProcessRestart, 0)
	p.span("cluster.outage", c.Outage, 0)
	p.span("cluster.restart_delay", c.RestartDelay, 0)
	p.span("cluster.write_back", c.WriteBack, 0)
	p.check(c.Profile <= disk.Strict, "cluster.profile", "%v: want one from %v to %v", c.Profile, disk.PosixWeak, disk.Strict)
}

func (c *Checkpointing) validate(p *problems) {
	p.span("checkpointing.interval", c.Interval, time.Microsecond)
	p.span("checkpointing.timeout", c.Timeout, time.Microsecond)
	p.between("checkpointing.retained", int64(c.Retained), 1, 1000)
	p.between("checkpointing.concurrent_max", int64(c.ConcurrentMax), 0, 100)
	p.span("checkpointing.min_pause", c.MinPause, 0)
	p.check(c.Mode == ExactlyOnce || c.Mode == AtLeastOnce, "checkpointing.mode", "%q: want %q, or leave it out for exactly once", c.Mode, AtLeastOnce)
	p.check(!c.Unaligned || c.Mode == ExactlyOnce, "checkpointing.unaligned",
		"needs exactly once: leave checkpointing.mode out, or unaligned")
	p.check(!c.Unaligned || c.ConcurrentMax <= 1, "checkpointing.concurrent_max",
		"%d: unaligned checkpoints are taken one at a time: want 0 or 1", c.ConcurrentMax)
	p.span("checkpointing.aligned_timeout", c.AlignedTimeout, 0)
	p.check(c.Unaligned || c.AlignedTimeout == 0, "checkpointing.aligned_timeout", "is for unaligned checkpoints: set checkpointing.unaligned, too")
	p.limit("checkpointing.tolerated", c.Tolerated)
	p.limit("checkpointing.restarts", c.Restarts)
}

func (s *Storage) validate(p *problems) {
	p.check(s.Kind == Filesystem || s.Kind == JobManagerMemory || s.Kind == ObjectStore, "storage.kind",
		"%q: want %s, %s or %s", s.Kind, Filesystem, JobManagerMemory, ObjectStore)
	p.check(s.Pointer == PointerFile || s.Pointer == PointerCoordination, "storage.pointer",
		"%q: want %s or %s", s.Pointer, PointerFile, PointerCoordination)
	p.between("storage.inline_threshold_bytes", s.InlineThresholdBytes, 0, BufferBytesMax)
	p.between("storage.write_buffer_bytes", int64(s.WriteBufferBytes), 0, BufferBytesMax)
	p.between("storage.max_state_bytes", s.MaxStateBytes, 0, 1<<40)
	p.between("storage.parallel", int64(s.Parallel), 0, ParallelMax)
	p.between("storage.capacity_bytes", s.CapacityBytes, 0, 1<<40)
}

// validateFaults checks the plan, and that the machines that it names exist.
func (c *Config) validateFaults(p *problems) {
	if err := c.Faults.Validate(); err != nil {
		p.check(false, "faults", "%v", err)
		return
	}
	last := history.TaskManager(c.Cluster.TaskManagers - 1)
	for i, f := range c.Faults {
		p.check(c.contended() || !changesLeader(f), fmt.Sprintf("faults[%d]", i),
			"%s: one job manager alone may lead: want storage.pointer %s, and durable metadata", f.Kind(), PointerCoordination)
		m, named := victim(f)
		p.check(!named || m <= last || c.Cluster.TaskManagers < 1, fmt.Sprintf("faults[%d]", i),
			"%s: %v is not there: the last one is %v", f.Kind(), m, last)
	}
}

// changesLeader tells whether a fault lets job managers contend.
func changesLeader(f faults.Fault) bool {
	switch f.(type) {
	case faults.LeaderChange, faults.LeaderChangeInPhase:
		return true
	}
	return false
}

// victim returns the machine that a fault names.
func victim(f faults.Fault) (history.Machine, bool) {
	switch f := f.(type) {
	case faults.CrashAt:
		return f.Machine, true
	case faults.CrashAtIO:
		return f.Machine, true
	case faults.PowerLoss:
		return f.Machine, true
	case faults.PowerLossInPhase:
		if f.Machine != nil {
			return *f.Machine, true
		}
	case faults.DamagedLocalCopy:
		return f.Machine, true
	case faults.FailedIO:
		return f.Disk, true
	case faults.TornWrite:
		return f.Disk, true
	case faults.FullDisk:
		return f.Disk, true
	}
	return 0, false
}
