package sim

import (
	"encoding/binary"
	"slices"

	"flinch/backends"
	"flinch/model"
)

// operatorNames are the keyed operators of the chain, in its order, unless a
// recovery renames them: see world.operators.
var operatorNames = [OperatorCount]string{"first", "second"}

// The two vertices of the job.
const (
	sourceVertex = "source"
	chainVertex  = "chain"
)

// Names of the operators with operator state, and of that state.
const (
	sourceName = "source"
	sinkName   = "sink"
	offsetList = "offsets"
	commitList = "transactions"
	seenList   = "seen"
	ruleMap    = "rules"
)

// job is what follows from Config.Job and Config.Records, computed once.
type job struct {
	keys       []backends.Key
	groups     []int    // key group by key
	partitions [][]int  // record ids by partition and offset
	offsets    []int64  // offset by record id
	contents   []uint64 // hash of what a record contains, by record id
	schemas    [OperatorCount]*model.Schema
	userKeys   map[int64]string
	byEncoded  map[string]int     // key by its encoded form
	timed      bool               // there are timers, and so watermarks
	firings    [OperatorCount]int // state that counts what timers fired; 0: there is none
}

func newJob(c *Config) *job {
	j := &job{
		keys: make([]backends.Key, len(c.Job.Keys)), groups: make([]int, len(c.Job.Keys)),
		partitions: make([][]int, c.Job.Partitions), offsets: make([]int64, len(c.Records)),
		contents:  make([]uint64, len(c.Records)),
		userKeys:  map[int64]string{},
		byEncoded: make(map[string]int, len(c.Job.Keys)),
	}
	for i, key := range c.Job.Keys {
		j.keys[i] = backends.StringKey(key)
		j.byEncoded[j.keys[i].Encoded] = i
		j.groups[i] = backends.KeyGroup(j.keys[i].Hash, c.Job.MaxParallelism)
	}
	for i := range c.Records {
		p := c.Records[i].Partition
		j.offsets[i] = int64(len(j.partitions[p]))
		j.partitions[p] = append(j.partitions[p], i)
		j.contents[i] = contentOf(&c.Records[i])
	}
	ledger := model.StateSpec{Name: "ledger", Kind: model.Map, Shape: model.Int}
	for i, states := range c.Job.Operators {
		j.schemas[i] = &model.Schema{
			Keys:           c.Job.Keys,
			States:         append([]model.StateSpec{ledger}, states...),
			MaxParallelism: c.Job.MaxParallelism,
		}
		if slices.ContainsFunc(states, func(s model.StateSpec) bool { return s.Kind == model.Timers }) {
			j.timed, j.firings[i] = true, len(states)+1
			j.schemas[i].States = append(j.schemas[i].States, model.StateSpec{Name: firingsName, Kind: model.Map, Clocked: true})
		}
	}
	return j
}

// contentOf hashes a record: what it is, not where it stands among others.
func contentOf(r *Record) uint64 {
	sum := hashWords(uint64(r.Partition), uint64(r.Key))
	if r.Time != 0 {
		sum = hashWords(sum, uint64(r.Time))
	}
	for _, ops := range r.Ops {
		for i := range ops {
			sum = hashWords(sum, uint64(ops[i].Kind), uint64(ops[i].State), uint64(ops[i].UserKey))
			if ops[i].Namespace != 0 {
				sum = hashWords(sum, uint64(ops[i].Namespace))
			}
			for _, source := range ops[i].Sources {
				sum = hashWords(sum, uint64(source))
			}
		}
	}
	return sum
}

// userKey returns a user key as backends see it.
func (j *job) userKey(k int64) string {
	encoded, ok := j.userKeys[k]
	if !ok {
		encoded = string(binary.BigEndian.AppendUint64(nil, uint64(k)))
		j.userKeys[k] = encoded
	}
	return encoded
}

// parallelismOf returns the parallelism of chain and source in an attempt.
func (c *Config) parallelismOf(attempt int) (chain, sources int) {
	return c.Job.Parallelism[(attempt-1)%len(c.Job.Parallelism)], c.Job.Sources[(attempt-1)%len(c.Job.Sources)]
}
