// Package model is what the state must be: sequential, pure, obviously right.
// It knows what the simulated job was asked to do (Op), applies it to a plain
// map (Keyed), and answers what a backend should have answered. It shares no
// code with what it judges: key groups, ranges, redistribution and encodings
// are written here again.
//
// Start at Op, then Keyed. A Frozen is the state at one moment; Entries list it
// in the canonical order in which dumps are compared.
package model

import (
	"fmt"
	"strconv"
	"strings"
)

// StateKind is the kind of a keyed state.
type StateKind uint8

// The kinds of keyed state.
const (
	Value StateKind = iota
	List
	Map
	Reducing       // what is added is folded into one value by Reduce
	Aggregating    // what is added is folded into an accumulator by AggregateAdd
	Timers         // a set of times under each key and namespace, from which the least is taken first
	StateKindCount // not a kind: how many there are
)

var stateKindNames = [StateKindCount]string{"value", "list", "map", "reducing", "aggregating", "timers"}

// String returns the kind's name.
func (k StateKind) String() string { return nameOf(stateKindNames[:], uint8(k)) }

// MarshalText writes the kind's name.
func (k StateKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *StateKind) UnmarshalText(text []byte) error {
	n, err := indexOf("state kind", stateKindNames[:], text)
	*k = StateKind(n)
	return err
}

// Shape says how a value looks in the job's Go code. To the model each value is
// a sequence of words.
type Shape uint8

// The shapes of values.
const (
	Int  Shape = iota // one int64, never changed in place
	Ints              // []int64, changed in place and written back
	Cell              // a pointer to a struct, changed in place and written back
	Text              // a string, never changed in place
	shapeCount
)

var shapeNames = [shapeCount]string{"int", "ints", "cell", "text"}

// String returns the shape's name.
func (s Shape) String() string { return nameOf(shapeNames[:], uint8(s)) }

// MarshalText writes the shape's name.
func (s Shape) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Shape) UnmarshalText(text []byte) error {
	n, err := indexOf("shape", shapeNames[:], text)
	*s = Shape(n)
	return err
}

// StateSpec declares one keyed state of an operator. A register is a value of
// shape Int that is only set and read: linearizability is judged on it.
type StateSpec struct {
	Name     string    `json:"name"`
	Kind     StateKind `json:"kind"`
	Shape    Shape     `json:"shape"`
	Register bool      `json:"register,omitempty"`
	// Namespaces is how many namespaces the operations use, from the first on; 0
	// means 1: the void one alone.
	Namespaces int `json:"namespaces,omitempty"`
	// Default is what a value state answers where it holds nothing; none: nothing.
	Default []int64 `json:"default,omitempty"`
	// Processing timers go by their machine's clock, others by the watermark.
	Processing bool `json:"processing,omitempty"`
	// TTL is how long values live; nil: for good.
	TTL *TTL `json:"ttl,omitempty"`
	// Clocked state depends on when timers fire. Jobs declare none themselves.
	Clocked bool `json:"-"`
}

// ByTime tells whether the records alone do not decide what the state holds.
func (s *StateSpec) ByTime() bool { return s.Clocked || s.Kind == Timers || s.TTL != nil }

// Width is the number of namespaces, 1 or more.
func (s *StateSpec) Width() int { return max(1, s.Namespaces) }

// NamespacesMax bounds StateSpec.Namespaces.
const NamespacesMax = 4

// namespaces are chosen so that what joins keys and namespaces carelessly mixes
// them up: beginnings of each other, and zeros at either end.
var namespaces = [NamespacesMax]string{"\x00", "w", "\x00\x00", "w\x00"}

// namespaceOrder lists the indices of namespaces in the byte order of their names.
var namespaceOrder = [NamespacesMax]int{0, 2, 1, 3}

// Namespace returns the name of a namespace, given by its index. The first one is
// that of plain keyed state.
func Namespace(i int) string { return namespaces[i] }

func nameOf(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return "unknown-" + strconv.Itoa(int(i))
}

func indexOf(what string, names []string, text []byte) (int, error) {
	for i, name := range names {
		if name == string(text) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s %q: want one of %s", what, text, strings.Join(names, ", "))
}
