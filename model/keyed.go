package model

import "fmt"

// Keyed is the shadow of one subtask of a keyed operator: what its state must
// be after the operations that were applied. Not for concurrent use.
//
// Freeze is cheap because cells are copied only when they are written again:
// a bucket (the keys of one key group) belongs to the Keyed that carries the
// same owner, and nobody writes to a bucket of another owner. Freeze takes a
// new owner, and by that gives all buckets away.
type Keyed struct {
	layout  *layout
	owner   *owner
	buckets []*bucket // by layout; nil: empty

	// Now is the time of the next operation, in milliseconds: for states with a time
	// to live.
	Now int64
	// Expired counts values that operations found expired.
	Expired int64
}

// owner is a token; its size keeps two of them from sharing an address.
type owner struct{ _ byte }

// bucket holds the cells of one key group, those of one key side by side.
type bucket struct {
	owner *owner
	cells []cell
}

// NewKeyed returns an empty shadow.
func NewKeyed(s *Schema) *Keyed {
	l := s.layout()
	return &Keyed{layout: l, owner: new(owner), buckets: make([]*bucket, len(l.groups))}
}

// Restore returns a shadow that holds what is in any of from and belongs to the
// key groups first to last. All of from must come from schemas equal to s. They
// do not change.
func Restore(s *Schema, first, last int, from []*Frozen) *Keyed {
	k := NewKeyed(s)
	for i, group := range k.layout.groups {
		if group < first || last < group {
			continue
		}
		for _, f := range from {
			switch b := f.buckets[i]; {
			case b == nil:
			case k.buckets[i] == nil:
				k.buckets[i] = b
			default:
				k.writable(i).merge(b)
			}
		}
	}
	return k
}

// Group returns the key group of a key, given as an index into Schema.Keys.
func (k *Keyed) Group(key int) int { return k.layout.places[key].group }

// Freeze returns the state at this moment. The shadow goes on; the frozen state
// never changes.
func (k *Keyed) Freeze() *Frozen {
	f := &Frozen{layout: k.layout, buckets: make([]*bucket, len(k.buckets))}
	copy(f.buckets, k.buckets)
	k.owner = new(owner)
	return f
}

// Apply applies op under a key, given as an index into Schema.Keys, and appends
// the answer that a backend has to give (see AppendAnswer). It keeps nothing of
// op. An op on a state of another kind, or with a wrong number of arguments, is
// a programmer's mistake and panics.
//
//	op             arguments    effect                                    answer
//	value.get                                                             the value
//	value.set      the value    replaces the value
//	value.bump     x            Bump, of nothing if absent                the value before
//	value.clear                 the value is absent
//	list.get                                                              the list
//	list.add       one element  appended
//	list.add-all   elements     appended in order; none: no change
//	list.update    elements     replaces the list; none: clears it
//	list.bump      x            Bump of the elements as if one value      the list before
//	list.clear                  the list is empty
//	map.get                                                               the value under UserKey
//	map.put        the value    replaces the value under UserKey
//	map.bump       x            Bump of the value under UserKey           the value before
//	map.remove                  the value under UserKey is absent
//	map.contains                                                          1 if UserKey is there, else 0
//	map.is-empty                                                          1 if the map is empty, else 0
//	map.range                                                             the number of user keys; for each,
//	                                                                      in byte order: it and its value
//	map.clear                   the map is empty
//	map.edit       x            EditOf each entry; Replace is a Bump      as map.range, of the map before
//	reducing.get                                                          the value
//	reducing.add   the value    reduce of the value before and it
//	reducing.clear              the value is absent
//	aggregating.get                                                       the result of the accumulator
//	aggregating.add x           added to the accumulator
//	aggregating.clear           the accumulator is absent
//	list.merge, reducing.merge, aggregating.merge
//	                            Sources are moved to Namespace: mergeCells
//	keys                                                                  the keys of the subtask under which the
//	                                                                      state has an entry in the namespace
//	keys-and-namespaces                                                   each of those keys with each namespace in
//	                                                                      which it has one
//	timer.register a time       the timer is there                        1 if it was not there yet, else 0
//	timer.delete   a time       the timer is not there                    1 if it was there, else 0
//	add-nil                     none: it is refused                       1
//
// All else is within the op's namespace. What is absent in a value state with a
// default is answered, and bumped, as the default. A value of shape Text goes through the same steps as one of shape Ints.
func (k *Keyed) Apply(key int, op Op, answer []int64) []int64 {
	spec := &k.layout.schema.States[op.State]
	if !op.Kind.Works(spec.Kind) {
		panic(fmt.Sprintf("model: %s on state %q of kind %s", op.Kind, spec.Name, spec.Kind))
	}
	if op.Kind == AddNil {
		return append(answer, 1)
	}
	if op.Kind.Lists() {
		return k.list(&op, spec, answer)
	}
	p := &k.layout.places[key]
	at := p.cell + k.layout.first[op.State]
	if spec.TTL != nil {
		a := aging{ttl: spec.TTL, now: k.Now}
		answer = a.apply(k.writable(p.bucket).cells[at:at+spec.Width()], &op, spec, answer)
		k.Expired += a.met
		return answer
	}
	if op.Kind.Reads() {
		b := k.buckets[p.bucket]
		if b == nil {
			return (&cell{}).read(&op, spec, answer)
		}
		return b.cells[at+op.Namespace].read(&op, spec, answer)
	}
	cells := k.writable(p.bucket).cells[at : at+spec.Width()]
	if op.Kind.Merges() {
		mergeCells(spec.Kind, &cells[op.Namespace], cells, op.Sources)
		return answer
	}
	return cells[op.Namespace].write(&op, spec, answer)
}

// list appends the keys under which a state has an entry.
func (k *Keyed) list(op *Op, spec *StateSpec, answer []int64) []int64 {
	count := len(answer)
	answer = append(answer, 0)
	for i, b := range k.buckets {
		if b == nil {
			continue
		}
		for _, key := range k.layout.keys[i] {
			at := k.layout.places[key].cell + k.layout.first[op.State]
			for _, ns := range namespaceOrder {
				switch {
				case ns >= spec.Width() || b.cells[at+ns].empty():
				case op.Kind == ListPairs:
					answer = append(answer, int64(key), int64(ns))
					answer[count]++
				case ns == op.Namespace:
					answer = append(answer, int64(key))
					answer[count]++
				}
			}
		}
	}
	return answer
}

// writable returns bucket i, after making it this shadow's own.
func (k *Keyed) writable(i int) *bucket {
	b := k.buckets[i]
	if b != nil && b.owner == k.owner {
		return b
	}
	own := &bucket{owner: k.owner, cells: make([]cell, len(k.layout.keys[i])*k.layout.width)}
	if b != nil {
		for c := range b.cells {
			own.cells[c] = b.cells[c].borrowed()
		}
	}
	k.buckets[i] = own
	return own
}

// merge takes over the cells of other that hold something.
func (b *bucket) merge(other *bucket) {
	for i := range other.cells {
		if !other.cells[i].empty() {
			b.cells[i] = other.cells[i].borrowed()
		}
	}
}
