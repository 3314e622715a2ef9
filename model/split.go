package model

import (
	"fmt"
	"slices"
)

// Distribution says how operator state is dealt to new subtasks.
type Distribution uint8

// The distributions.
const (
	Split     Distribution = iota // a list of which each subtask holds a part
	Union                         // a list that goes to every subtask whole
	Broadcast                     // a map of which each subtask holds a copy
)

// String is the distribution in a word.
func (d Distribution) String() string {
	switch d {
	case Split:
		return "split"
	case Union:
		return "union"
	case Broadcast:
		return "broadcast"
	}
	return fmt.Sprintf("distribution %d", uint8(d))
}

// UnionLists deals one union list state out to new subtasks; old is what each old
// subtask held. Every new subtask gets all of it, the first old subtask's first,
// even if the parallelism is unchanged. The result shares no memory with old.
func UnionLists(old [][]string, parallelism int) [][]string {
	result := make([][]string, parallelism)
	for i := range result {
		for _, list := range old {
			result[i] = append(result[i], list...)
		}
	}
	return result
}

// BroadcastCopies deals the copies of one broadcast map out to new subtasks; old
// is what each old subtask reported, nil for one that reported none. The reported
// copies go round in a circle, so that with unchanged parallelism each subtask
// keeps its own if all had reported. Without any there are none: nil. The result
// shares no memory with old.
func BroadcastCopies(old [][]string, parallelism int) [][]string {
	result := make([][]string, parallelism)
	for i, from := 0, 0; i < parallelism && slices.ContainsFunc(old, func(c []string) bool { return c != nil }); from++ {
		if reported := old[from%len(old)]; reported != nil {
			result[i] = slices.Clone(reported)
			i++
		}
	}
	return result
}

// SplitLists deals one split list state out to new subtasks; old is what each
// old subtask held. With unchanged parallelism every subtask keeps its own
// list. Otherwise the concatenation in the order of old subtasks is dealt
// contiguously, the first subtasks getting one element more where it does not
// come out even. The result shares no memory with old.
func SplitLists(old [][]string, parallelism int) [][]string {
	if len(old) == parallelism {
		return cloneLists(old)
	}
	dealt, _ := deal(slices.Concat(old...), parallelism, 0)
	return dealt
}

// SplitStates deals several split list states of one operator out to new
// subtasks; old is, for each old subtask, the list under each state's name.
// States are dealt by rising name, and where the surplus of one ended, that of
// the next begins, so that no subtask gets more than its share of surpluses.
// Empty lists are left out.
func SplitStates(old []map[string][]string, parallelism int) []map[string][]string {
	result := make([]map[string][]string, parallelism)
	for i := range result {
		result[i] = map[string][]string{}
	}
	start := 0
	for _, name := range stateNames(old) {
		lists := make([][]string, len(old))
		for i, states := range old {
			lists[i] = states[name]
		}
		var dealt [][]string
		if len(old) == parallelism {
			dealt = cloneLists(lists)
		} else {
			dealt, start = deal(slices.Concat(lists...), parallelism, start)
		}
		for i, list := range dealt {
			if len(list) > 0 {
				result[i][name] = list
			}
		}
	}
	return result
}

// deal gives runs of elements to the subtasks start, start+1, ... in a circle.
// It returns the subtask with which the next state begins: the first that got
// no surplus element, or start if there was no surplus.
func deal(elements []string, parallelism, start int) (dealt [][]string, next int) {
	dealt = make([][]string, parallelism)
	base, surplus := len(elements)/parallelism, len(elements)%parallelism
	for i := range parallelism {
		n := base
		if i < surplus {
			n++
		}
		dealt[(start+i)%parallelism] = slices.Clone(elements[:n])
		elements = elements[n:]
	}
	return dealt, (start + surplus) % parallelism
}

func stateNames(old []map[string][]string) []string {
	var names []string
	for _, states := range old {
		for name := range states {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func cloneLists(lists [][]string) [][]string {
	clone := make([][]string, len(lists))
	for i, list := range lists {
		clone[i] = slices.Clone(list)
	}
	return clone
}
