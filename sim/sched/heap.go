package sched

// entry is an event's place in the order: by time, then by tie and sequence.
type entry struct {
	at    int64
	order uint64
	slot  uint32
}

func (e entry) before(o entry) bool {
	return e.at < o.at || (e.at == o.at && e.order < o.order)
}

// heap is a 4-ary heap with the least entry first: flatter than a binary one, and
// the children compared lie in two cache lines.
type heap []entry

const heapArity = 4

func (h *heap) push(e entry) {
	*h = append(*h, e)
	q := *h
	hole := len(q) - 1
	for hole > 0 {
		parent := (hole - 1) / heapArity
		if !e.before(q[parent]) {
			break
		}
		q[hole] = q[parent]
		hole = parent
	}
	q[hole] = e
}

// pop drops the least entry.
func (h *heap) pop() {
	q := *h
	last := len(q) - 1
	e := q[last]
	*h = q[:last]
	if last > 0 {
		q[:last].sink(0, e)
	}
}

// sink puts e into the hole or below it.
func (h heap) sink(hole int, e entry) {
	for {
		child := hole*heapArity + 1
		if child >= len(h) {
			break
		}
		least := child
		for c := child + 1; c < min(child+heapArity, len(h)); c++ {
			if h[c].before(h[least]) {
				least = c
			}
		}
		if !h[least].before(e) {
			break
		}
		h[hole] = h[least]
		hole = least
	}
	h[hole] = e
}

// repair makes a heap of entries in any order.
func (h heap) repair() {
	for i := (len(h) - 2) / heapArity; i >= 0 && len(h) > 1; i-- {
		h.sink(i, h[i])
	}
}
