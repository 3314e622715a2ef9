package sim

import (
	"fmt"

	"flinch/backends"
	"flinch/model"
)

// What reducing and aggregating state do is written here once more, on live
// values, which are changed in place where their shape allows: see package model.
const (
	reduceWeight = 31
	mergeWeight  = 37
)

// reduceLive is the function of reducing state.
func reduceLive(a, b any) any { return foldLive(reduceWeight, a, b) }

// aggregateOf returns the functions of aggregating state.
func aggregateOf(shape model.Shape) *backends.Aggregate {
	return &backends.Aggregate{
		Create: func() any { return valueOf(shape, []int64{7}) },
		Add:    func(accumulator, v any) any { return accumulateLive(shape, accumulator, v.(int64)) },
		Merge:  func(a, b any) any { return foldLive(mergeWeight, a, b) },
		Result: resultLive,
	}
}

func foldLive(weight int64, a, b any) any {
	switch a := a.(type) {
	case int64:
		return weight*a + b.(int64)
	case []int64:
		return foldInPlace(weight, a, b.([]int64))
	case *words:
		a.list = foldInPlace(weight, a.list, b.(*words).list)
		return a
	case string:
		return valueOf(model.Text, foldInPlace(weight, appendWordsOf(nil, a), appendWordsOf(nil, b)))
	}
	panic(fmt.Sprintf("sim: value of type %T", a))
}

func foldInPlace(weight int64, a, b []int64) []int64 {
	a[0] = weight*a[0] + b[0]
	for _, x := range b[1:] {
		if len(a) >= model.BumpWordsMax {
			break
		}
		a = append(a, x)
	}
	return a[:min(len(a), model.BumpWordsMax)]
}

func accumulateLive(shape model.Shape, accumulator any, x int64) any {
	switch a := accumulator.(type) {
	case []int64:
		return accumulateInPlace(a, x)
	case *words:
		a.list = accumulateInPlace(a.list, x)
		return a
	case string:
		return valueOf(shape, accumulateInPlace(appendWordsOf(nil, a), x))
	}
	return reduceWeight*accumulator.(int64) + x
}

func accumulateInPlace(a []int64, x int64) []int64 {
	a[0] = reduceWeight*a[0] + x
	if len(a) < model.BumpWordsMax {
		a = append(a, x)
	}
	return a
}

// resultLive leaves the accumulator as it is.
func resultLive(accumulator any) any {
	list := appendWordsOf(make([]int64, 0, model.BumpWordsMax), accumulator)
	for i, j := 0, len(list)-1; i <= j; i, j = i+1, j-1 {
		list[i], list[j] = 2*list[j]+1, 2*list[i]+1
	}
	return list
}
