package model

// OpKind is what an operation does.
type OpKind uint8

// The operations. Those called Bump read a value, change it in place and write
// it back. New ones stand at the end: the numbers are in traces.
const (
	ValueGet OpKind = iota
	ValueSet
	ValueBump
	ValueClear
	ListGet
	ListAdd
	ListAddAll
	ListUpdate
	ListBump
	ListClear
	MapGet
	MapPut
	MapBump
	MapRemove
	MapContains
	MapIsEmpty
	MapRange
	MapClear
	ListMerge
	MapEdit
	ReducingGet
	ReducingAdd
	ReducingClear
	ReducingMerge
	AggregatingGet
	AggregatingAdd
	AggregatingClear
	AggregatingMerge
	ListKeys
	ListPairs
	TimerRegister
	TimerDelete
	AddNil
	OpKindCount // not an operation: how many kinds there are
)

var opKindNames = [OpKindCount]string{
	"value.get", "value.set", "value.bump", "value.clear",
	"list.get", "list.add", "list.add-all", "list.update", "list.bump", "list.clear",
	"map.get", "map.put", "map.bump", "map.remove", "map.contains", "map.is-empty", "map.range", "map.clear",
	"list.merge", "map.edit",
	"reducing.get", "reducing.add", "reducing.clear", "reducing.merge",
	"aggregating.get", "aggregating.add", "aggregating.clear", "aggregating.merge",
	"keys", "keys-and-namespaces",
	"timer.register", "timer.delete",
	"add-nil",
}

// opStates says which kind of state each operation works on; those that list
// work on any, and AddNil on whatever is added to.
var opStates = [OpKindCount]StateKind{
	Value, Value, Value, Value,
	List, List, List, List, List, List,
	Map, Map, Map, Map, Map, Map, Map, Map,
	List, Map,
	Reducing, Reducing, Reducing, Reducing,
	Aggregating, Aggregating, Aggregating, Aggregating,
	ListKeys: Value, ListPairs: Value, AddNil: List,
	TimerRegister: Timers, TimerDelete: Timers,
}

// String returns the kind's name, as "map.put".
func (k OpKind) String() string { return nameOf(opKindNames[:], uint8(k)) }

// MarshalText writes the kind's name.
func (k OpKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *OpKind) UnmarshalText(text []byte) error {
	n, err := indexOf("operation", opKindNames[:], text)
	*k = OpKind(n)
	return err
}

// Lists tells whether the operation asks which keys there are: it works on every
// kind of state but timers, and not on the current key alone.
func (k OpKind) Lists() bool { return k == ListKeys || k == ListPairs }

// Merges tells whether the operation moves what is in namespaces to another one.
func (k OpKind) Merges() bool { return k == ListMerge || k == ReducingMerge || k == AggregatingMerge }

// Works tells whether the operation works on states of a kind.
func (k OpKind) Works(on StateKind) bool {
	if k.Lists() {
		return on != Timers
	}
	if k == AddNil {
		return on == List || on == Reducing || on == Aggregating
	}
	return k < OpKindCount && opStates[k] == on
}

// ByUserKey tells whether the operation works on one user key of a map.
func (k OpKind) ByUserKey() bool {
	switch k {
	case MapGet, MapPut, MapBump, MapRemove, MapContains:
		return true
	}
	return false
}

// Reads tells whether operations of this kind leave the state as it is.
func (k OpKind) Reads() bool {
	switch k {
	case ValueGet, ListGet, MapGet, MapContains, MapIsEmpty, MapRange, ReducingGet, AggregatingGet, ListKeys, ListPairs:
		return true
	}
	return false
}

// Op is one state operation of the job, on the current key.
//
// Args are words: the new value of a set or put (Int takes one), the single
// element of list.add, the elements of list.add-all and list.update, the
// summand of a bump or edit, the value that reducing state folds in, the word
// that aggregating state does, the time of a timer.
type Op struct {
	Kind      OpKind  `json:"op"`
	State     int     `json:"state"`               // index into the operator's states
	Namespace int     `json:"namespace,omitempty"` // index: see Namespace. Of a merge, the target.
	Sources   []int   `json:"sources,omitempty"`   // of a merge: namespaces, distinct
	UserKey   int64   `json:"user_key,omitempty"`
	Args      []int64 `json:"args,omitempty"`
}
