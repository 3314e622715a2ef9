package checks

import (
	"flinch/model"
	"flinch/model/history"
)

// Evidence is all that is known of one run: what the case promised, what
// happened, and what auditors found. Checks compare; they cannot run anything.
type Evidence struct {
	Facts  Facts
	Run    *history.Run
	Audits []Audit
	// Live are audits of live instances, each of one subtask of one operator, that
	// were restored from what no auditor may read: local copies.
	Live []Audit
	// Reference is the same case carried out on another backend, if it was.
	Reference *Evidence
}

// Facts are what checks need to know of the case.
type Facts struct {
	Scenario    string
	Backend     string
	Storage     string // "filesystem", "job-manager-memory"
	Durable     bool   // metadata survives the job manager
	ExactlyOnce bool
	Pure        bool // each key is fed by one partition and nothing depends on time
	// Regions is how many parts of the job fail alone, a subtask of each operator in
	// each; 0: there is one.
	Regions        int
	MaxParallelism int
	Retained       int
	Partitions     int
	Keys           []string
	Operators      []OperatorFacts // the keyed operators, in chain order
	Records        []RecordFacts   // by record id
}

// OperatorFacts describe one keyed operator. State 0 is its ledger: a map from
// record id to how often the record was applied.
type OperatorFacts struct {
	Name   string
	States []model.StateSpec
}

// byTime names the states of an operator that the records alone do not decide.
func byTime(e *Evidence, operator int) []string {
	var names []string
	if operator < len(e.Facts.Operators) {
		for _, s := range e.Facts.Operators[operator].States {
			if s.ByTime() {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// RecordFacts describe one record.
type RecordFacts struct {
	Partition int
	Offset    int64        // position in its partition, from 0
	Key       int          // index into Facts.Keys
	Ops       [][]model.Op // per keyed operator
}

// LedgerState is the index of the ledger among an operator's states.
const LedgerState = 0

// AuditKind says why a checkpoint was audited.
type AuditKind uint8

// The kinds of audits.
const (
	AtRestore   AuditKind = iota // before the first record of an attempt
	AtCompleted                  // right after it completed
	AtQuiesce                    // retained at the end
)

// Audit is what fresh backend instances found in one checkpoint.
type Audit struct {
	Kind        AuditKind
	Step        history.Step
	Now         int64 // virtual time in milliseconds: what had expired by then may be there or not
	Checkpoint  int64
	Attempt     int // that was being restored, or that the audit belongs to
	Parallelism int // at which it was restored
	Sources     int
	Keyed       []KeyedAudit
	Lists       []ListAudit
	Channels    []ChannelAudit
}

// ChannelAudit compares the records in flight in one channel, in order: those that
// the harness counted with those that channel state holds. From -1 is what had been
// restored and was not processed yet, in any order.
type ChannelAudit struct {
	From, To  int
	Output    bool
	Want, Got []int32
	Error     string
}

// KeyedAudit compares one keyed operator.
type KeyedAudit struct {
	Operator int
	Expected []model.Entry // union of what was frozen in the synchronous phases, sorted
	Dumps    []history.Dump
}

// ListAudit compares one operator state. Old is what was frozen in each old
// subtask, New what each new subtask was given, elements encoded. An element of a
// broadcast map is an entry: the key, then the value, in the order of the keys.
// nil is a subtask that had not registered the state, or was given none.
type ListAudit struct {
	Operator string
	State    string
	Mode     model.Distribution
	Old      [][]string
	New      [][]string
	Error    string
}
