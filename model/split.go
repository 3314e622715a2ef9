package model

import (
	"slices"
)

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
