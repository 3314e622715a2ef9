package barrier

import "slices"

// trackedMax is how many checkpoints are followed at a time, as in Flink.
const trackedMax = 50

// tracked is a checkpoint of which some barriers have come, at least once: no input
// waits for the others.
type tracked struct {
	id      int64
	arrived []bool // by input
}

// track counts a barrier.
func (h *Handler) track(input int, id int64) {
	at, found := slices.BinarySearchFunc(h.tracked, id, func(t tracked, id int64) int { return int(t.id - id) })
	if !found {
		h.tracked = slices.Insert(h.tracked, at, tracked{id, make([]bool, len(h.ended))})
		h.do(Align, id)
		if len(h.tracked) > trackedMax { // the oldest will hardly be complete
			h.tracked = slices.Delete(h.tracked, 0, 1)
			if at--; at < 0 {
				return
			}
		}
	}
	h.tracked[at].arrived[input] = true
	h.checkTracked()
}

// checkTracked takes the snapshots of which every barrier has come. The older ones
// that lack some are dropped: the coordinator completes none after a newer one.
func (h *Handler) checkTracked() {
	for i := 0; i < len(h.tracked); i++ {
		if h.whole(h.tracked[i]) {
			h.passed = h.tracked[i].id
			h.do(Snapshot, h.passed)
			h.tracked = slices.Delete(h.tracked, 0, i+1)
			i = -1
		}
	}
}

func (h *Handler) whole(t tracked) bool {
	for i, arrived := range t.arrived {
		if !arrived && !h.ended[i] {
			return false
		}
	}
	return true
}

// untrack forgets a checkpoint.
func (h *Handler) untrack(id int64) {
	h.tracked = slices.DeleteFunc(h.tracked, func(t tracked) bool { return t.id == id })
}
