package operator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"flinch/backends"
)

// Redistribute deals the handles of the old subtasks to new ones. An old subtask
// without a handle of a state has reported nothing of it: it had finished, or had
// never registered the state.
//
// A split list stays where it is while the parallelism stays. Otherwise it is
// joined in the order of the old subtasks and cut into consecutive parts whose
// lengths differ by at most one. Which subtasks get the longer parts is as in
// Flink's RoundRobinOperatorStateRepartitioner, with the states in the order of
// their names. A list without elements leaves no trace then.
//
// A union list goes to every new subtask whole, in the order of the old subtasks,
// whatever the parallelism.
//
// Of a broadcast map, new subtask i gets the copy of the old subtask i mod n,
// counted among the n that reported one. So each keeps its own while the
// parallelism stays and all have reported; if some have not, the copies are dealt
// anew, as in Flink, so that no subtask is without.
//
// old is not changed; the result may share memory with it. A mode that is not
// known panics: decoded metadata has none.
func Redistribute(old [][]backends.OperatorHandle, parallelism int) [][]backends.OperatorHandle {
	d := dealer{old: len(old), pieces: make([]deal, parallelism)}
	for i := range d.pieces {
		d.pieces[i] = make(deal)
	}
	for subtask, handles := range old {
		for _, h := range handles {
			d.files = append(d.files, file{subtask: subtask, handle: h})
		}
	}
	for _, of := range d.states() {
		d.deal(of)
	}
	dealt := make([][]backends.OperatorHandle, parallelism)
	for i, p := range d.pieces {
		dealt[i] = p.handles(d.files)
	}
	return dealt
}

// dealer deals states one after the other.
type dealer struct {
	old    int // subtasks
	files  []file
	pieces []deal // by new subtask
	start  int    // new subtask with which the next split list starts
}

// file is a handle of an old subtask.
type file struct {
	subtask int
	handle  backends.OperatorHandle
}

// deal is what one new subtask gets: of each old file the parts of its states.
type deal map[int][]backends.OperatorStateHandle

// stateOf names a state. One that has changed its mode is two: restoring them is
// refused.
type stateOf struct {
	name string
	mode backends.DistributionMode
}

// states returns all states in the order of their names.
func (d *dealer) states() []stateOf {
	all := make(map[stateOf]struct{})
	for i := range d.files {
		for _, s := range d.files[i].handle.States {
			all[stateOf{s.Name, s.Mode}] = struct{}{}
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b stateOf) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.mode, b.mode))
	})
}

// part is what one old file holds of a state.
type part struct {
	file, subtask int
	state         *backends.OperatorStateHandle
}

// partsOf returns the parts of a state in the order of the old subtasks.
func (d *dealer) partsOf(of stateOf) []part {
	var parts []part
	for i := range d.files {
		states := d.files[i].handle.States
		for j := range states {
			if states[j].Name == of.name && states[j].Mode == of.mode {
				parts = append(parts, part{file: i, subtask: d.files[i].subtask, state: &states[j]})
			}
		}
	}
	return parts
}

func (d *dealer) deal(of stateOf) {
	parts := d.partsOf(of)
	switch of.mode {
	case backends.Split:
		d.split(parts)
	case backends.Union:
		for _, p := range d.pieces {
			p.addAll(parts)
		}
	case backends.Broadcast:
		d.broadcast(parts)
	default:
		panic(fmt.Sprintf("redistribute operator state %q: mode %d is not known", of.name, of.mode))
	}
}

// split cuts the elements of a list into parts, the first for subtask start. The
// next state starts at the first subtask that got a shorter part, so that the
// longer parts even out over the states.
func (d *dealer) split(parts []part) {
	if d.old == len(d.pieces) {
		for _, p := range parts {
			d.pieces[p.subtask].addAll([]part{p})
		}
		return
	}
	elements := elementsOf(parts)
	base, longer := len(elements)/len(d.pieces), len(elements)%len(d.pieces)
	for i := range d.pieces {
		n := base
		if i < longer {
			n++
		}
		target := d.pieces[(i+d.start)%len(d.pieces)]
		for _, e := range elements[:n] {
			target.add(e)
		}
		elements = elements[n:]
	}
	d.start = (d.start + longer) % len(d.pieces)
}

// broadcast gives each new subtask one of the copies.
func (d *dealer) broadcast(parts []part) {
	copies := slices.Collect(chunkBySubtask(parts))
	for i, p := range d.pieces {
		p.addAll(copies[i%len(copies)])
	}
}

// chunkBySubtask yields the parts of one old subtask at a time.
func chunkBySubtask(parts []part) func(yield func([]part) bool) {
	return func(yield func([]part) bool) {
		for len(parts) > 0 {
			n := slices.IndexFunc(parts, func(p part) bool { return p.subtask != parts[0].subtask })
			if n < 0 {
				n = len(parts)
			}
			if !yield(parts[:n]) {
				return
			}
			parts = parts[n:]
		}
	}
}

// element is one list element: where it is among the old files.
type element struct {
	file   int
	state  *backends.OperatorStateHandle
	offset int64
}

func elementsOf(parts []part) []element {
	var all []element
	for _, p := range parts {
		for _, offset := range p.state.Offsets {
			all = append(all, element{file: p.file, state: p.state, offset: offset})
		}
	}
	return all
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

// addAll appends whole parts.
func (d deal) addAll(parts []part) {
	for _, p := range parts {
		d[p.file] = append(d[p.file], *p.state)
	}
}

// handles returns one handle for each old file that the subtask gets a part of.
func (d deal) handles(files []file) []backends.OperatorHandle {
	var out []backends.OperatorHandle
	for i, f := range files {
		if states := d[i]; states != nil {
			out = append(out, backends.OperatorHandle{Format: f.handle.Format, Stream: f.handle.Stream, States: states})
		}
	}
	return out
}
