package sim

import (
	"flinch/model"
)

// applyValue carries an operation on value state out and appends its answer.
func (k *keyed) applyValue(op *model.Op, answer []int64) ([]int64, error) {
	state, shape := k.values[op.State], k.specs[op.State].Shape
	switch op.Kind {
	case model.ValueGet:
		v, err := state.Get()
		return answerOf(answer, v), err
	case model.ValueSet:
		return answer, state.Update(valueOf(shape, op.Args))
	case model.ValueClear:
		return answer, state.Clear()
	}
	v, err := state.Get()
	if err != nil {
		return answer, err
	}
	return answerOf(answer, v), state.Update(bumped(shape, v, op.Args[0]))
}

// applyList does so on list state.
func (k *keyed) applyList(op *model.Op, answer []int64) ([]int64, error) {
	state, shape := k.lists[op.State], k.specs[op.State].Shape
	switch op.Kind {
	case model.ListAdd:
		return answer, state.Add(valueOf(shape, op.Args))
	case model.ListAddAll:
		return answer, state.AddAll(elementsOf(shape, op.Args))
	case model.ListUpdate:
		return answer, state.Update(elementsOf(shape, op.Args))
	case model.ListClear:
		return answer, state.Clear()
	}
	elements, err := state.Get()
	if err != nil {
		return answer, err
	}
	answer = append(answer, int64(len(elements)))
	for _, e := range elements {
		answer = appendWordsOf(answer, e)
	}
	if op.Kind == model.ListBump {
		err = state.Update(bumpedList(shape, elements, op.Args[0]))
	}
	return answer, err
}

// elementsOf makes list elements of one word each.
func elementsOf(shape model.Shape, list []int64) []any {
	elements := make([]any, len(list))
	for i := range list {
		elements[i] = valueOf(shape, list[i:i+1])
	}
	return elements
}

// bumpedList is model.Bump on a list of elements of one word: the first is
// changed, in place where its shape allows, and one may be added.
func bumpedList(shape model.Shape, elements []any, x int64) []any {
	if len(elements) == 0 {
		return elementsOf(shape, []int64{x})
	}
	switch first := elements[0].(type) {
	case []int64:
		first[0] += x
	case *words:
		first.list[0] += x
	default:
		elements[0] = valueOf(shape, []int64{appendWordsOf(nil, first)[0] + x})
	}
	if shape != model.Int && len(elements) < model.BumpWordsMax {
		elements = append(elements, valueOf(shape, []int64{x}))
	}
	return elements
}

// applyMap does so on map state.
func (k *keyed) applyMap(op *model.Op, answer []int64) ([]int64, error) {
	state, userKey := k.maps[op.State], k.w.job.userKey(op.UserKey)
	switch op.Kind {
	case model.MapGet, model.MapBump:
		v, err := state.Get(userKey)
		if answer = answerOf(answer, v); err == nil && op.Kind == model.MapBump {
			err = state.Put(userKey, bumped(k.specs[op.State].Shape, v, op.Args[0]))
		}
		return answer, err
	case model.MapPut:
		return answer, state.Put(userKey, valueOf(k.specs[op.State].Shape, op.Args))
	case model.MapRemove:
		return answer, state.Remove(userKey)
	case model.MapContains:
		there, err := state.Contains(userKey)
		return append(answer, truth(there)), err
	case model.MapIsEmpty:
		empty, err := state.IsEmpty()
		return append(answer, truth(empty)), err
	case model.MapClear:
		return answer, state.Clear()
	case model.MapEdit:
		return k.edit(op, answer)
	}
	at := len(answer)
	answer = append(answer, 0)
	err := state.Range(func(userKey string, v any) bool {
		answer[at]++
		answer = answerOf(appendWordsOf(answer, userKey), v)
		return true
	})
	return answer, err
}

// edit goes through a map with an iterator and changes it on the way.
func (k *keyed) edit(op *model.Op, answer []int64) ([]int64, error) {
	it, err := k.maps[op.State].Iterator()
	if err != nil {
		return answer, err
	}
	defer it.Close()
	at := len(answer)
	answer = append(answer, 0)
	for i := 0; it.Next(); i++ {
		v := it.Value()
		answer[at]++
		answer = appendWordsOf(answer, it.Key())
		first := len(answer) + 1
		answer = answerOf(answer, v)
		switch model.EditOf(i, answer[first]) {
		case model.Remove:
			err = it.Remove()
		case model.Replace:
			err = it.SetValue(bumped(k.specs[op.State].Shape, v, op.Args[0]))
		}
		if err != nil {
			return answer, err
		}
	}
	return answer, it.Err()
}

// applyMerging does so on reducing and aggregating state.
func (k *keyed) applyMerging(op *model.Op, answer []int64) ([]int64, error) {
	state := k.merging[op.State]
	switch op.Kind {
	case model.ReducingAdd:
		return answer, state.Add(valueOf(k.specs[op.State].Shape, op.Args))
	case model.AggregatingAdd:
		return answer, state.Add(op.Args[0])
	case model.ReducingClear, model.AggregatingClear:
		return answer, state.Clear()
	}
	v, err := state.Get()
	return answerOf(answer, v), err
}

// addNil adds nothing to a state: an error, after which it is as before.
func (k *keyed) addNil(state int) error {
	if k.specs[state].Kind == model.List {
		return k.lists[state].Add(nil)
	}
	return k.merging[state].Add(nil)
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
