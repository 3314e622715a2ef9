package backends

import (
	"cmp"
	"strings"
)

// VoidNamespace is the namespace of plain keyed state.
const VoidNamespace = "\x00"

// Key addresses keyed state. Two keys are the same if they are equal as Go
// values. StringKey, Int64Key and their siblings make keys whose groups are
// exactly Flink's.
type Key struct {
	// Encoded is never empty. The keys of one operator are either all of one
	// length, which KeyedParams.KeyBytes tells, or each ends with two zero bytes,
	// with every zero of its own followed by 0xFF. So keys can be joined with what
	// follows them and told apart again, and keep their order.
	Encoded string
	Hash    int32 // what Java's hashCode gives for the key
}

// StateKind is the kind of a keyed state.
type StateKind uint8

// The kinds of keyed state.
const (
	ValueKind StateKind = iota
	ListKind
	MapKind
	ReducingKind
	AggregatingKind
	TimerKind
	kindCount
)

// Descriptor describes a keyed state.
type Descriptor struct {
	Name string
	Kind StateKind
	// Value is for the value, the list element, the map's values, what reducing
	// state holds, or the accumulator of aggregating state.
	Value Codec
	// Default is what value state answers where it holds nothing: a copy of it,
	// made by Value, each time. nil: nothing.
	Default any
	// Reduce is how reducing state makes one value of two, the older first. It may
	// change either in place and return it.
	Reduce func(a, b any) any
	// Aggregate is how aggregating state works.
	Aggregate *Aggregate
	// CleanUp is what may be dropped in the background; nil: nothing.
	CleanUp *CleanUp
	// Queryable says that the state may be read by Queryable.Query. Backends without
	// it ignore this.
	Queryable bool
}

// Aggregate is what aggregating state does with its accumulators, which are never
// nil. Add and Merge may change one that they are given in place and return it.
type Aggregate struct {
	Create func() any
	Add    func(accumulator, v any) any
	Merge  func(a, b any) any // the older first
	// Result leaves the accumulator as it is, and may share memory with it: what it
	// returns is lent like a value.
	Result func(accumulator any) any
}

// CodecID names a codec in snapshots.
type CodecID struct {
	Name    string
	Version int
}

// Codec turns live values into bytes and back.
//
// A codec may own scratch memory: what Encode returns is lent until the next
// call on the same codec. Whoever runs interleaved with somebody else (the
// asynchronous phase of a snapshot) uses a codec of its own, from Duplicate.
type Codec interface {
	ID() CodecID
	// Encode never returns an empty slice.
	Encode(v any) ([]byte, error)
	// Decode returns a new value that shares no memory with src.
	Decode(src []byte) (any, error)
	// Copy returns a deep copy of v.
	Copy(v any) (any, error)
	// Duplicate returns an independent codec of the same ID.
	Duplicate() Codec
}

// FixedSizer is implemented by codecs whose encodings are all of one length.
// Backends that join encodings frame those of other codecs. Optional.
type FixedSizer interface {
	// FixedBytes is the length of every encoding; 0: lengths vary.
	FixedBytes() int
}

// RawValue is an untyped value state.
//
// A value that is read is lent until the next call on that state. The caller
// may change it in place only if it writes it back, with Update, before any
// other call. Update takes ownership. The same holds for lists and for the
// values of maps.
type RawValue interface {
	// SetNamespace chooses the namespace of the calls that follow. It is any
	// string but the empty one, which they refuse.
	SetNamespace(ns string)
	// Get returns nil if there is no value and the state has no default.
	Get() (any, error)
	// Update(nil) is Clear.
	Update(v any) error
	Clear() error
}

// RawList is an untyped list state. Lent and owned: see RawValue.
type RawList interface {
	SetNamespace(ns string)
	// Get returns the elements in the order in which they were added; nil if
	// there are none.
	Get() ([]any, error)
	// Add and AddAll append. A nil element is an error, and nothing is added.
	Add(v any) error
	AddAll(vs []any) error
	// Update replaces all elements. An empty list is Clear.
	Update(vs []any) error
	Clear() error
	// MergeNamespaces appends to the target's list those of the sources: see
	// RawMerging.
	MergeNamespaces(target string, sources []string) error
}

// RawMerging is an untyped reducing or aggregating state: all that is added under
// a key and namespace is folded into one value. Lent and owned: see RawValue.
type RawMerging interface {
	SetNamespace(ns string)
	// Get returns nil if nothing was added: else what reducing state holds, or the
	// result of the accumulator.
	Get() (any, error)
	// Add folds v in and takes ownership of it. A nil v is an error, and nothing
	// changes (in Flink it is undefined).
	Add(v any) error
	Clear() error
	// MergeNamespaces folds what the sources hold under the current key, one after
	// the other, into one value, and that into what the target holds: the target is
	// the older. The sources are empty afterwards. A source that holds nothing
	// is passed over; if none holds anything, the target stays as it is. The target
	// may be a source as well: then its value is folded where it stands among the
	// sources. No call's namespace changes. An empty namespace among them is an
	// error, as is a function that returns nil: nothing changes then, but for what
	// the function itself has changed in place.
	MergeNamespaces(target string, sources []string) error
}

// RawMap is an untyped map state. User keys are encoded, like keys. Removing
// the last user key removes the entry. Lent and owned: see RawValue.
type RawMap interface {
	SetNamespace(ns string)
	// Get returns nil if the user key is absent.
	Get(userKey string) (any, error)
	// Put refuses a nil value.
	Put(userKey string, v any) error
	Remove(userKey string) error
	Contains(userKey string) (bool, error)
	IsEmpty() (bool, error)
	// Range calls yield for each user key in byte order until it returns false.
	// The map must not be changed meanwhile.
	Range(yield func(userKey string, v any) bool) error
	// Iterator goes through the map as Range does, and changes it on the way. It
	// stays with the key and namespace that are current now. It is closed at its
	// end, by an error, or by Close.
	Iterator() (MapIterator, error)
	Clear() error
}

// MapIterator goes through the user keys of one map in byte order. Meanwhile the
// map is changed by the iterator alone: Next notices other changes with an error.
// Whoever sets another current key or namespace meanwhile does it no harm.
type MapIterator interface {
	// Next goes to the next user key, and returns false at the end and on errors.
	Next() bool
	// Key and Value are those that Next went to; before Next, after its end, or
	// after Remove they are "" and nil. A value is lent as RawValue says, and
	// written back by SetValue.
	Key() string
	Value() any
	// Remove removes the entry that Next went to, SetValue replaces its value, which
	// must not be nil. It is an error to call either where there is no such entry.
	// Removing the last entry of the map removes the map.
	Remove() error
	SetValue(v any) error
	// Err is what ended the iteration early; nil if nothing did.
	Err() error
	// Close ends the iteration; it is idempotent.
	Close()
}

// Timer is a moment for which a callback was asked for under a key and namespace.
type Timer struct {
	Time      int64  // in milliseconds of the queue's clock; negative ones are legal
	Key       string // encoded
	Group     int
	Namespace string
}

// Compare is the order in which timers fire: by time, key and namespace, each of
// these compared as bytes.
func (t Timer) Compare(o Timer) int {
	return cmp.Or(cmp.Compare(t.Time, o.Time), strings.Compare(t.Key, o.Key), strings.Compare(t.Namespace, o.Namespace))
}

// RawTimers is a queue of timers: a set of them for each key group that the
// instance owns, with one order over all (Timer.Compare).
type RawTimers interface {
	// Register adds a timer of the current key, and tells whether it was not there
	// yet. The namespace must not be empty.
	Register(time int64, namespace string) (bool, error)
	// Delete removes a timer of the current key, and tells whether it was there.
	Delete(time int64, namespace string) (bool, error)
	// Peek returns the first timer, and whether there is one. Poll removes it, too.
	Peek() (Timer, bool, error)
	Poll() (Timer, bool, error)
}
