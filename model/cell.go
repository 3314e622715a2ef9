package model

import (
	"cmp"
	"fmt"
	"slices"
)

// cell is one state under one key.
//
// Frozen states share the memory of cells, so nothing that words or a field's
// words reach is ever changed in place. Two things may grow in place, because
// no frozen state can see it: a list beyond its length, and the fields of a map
// that were copied since the last freeze (own). What borrowed returns has
// neither room to grow nor own fields.
type cell struct {
	words   []int64 // of the value, or the elements of the list
	fields  []field // of the map, in the byte order of encoded user keys: negative ones last
	present bool    // the value is there
	own     bool    // fields are shared with nobody
}

// field is one entry of a map.
type field struct {
	key   int64
	words []int64
}

// borrowed returns the cell for use beside somebody who goes on using c.
func (c *cell) borrowed() cell {
	return cell{words: slices.Clip(c.words), fields: c.fields, present: c.present}
}

func (c *cell) empty() bool { return !c.present && len(c.words) == 0 && len(c.fields) == 0 }

// reads tells whether operations of this kind leave the state as it is.
func (k OpKind) reads() bool {
	switch k {
	case ValueGet, ListGet, MapGet, MapContains, MapIsEmpty, MapRange:
		return true
	}
	return false
}

func (c *cell) read(op *Op, answer []int64) []int64 {
	switch op.Kind {
	case ValueGet:
		return appendValue(answer, c.words, c.present)
	case ListGet:
		return AppendAnswer(answer, c.words)
	case MapGet:
		i, found := c.find(op.UserKey)
		if !found {
			return AppendAbsent(answer)
		}
		return AppendAnswer(answer, c.fields[i].words)
	case MapContains:
		_, found := c.find(op.UserKey)
		return append(answer, word(found))
	case MapIsEmpty:
		return append(answer, word(len(c.fields) == 0))
	}
	answer = append(answer, int64(len(c.fields)))
	for i := range c.fields {
		answer = AppendAnswer(append(answer, c.fields[i].key), c.fields[i].words)
	}
	return answer
}

func (c *cell) write(op *Op, shape Shape, answer []int64) []int64 {
	switch op.Kind.State() {
	case Value:
		return c.writeValue(op, shape, answer)
	case List:
		return c.writeList(op, shape, answer)
	}
	return c.writeMap(op, shape, answer)
}

func (c *cell) writeValue(op *Op, shape Shape, answer []int64) []int64 {
	switch op.Kind {
	case ValueSet:
		c.words, c.present = slices.Clone(op.Args), true
	case ValueBump:
		answer = appendValue(answer, c.words, c.present)
		c.words, c.present = bumped(shape, c.words, one(op)), true
	case ValueClear:
		c.words, c.present = nil, false
	}
	return answer
}

func (c *cell) writeList(op *Op, shape Shape, answer []int64) []int64 {
	switch op.Kind {
	case ListAdd:
		c.words = append(c.words, one(op))
	case ListAddAll:
		c.words = append(c.words, op.Args...)
	case ListUpdate:
		c.words = slices.Clone(op.Args)
	case ListBump:
		answer = AppendAnswer(answer, c.words)
		c.words = bumped(shape, c.words, one(op))
	case ListClear:
		c.words = nil
	}
	return answer
}

func (c *cell) writeMap(op *Op, shape Shape, answer []int64) []int64 {
	if op.Kind == MapClear {
		c.fields, c.own = nil, false
		return answer
	}
	if !c.own {
		c.fields, c.own = append(make([]field, 0, len(c.fields)+4), c.fields...), true
	}
	i, found := c.find(op.UserKey)
	switch op.Kind {
	case MapPut:
		c.put(i, found, field{op.UserKey, slices.Clone(op.Args)})
	case MapBump:
		var before []int64
		if found {
			before = c.fields[i].words
		}
		answer = appendValue(answer, before, found)
		c.put(i, found, field{op.UserKey, bumped(shape, before, one(op))})
	case MapRemove:
		if found {
			c.fields = slices.Delete(c.fields, i, i+1)
		}
	}
	return answer
}

// put sets field i, or inserts it there.
func (c *cell) put(i int, found bool, f field) {
	if found {
		c.fields[i] = f
		return
	}
	c.fields = slices.Insert(c.fields, i, f)
}

// find returns the position of a user key, or where it would be inserted.
func (c *cell) find(key int64) (int, bool) {
	if n := len(c.fields); n == 0 || uint64(c.fields[n-1].key) < uint64(key) {
		return n, false // ledgers grow at the end
	}
	return slices.BinarySearchFunc(c.fields, key, func(f field, key int64) int { return cmp.Compare(uint64(f.key), uint64(key)) })
}

// bumped is Bump on a copy.
func bumped(shape Shape, words []int64, x int64) []int64 {
	return Bump(shape, append(make([]int64, 0, len(words)+1), words...), x)
}

func appendValue(answer, words []int64, present bool) []int64 {
	if !present {
		return AppendAbsent(answer)
	}
	return AppendAnswer(answer, words)
}

func one(op *Op) int64 {
	if len(op.Args) != 1 {
		panic(fmt.Sprintf("model: %s takes one argument, got %d", op.Kind, len(op.Args)))
	}
	return op.Args[0]
}

func word(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
