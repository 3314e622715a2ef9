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
	words   []int64 // of the value or accumulator, or the elements of the list, or the times, rising
	fields  []field // of the map, in the byte order of encoded user keys: negative ones last
	stamps  []int64 // with a time to live: of the value, or by element
	present bool    // the value or accumulator is there
	own     bool    // fields are shared with nobody
}

// field is one entry of a map.
type field struct {
	key   int64
	words []int64
	stamp int64 // with a time to live
}

// borrowed returns the cell for use beside somebody who goes on using c.
func (c *cell) borrowed() cell {
	return cell{words: slices.Clip(c.words), stamps: slices.Clip(c.stamps), fields: c.fields, present: c.present}
}

func (c *cell) empty() bool { return !c.present && len(c.words) == 0 && len(c.fields) == 0 }

func (c *cell) read(op *Op, spec *StateSpec, answer []int64) []int64 {
	switch op.Kind {
	case ValueGet:
		words, found := c.orDefault(spec)
		return appendValue(answer, words, found)
	case ListGet:
		return AppendAnswer(answer, c.words)
	case ReducingGet:
		return appendValue(answer, c.words, c.present)
	case AggregatingGet:
		if !c.present {
			return AppendAbsent(answer)
		}
		return appendResult(answer, c.words)
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
	return c.appendFields(answer)
}

func (c *cell) appendFields(answer []int64) []int64 {
	answer = append(answer, int64(len(c.fields)))
	for i := range c.fields {
		answer = AppendAnswer(append(answer, c.fields[i].key), c.fields[i].words)
	}
	return answer
}

// orDefault returns the words of value state, and whether there are any.
func (c *cell) orDefault(spec *StateSpec) ([]int64, bool) {
	if !c.present && len(spec.Default) > 0 {
		return spec.Default, true
	}
	return c.words, c.present
}

func (c *cell) write(op *Op, spec *StateSpec, answer []int64) []int64 {
	switch spec.Kind {
	case Value:
		return c.writeValue(op, spec, answer)
	case List:
		return c.writeList(op, spec.Shape, answer)
	case Map:
		return c.writeMap(op, spec.Shape, answer)
	case Timers:
		return append(answer, word(c.writeTimers(op)))
	}
	c.writeFolded(op, spec)
	return answer
}

func (c *cell) writeValue(op *Op, spec *StateSpec, answer []int64) []int64 {
	switch op.Kind {
	case ValueSet:
		c.words, c.present = slices.Clone(op.Args), true
	case ValueBump:
		before, found := c.orDefault(spec)
		answer = appendValue(answer, before, found)
		c.words, c.present = bumped(spec.Shape, before, one(op)), true
	case ValueClear:
		c.words, c.present = nil, false
	}
	return answer
}

// writeFolded writes reducing and aggregating state.
func (c *cell) writeFolded(op *Op, spec *StateSpec) {
	switch op.Kind {
	case ReducingAdd:
		c.fold(spec.Kind, slices.Clone(op.Args))
	case AggregatingAdd:
		before := c.words
		if !c.present {
			before = emptyAccumulator
		}
		c.words, c.present = accumulate(spec.Shape, before, one(op)), true
	case ReducingClear, AggregatingClear:
		c.words, c.present = nil, false
	}
}

// fold makes one value or accumulator of what is there, if anything, and words.
func (c *cell) fold(kind StateKind, words []int64) {
	switch {
	case !c.present:
	case kind == Reducing:
		words = reduce(c.words, words)
	default:
		words = mergeAccumulators(c.words, words)
	}
	c.words, c.present = words, true
}

// mergeCells moves what is in the sources, one after the other, to the target,
// which is the older. The target may be a source: what it holds then counts where
// it stands among them.
func mergeCells(kind StateKind, target *cell, cells []cell, sources []int) {
	var sum cell
	for _, i := range sources {
		switch c := &cells[i]; {
		case c.empty():
		case kind == List:
			sum.words = append(sum.words, c.words...)
			*c = cell{}
		default:
			sum.fold(kind, c.words)
			*c = cell{}
		}
	}
	switch {
	case sum.empty():
	case kind == List:
		target.words = append(target.words, sum.words...)
	default:
		target.fold(kind, sum.words)
	}
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
	switch op.Kind {
	case MapClear:
		c.fields, c.own = nil, false
		return answer
	case MapEdit:
		answer = c.appendFields(answer)
		c.edit(shape, one(op))
		return answer
	}
	if !c.own {
		c.fields, c.own = append(make([]field, 0, len(c.fields)+4), c.fields...), true
	}
	i, found := c.find(op.UserKey)
	switch op.Kind {
	case MapPut:
		c.put(i, found, field{key: op.UserKey, words: slices.Clone(op.Args)})
	case MapBump:
		var before []int64
		if found {
			before = c.fields[i].words
		}
		answer = appendValue(answer, before, found)
		c.put(i, found, field{key: op.UserKey, words: bumped(shape, before, one(op))})
	case MapRemove:
		if found {
			c.fields = slices.Delete(c.fields, i, i+1)
		}
	}
	return answer
}

// edit goes through the map and removes or replaces entries as EditOf says.
func (c *cell) edit(shape Shape, x int64) {
	kept := make([]field, 0, len(c.fields))
	for i, f := range c.fields {
		switch EditOf(i, f.words[0]) {
		case Remove:
			continue
		case Replace:
			f.words = bumped(shape, f.words, x)
		}
		kept = append(kept, f)
	}
	c.fields, c.own = kept, true
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
