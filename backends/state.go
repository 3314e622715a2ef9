package backends

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
)

// Descriptor describes a keyed state.
type Descriptor struct {
	Name  string
	Kind  StateKind
	Value Codec // of the value, the list element, or the map's values
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
	// Get returns nil if there is no value.
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
	Clear() error
}
