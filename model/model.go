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
	stateKindCount
)

var stateKindNames = [stateKindCount]string{"value", "list", "map"}

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
}

// OpKind is what an operation does.
type OpKind uint8

// The operations. Those called Bump read a value, change it in place and write
// it back.
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
	OpKindCount // not an operation: how many kinds there are
)

var opKindNames = [OpKindCount]string{
	"value.get", "value.set", "value.bump", "value.clear",
	"list.get", "list.add", "list.add-all", "list.update", "list.bump", "list.clear",
	"map.get", "map.put", "map.bump", "map.remove", "map.contains", "map.is-empty", "map.range", "map.clear",
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

// State returns the kind of state that the operation works on.
func (k OpKind) State() StateKind {
	switch {
	case k <= ValueClear:
		return Value
	case k <= ListClear:
		return List
	}
	return Map
}

// Op is one state operation of the job, on the current key.
//
// Args are words: the new value of a set or put (Int takes one), the single
// element of list.add, the elements of list.add-all and list.update, the
// summand of a bump.
type Op struct {
	Kind    OpKind  `json:"op"`
	State   int     `json:"state"` // index into the operator's states
	UserKey int64   `json:"user_key,omitempty"`
	Args    []int64 `json:"args,omitempty"`
}

// BumpWordsMax is how many words a bump lets a value of shape Ints, Cell or
// Text grow to.
const BumpWordsMax = 4

// Bump returns what a bump by x makes of the words of a value: absent (nil)
// becomes [x]; otherwise x is added to the first word and, below BumpWordsMax
// and for any shape but Int, appended. The result may share words' memory.
func Bump(shape Shape, words []int64, x int64) []int64 {
	if len(words) == 0 {
		return append(words, x)
	}
	words[0] += x
	if shape != Int && len(words) < BumpWordsMax {
		words = append(words, x)
	}
	return words
}

// An answer is a flat list of words, so that answers compare without decoding:
// a value is its length and its words (absent: -1); a list is its length and
// its elements; contains and is-empty are 0 or 1; a range is its length, then
// each user key with its value, in the byte order of encoded user keys (negative
// ones last). Operations that only write
// answer nothing; bumps answer what they found.

// AppendAnswer appends one value to an answer.
func AppendAnswer(answer, words []int64) []int64 {
	return append(append(answer, int64(len(words))), words...)
}

// AppendAbsent appends the mark of an absent value to an answer.
func AppendAbsent(answer []int64) []int64 { return append(answer, -1) }

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
