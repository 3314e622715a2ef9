package explore

import (
	"slices"

	"flinch/model"
	"flinch/scenarios"
	"flinch/sim"
)

// change tries the best case with one thing changed. apply gets a copy of the
// case whose slices are still shared, and returns false if there is nothing to
// change.
func (s *shrinker) change(apply func(c *scenarios.Case) bool) bool {
	c := s.best
	return apply(&c) && s.try(c)
}

// restartsTried are limits of restarts that are tried in turn.
const restartsTried = 4

// fewRestarts ends the job soon after it is broken: one that fails to restore
// over and over makes each run, and its story, a hundred times as long.
func (s *shrinker) fewRestarts() {
	for limit := range restartsTried {
		if now := s.best.Checkpointing.Restarts; now != sim.Unlimited && now <= limit {
			return
		}
		if s.change(func(c *scenarios.Case) bool { return set(&c.Checkpointing.Restarts, limit) }) {
			return
		}
	}
}

// plainCluster makes the cluster and its settings smaller.
func (s *shrinker) plainCluster() {
	s.change(func(c *scenarios.Case) bool { return set(&c.Job.Pointwise, false) })
	s.change(func(c *scenarios.Case) bool { return toOnes(&c.Job.Parallelism) })
	s.change(func(c *scenarios.Case) bool { return shorten(&c.Job.Parallelism) })
	s.change(func(c *scenarios.Case) bool { return toOnes(&c.Job.Sources) })
	s.change(func(c *scenarios.Case) bool { return shorten(&c.Job.Sources) })
	for s.change(func(c *scenarios.Case) bool { return lower(&c.Cluster.TaskManagers, 1) }) {
	}
	s.change(func(c *scenarios.Case) bool { return set(&c.Checkpointing.Retained, 1) })
	s.change(func(c *scenarios.Case) bool { return set(&c.Checkpointing.MinPause, 0) })
	s.change(func(c *scenarios.Case) bool { return set(&c.Checkpointing.ConcurrentMax, 0) })
	for s.best.Checkpointing.ConcurrentMax > 1 && s.change(func(c *scenarios.Case) bool { return lower(&c.Checkpointing.ConcurrentMax, 1) }) {
	}
	s.change(func(c *scenarios.Case) bool { return set(&c.Checkpointing.Tolerated, sim.Unlimited) })
	s.change(func(c *scenarios.Case) bool { return set(&c.Storage.Parallel, 0) })
	s.change(func(c *scenarios.Case) bool { return set(&c.Storage.CapacityBytes, 0) })
	s.change(func(c *scenarios.Case) bool { return set(&c.Storage.MaxStateBytes, 0) })
	s.change(func(c *scenarios.Case) bool { return set(&c.Cluster.LocalRecovery, false) })
	s.change(withoutHeartbeats)
	s.change(func(c *scenarios.Case) bool { return set(&c.Cluster.NetworkDelay, 0) })
	s.change(func(c *scenarios.Case) bool { return set(&c.Cluster.IODelay, 0) })
	s.change(func(c *scenarios.Case) bool { return set(&c.Job.Work, 0) })
	s.change(func(c *scenarios.Case) bool {
		had := len(c.Tuning) > 0
		c.Tuning = nil
		return had
	})
}

// withoutHeartbeats has the deaths of task managers noticed, and nothing else.
func withoutHeartbeats(c *scenarios.Case) bool {
	had := c.Cluster.HeartbeatInterval > 0
	c.Cluster.HeartbeatInterval, c.Cluster.HeartbeatTimeout, c.Cluster.OrphanTimeout = 0, 0, 0
	return had
}

// plainJob makes the job's shape smaller: one source partition, fewer keys, no
// state that nothing uses.
func (s *shrinker) plainJob() {
	s.change(onePartition)
	for key := len(s.best.Job.Keys) - 1; key > 0; key-- {
		s.change(func(c *scenarios.Case) bool { return mergeKey(c, key) })
	}
	s.change(dropUnusedKeys)
	for operator := range s.best.Job.Operators {
		for state := len(s.best.Job.Operators[operator]); state > 0; state-- {
			s.change(func(c *scenarios.Case) bool { return dropUnusedState(c, operator, state) })
		}
		for i := range s.best.Job.Operators[operator] {
			s.change(func(c *scenarios.Case) bool { return oneNamespace(c, operator, i) })
			s.change(func(c *scenarios.Case) bool { return noDefault(c, operator, i) })
		}
	}
}

// onePartition reads every record from one source partition.
func onePartition(c *scenarios.Case) bool {
	if c.Job.Partitions <= 1 {
		return false
	}
	c.Job.Partitions = 1
	c.Records = slices.Clone(c.Records)
	for i := range c.Records {
		c.Records[i].Partition = 0
	}
	return true
}

// mergeKey gives the records of a key to the first key that is fed by the same
// partitions: merging others could break the promise of Job.Pure.
func mergeKey(c *scenarios.Case, key int) bool {
	fed := partitionsOf(c.Records, key)
	if len(fed) == 0 {
		return false
	}
	for other := range key {
		if !slices.Equal(partitionsOf(c.Records, other), fed) {
			continue
		}
		c.Records = slices.Clone(c.Records)
		for i := range c.Records {
			if c.Records[i].Key == key {
				c.Records[i].Key = other
			}
		}
		return true
	}
	return false
}

// partitionsOf returns the partitions that feed a key, sorted.
func partitionsOf(records []sim.Record, key int) []int {
	var fed []int
	for _, r := range records {
		if r.Key == key && !slices.Contains(fed, r.Partition) {
			fed = append(fed, r.Partition)
		}
	}
	slices.Sort(fed)
	return fed
}

// dropUnusedKeys takes out the keys that no record has.
func dropUnusedKeys(c *scenarios.Case) bool {
	var keys []string
	place := make([]int, len(c.Job.Keys))
	for key, name := range c.Job.Keys {
		place[key] = len(keys)
		if len(partitionsOf(c.Records, key)) > 0 {
			keys = append(keys, name)
		}
	}
	if len(keys) == 0 || len(keys) == len(c.Job.Keys) {
		return false
	}
	c.Job.Keys = keys
	c.Records = slices.Clone(c.Records)
	for i, r := range c.Records {
		c.Records[i].Key = place[r.Key]
	}
	return true
}

// dropUnusedState takes a state out of an operator if no operation uses it.
// States count from 1: 0 is the ledger.
func dropUnusedState(c *scenarios.Case, operator, state int) bool {
	for _, r := range c.Records {
		if slices.ContainsFunc(r.Ops[operator], func(op model.Op) bool { return op.State == state }) {
			return false
		}
	}
	c.Job.Operators[operator] = without(c.Job.Operators[operator], state-1, state)
	c.Records = slices.Clone(c.Records)
	for i := range c.Records {
		ops := slices.Clone(c.Records[i].Ops[operator])
		for j := range ops {
			if ops[j].State > state {
				ops[j].State--
			}
		}
		c.Records[i].Ops[operator] = ops
	}
	return true
}

// oneNamespace lets a state do without namespaces. Merges are left with nothing to
// do.
func oneNamespace(c *scenarios.Case, operator, i int) bool {
	if c.Job.Operators[operator][i].Namespaces == 0 {
		return false
	}
	c.Job.Operators[operator] = slices.Clone(c.Job.Operators[operator])
	c.Job.Operators[operator][i].Namespaces = 0
	c.Records = slices.Clone(c.Records)
	for r := range c.Records {
		ops := slices.Clone(c.Records[r].Ops[operator])
		for j := range ops {
			if ops[j].State == i+1 {
				ops[j].Namespace, ops[j].Sources = 0, nil
			}
		}
		c.Records[r].Ops[operator] = ops
	}
	return true
}

// noDefault takes a state's default away.
func noDefault(c *scenarios.Case, operator, i int) bool {
	if len(c.Job.Operators[operator][i].Default) == 0 {
		return false
	}
	c.Job.Operators[operator] = slices.Clone(c.Job.Operators[operator])
	c.Job.Operators[operator][i].Default = nil
	return true
}

// withoutOps returns a copy of records without the operations [from, to), all
// records' operations being one list.
func withoutOps(records []sim.Record, from, to int) []sim.Record {
	records = slices.Clone(records)
	first := 0
	for i := range records {
		for operator, ops := range records[i].Ops {
			low, high := max(from-first, 0), min(to-first, len(ops))
			if low < high {
				records[i].Ops[operator] = without(ops, low, high)
			}
			first += len(ops)
		}
	}
	return records
}

// toOnes makes every element of a list 1.
func toOnes(list *[]int) bool {
	if !slices.ContainsFunc(*list, func(n int) bool { return n != 1 }) {
		return false
	}
	*list = []int{1}
	return true
}

// shorten keeps the first element of a list.
func shorten(list *[]int) bool {
	if len(*list) <= 1 {
		return false
	}
	*list = slices.Clone((*list)[:1])
	return true
}

// set gives a field a value.
func set[T comparable](field *T, value T) bool {
	changed := *field != value
	*field = value
	return changed
}

// lower takes one from a field that is above least.
func lower(field *int, least int) bool {
	if *field <= least {
		return false
	}
	*field--
	return true
}
