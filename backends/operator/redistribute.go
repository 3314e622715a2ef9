package operator

import (
	"fmt"
	"maps"
	"slices"

	"flinch/backends"
)

// Redistribute deals the handles of the old subtasks to new ones. If the
// parallelism stays, each subtask gets its own back. Otherwise each split list,
// joined in the order of the old subtasks, is cut into consecutive parts whose
// lengths differ by at most one. Which subtasks get the longer parts is as in
// Flink's RoundRobinOperatorStateRepartitioner, with the states in the order of
// their names. old is not changed; the result may share memory with it.
//
// A list without elements leaves no trace after a change. It panics on handles of
// another mode than Split, which nothing writes.
func Redistribute(old [][]backends.OperatorHandle, parallelism int) [][]backends.OperatorHandle {
	if len(old) == parallelism {
		same := make([][]backends.OperatorHandle, parallelism)
		for i, handles := range old {
			same[i] = slices.Clone(handles)
		}
		return same
	}
	files := slices.Concat(old...)
	pieces := make([]deal, parallelism)
	for i := range pieces {
		pieces[i] = make(deal)
	}
	start := 0
	for _, name := range stateNames(files) {
		start = dealState(pieces, elementsOf(files, name), start)
	}
	dealt := make([][]backends.OperatorHandle, parallelism)
	for i, p := range pieces {
		dealt[i] = p.handles(files)
	}
	return dealt
}

// deal is what one new subtask gets: of each old file the elements of its states.
type deal map[int][]backends.OperatorStateHandle

// element is one list element: where it is among the old files.
type element struct {
	file   int
	state  *backends.OperatorStateHandle
	offset int64
}

// stateNames returns the names of all states in order.
func stateNames(files []backends.OperatorHandle) []string {
	names := make(map[string]struct{})
	for _, f := range files {
		for _, s := range f.States {
			if s.Mode != backends.Split {
				panic(fmt.Sprintf("redistribute operator state %q: mode %d is not split", s.Name, s.Mode))
			}
			names[s.Name] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// elementsOf returns the elements of a state in the order of the files.
func elementsOf(files []backends.OperatorHandle, name string) []element {
	var all []element
	for i := range files {
		for j := range files[i].States {
			s := &files[i].States[j]
			if s.Name != name {
				continue
			}
			for _, offset := range s.Offsets {
				all = append(all, element{file: i, state: s, offset: offset})
			}
		}
	}
	return all
}

// dealState cuts the elements of one state into parts, the first for subtask
// start, and returns where the next state starts: at the first subtask that got
// a shorter part, so that the longer parts even out over the states.
func dealState(pieces []deal, elements []element, start int) int {
	base, longer := len(elements)/len(pieces), len(elements)%len(pieces)
	next := start
	for i := range pieces {
		target := (i + start) % len(pieces)
		n := base
		switch {
		case i < longer:
			n++
		case i == longer:
			next = target
		}
		for _, e := range elements[:n] {
			pieces[target].add(e)
		}
		elements = elements[n:]
	}
	return next
}

// add appends an element to the piece of its file and state.
func (d deal) add(e element) {
	states := d[e.file]
	if n := len(states); n == 0 || states[n-1].Name != e.state.Name {
		states = append(states, backends.OperatorStateHandle{Name: e.state.Name, Mode: e.state.Mode, Codec: e.state.Codec})
	}
	last := &states[len(states)-1]
	last.Offsets = append(last.Offsets, e.offset)
	d[e.file] = states
}

// handles returns one handle for each old file that the subtask gets a part of.
func (d deal) handles(files []backends.OperatorHandle) []backends.OperatorHandle {
	var out []backends.OperatorHandle
	for i, f := range files {
		if states := d[i]; states != nil {
			out = append(out, backends.OperatorHandle{Format: f.Format, Stream: f.Stream, States: states})
		}
	}
	return out
}
