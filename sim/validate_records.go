package sim

import (
	"fmt"
	"maps"
	"slices"

	"flinch/backends"
	"flinch/model"
)

// validateRecords checks the records against the job. Fields are named only for
// records that are wrong, since there are many.
func (c *Config) validateRecords(p *problems) {
	p.between("records: their number", int64(len(c.Records)), 0, RecordsMax)
	feeds := make(map[int]int, len(c.Job.Keys)) // key to the first partition that feeds it
	written := map[registerWrite]int{}
	c.validatePointwise(p)
	for i, r := range c.Records {
		if r.Partition < 0 || r.Partition >= c.Job.Partitions {
			p.between(fmt.Sprintf("records[%d].partition", i), int64(r.Partition), 0, int64(c.Job.Partitions)-1)
		}
		if r.Key < 0 || r.Key >= len(c.Job.Keys) {
			p.between(fmt.Sprintf("records[%d].key", i), int64(r.Key), 0, int64(len(c.Job.Keys))-1)
		}
		if first, fed := feeds[r.Key]; !fed {
			feeds[r.Key] = r.Partition
		} else if c.Job.Pure && first != r.Partition {
			p.check(false, fmt.Sprintf("records[%d].partition", i),
				"%d: key %d is fed by partition %d already: want job.pure false, or one partition for each key", r.Partition, r.Key, first)
		}
		if r.Time < -TimeMax || r.Time > TimeMax {
			p.between(fmt.Sprintf("records[%d].time", i), r.Time, -TimeMax, TimeMax)
		}
		for o, ops := range r.Ops {
			for n, op := range ops {
				if wrong := c.Job.checkOp(o, op); wrong != "" {
					p.check(false, fmt.Sprintf("records[%d].ops[%d][%d]", i, o, n), "%v: %s", op.Kind, wrong)
					continue
				}
				if op.Kind != model.ValueSet || !c.Job.Operators[o][op.State-1].Register {
					continue
				}
				w := registerWrite{o, op.State, r.Key, op.Args[0]}
				if first, twice := written[w]; twice {
					p.check(false, fmt.Sprintf("records[%d].ops[%d][%d]", i, o, n),
						"%v: record %d writes %d to this register already: want distinct values", op.Kind, first, w.value)
				}
				written[w] = i
			}
		}
	}
}

// registerWrite is one value written to a register. Values must differ, or a
// read would not tell which write it saw.
type registerWrite struct {
	operator, state, key int
	value                int64
}

// checkOp says what is wrong with an operation of a keyed operator, "" if it is
// right.
func (j *Job) checkOp(operator int, op model.Op) string {
	states := j.Operators[operator]
	if op.Kind >= model.OpKindCount {
		return "there is no such operation"
	}
	if op.State < 1 || op.State > len(states) {
		return fmt.Sprintf("state %d: want 1 to %d, as states count from 1 behind the ledger", op.State, len(states))
	}
	spec := states[op.State-1]
	if !op.Kind.Works(spec.Kind) {
		return fmt.Sprintf("state %d is of kind %v: want an operation on that kind", op.State, spec.Kind)
	}
	if spec.Register && op.Kind != model.ValueGet && op.Kind != model.ValueSet {
		return fmt.Sprintf("state %d is a register: want value.get or value.set", op.State)
	}
	if low, high := argsOf(op.Kind, spec.Shape); len(op.Args) < low || len(op.Args) > high {
		return fmt.Sprintf("%d args: want %d to %d", len(op.Args), low, high)
	}
	if spec.TTL.Drops() && (op.Kind.Lists() || op.Kind == model.MapIsEmpty) {
		return fmt.Sprintf("state %d may lose expired values in the background: want no operation that counts them", op.State)
	}
	return checkNamespaces(op, spec)
}

// checkNamespaces says what is wrong with the namespaces of an operation.
func checkNamespaces(op model.Op, spec model.StateSpec) string {
	last := spec.Width() - 1
	switch {
	case op.Namespace < 0 || op.Namespace > last:
		return fmt.Sprintf("namespace %d: want 0 to %d, the namespaces of state %d", op.Namespace, last, op.State)
	case op.Namespace != 0 && op.Kind == model.ListPairs:
		return fmt.Sprintf("namespace %d: want none, as every namespace is listed", op.Namespace)
	case len(op.Sources) > 0 && !op.Kind.Merges():
		return "sources: want none, as only merges have some"
	}
	for i, source := range op.Sources {
		switch {
		case source < 0 || source > last:
			return fmt.Sprintf("sources[%d]: %d: want 0 to %d, the namespaces of state %d", i, source, last, op.State)
		case slices.Contains(op.Sources[:i], source):
			return fmt.Sprintf("sources[%d]: %d is a source already: want distinct namespaces", i, source)
		}
	}
	return ""
}

// argsOf returns how many arguments an operation takes, at least and at most.
func argsOf(kind model.OpKind, shape model.Shape) (low, high int) {
	switch kind {
	case model.ValueSet, model.MapPut, model.ReducingAdd:
		if shape == model.Int {
			return 1, 1
		}
		return 1, WordsMax
	case model.ValueBump, model.ListAdd, model.ListBump, model.MapBump, model.MapEdit, model.AggregatingAdd, model.TimerRegister, model.TimerDelete:
		return 1, 1
	case model.ListAddAll, model.ListUpdate:
		return 0, WordsMax
	}
	return 0, 0
}

func sortedNames(m map[string]int64) []string { return slices.Sorted(maps.Keys(m)) }

// validatePointwise checks that each record of a pointwise job comes to the chain that
// owns its key.
func (c *Config) validatePointwise(p *problems) {
	j := &c.Job
	if !j.Pointwise || len(j.Parallelism) == 0 || len(j.Sources) == 0 {
		return
	}
	own := len(j.Parallelism) == 1 && len(j.Sources) == 1 && j.Sources[0] == j.Parallelism[0] && j.MaxParallelism >= j.Parallelism[0]
	p.check(own, "job.pointwise", "a source feeds the chain of its own number: want one parallelism, equal for sources and chains, not %v and %v", j.Sources, j.Parallelism)
	if !own {
		return
	}
	for i, r := range c.Records {
		if r.Key < 0 || r.Key >= len(j.Keys) || r.Partition < 0 {
			continue // said already
		}
		if chain := j.ChainOf(r.Key); r.Partition%j.Parallelism[0] != chain {
			p.check(false, fmt.Sprintf("records[%d].partition", i),
				"%d: key %d belongs to chain %d, and source %d feeds another one: want a partition that is %d modulo %d", r.Partition, r.Key, chain, r.Partition%j.Parallelism[0], chain, j.Parallelism[0])
		}
	}
}

// ChainOf is the chain that owns a key at the job's first parallelism.
func (j *Job) ChainOf(key int) int {
	return backends.SubtaskOf(backends.KeyGroup(backends.StringKey(j.Keys[key]).Hash, j.MaxParallelism), j.Parallelism[0], j.MaxParallelism)
}
