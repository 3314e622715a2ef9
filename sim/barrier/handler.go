package barrier

import (
	"slices"
	"time"
)

// Handler looks at the barriers of one subtask. Make one with New.
type Handler struct {
	mode    Mode
	arrived []bool // by input: the barrier of the checkpoint that is under way has come
	blocked []bool
	ended   []bool

	current   Barrier // under way; an ID of 0: none is
	overtaken bool    // its snapshot is taken, and its channel state is being gathered
	passed    int64   // newest checkpoint that is over
	aborted   Remembered
	tracked   []tracked // at least once: oldest first
	out       []Action
}

// New returns the handler of a subtask.
func New(mode Mode, inputs int) *Handler {
	return &Handler{mode: mode, arrived: make([]bool, inputs), blocked: make([]bool, inputs), ended: make([]bool, inputs)}
}

// take returns the actions that were gathered.
func (h *Handler) take() []Action {
	out := h.out
	h.out = nil
	return out
}

func (h *Handler) do(kind Kind, id int64) { h.out = append(h.out, Action{Kind: kind, ID: id}) }

func (h *Handler) at(kind Kind, input int) {
	h.out = append(h.out, Action{Kind: kind, ID: h.current.ID, Input: input})
}

func (h *Handler) decline(id int64, reason string) {
	h.out = append(h.out, Action{Kind: Decline, ID: id, Reason: reason})
}

// Barrier takes in that an input has brought a barrier.
func (h *Handler) Barrier(input int, b Barrier, now time.Duration) []Action {
	switch {
	case b.ID <= h.passed || b.ID < h.current.ID || h.ended[input]:
		return nil // of a checkpoint that is over, or was given up for a newer one
	case h.aborted.Has(b.ID):
		if h.aborted.answer(b.ID) {
			h.do(Forward, b.ID)
		}
		return h.take()
	case h.mode == AtLeastOnce:
		h.track(input, b.ID)
		return h.take()
	}
	if b.ID > h.current.ID {
		h.giveUp("a newer one came first")
		h.current = b
		h.do(Align, b.ID)
	}
	if h.arrived[input] {
		return h.take()
	}
	if !h.overtaken && b.Overtakes(now) {
		h.overtake()
	}
	h.arrived[input] = true
	if h.overtaken {
		h.at(Release, input)
	} else {
		h.blocked[input] = true
		h.at(Block, input)
	}
	h.check()
	return h.take()
}

// overtake takes the snapshot without waiting for the other barriers.
func (h *Handler) overtake() {
	h.overtaken = true
	h.do(Overtake, h.current.ID)
	h.resume()
	for i := range h.arrived {
		if !h.arrived[i] && !h.ended[i] {
			h.at(Capture, i)
		}
	}
}

// check ends what is under way once every input has brought its barrier, or ended.
func (h *Handler) check() {
	for i := range h.arrived {
		if !h.arrived[i] && !h.ended[i] {
			return
		}
	}
	id := h.current.ID
	if h.overtaken {
		h.do(Complete, id)
	} else {
		h.do(Snapshot, id) // before any input goes on
	}
	h.reset()
}

// resume lets every blocked input go on.
func (h *Handler) resume() {
	for i, blocked := range h.blocked {
		if blocked {
			h.blocked[i] = false
			h.at(Resume, i)
		}
	}
}

// reset forgets what was under way.
func (h *Handler) reset() {
	h.resume()
	clear(h.arrived)
	h.passed = max(h.passed, h.current.ID)
	h.current, h.overtaken = Barrier{}, false
}

// giveUp declines what is under way, if anything is.
func (h *Handler) giveUp(reason string) {
	if h.current.ID != 0 {
		h.decline(h.current.ID, reason)
		h.reset()
	}
}

// Cancel takes in that an input has brought a cancel marker: whoever sent it takes
// no part in the checkpoint.
func (h *Handler) Cancel(input int, id int64) []Action {
	switch {
	case id <= h.passed || id < h.current.ID || h.ended[input] || h.aborted.Has(id):
		return nil
	case h.mode == AtLeastOnce:
		h.untrack(id)
	case id > h.current.ID:
		h.giveUp("a cancel marker of a newer one came first")
		h.passed = id
	default:
		h.reset()
	}
	h.aborted.Add(id)
	h.aborted.answer(id)
	h.decline(id, "a cancel marker came in its place")
	h.do(Forward, id)
	return h.take()
}

// Abort takes in that the coordinator has given a checkpoint up. Barriers of it
// that are still to come are answered by no snapshot.
func (h *Handler) Abort(id int64) []Action {
	h.aborted.Add(id)
	h.untrack(id)
	if id == h.current.ID && id != 0 {
		h.reset()
	}
	return h.take()
}

// End takes in that an input is over: nothing waits for it any more.
func (h *Handler) End(input int) []Action {
	h.ended[input] = true
	if h.mode == AtLeastOnce {
		h.checkTracked()
	} else if h.current.ID != 0 {
		if h.overtaken && !h.arrived[input] {
			h.at(Release, input)
		}
		h.check()
	}
	return h.take()
}

// Deadline is when an alignment that is under way has taken too long.
func (h *Handler) Deadline() (at time.Duration, any bool) {
	return h.current.Deadline, h.current.ID != 0 && h.current.Unaligned && !h.overtaken
}

// Tick takes in that time has passed.
func (h *Handler) Tick(now time.Duration) []Action {
	if at, any := h.Deadline(); any && now >= at {
		h.do(Switch, h.current.ID)
		h.overtake()
	}
	return h.take()
}

// Blocked tells whether an input waits.
func (h *Handler) Blocked(input int) bool { return h.blocked[input] }

// Current is the checkpoint that is under way; 0: none is.
func (h *Handler) Current() int64 { return h.current.ID }

// rememberedMax is how many aborted checkpoints a subtask remembers, as in Flink.
const rememberedMax = 128

// Remembered is the checkpoints of which a subtask heard that they are given up
// before their barrier came to it: it takes no part in them. Older ones, whose
// barriers are still to come, are not concerned. The zero value is empty.
type Remembered struct {
	ids      []int64 // newest last
	answered []int64 // of those, the ones downstream was told of
}

// Add remembers a checkpoint, and forgets the oldest one for it.
func (r *Remembered) Add(id int64) {
	if r.Has(id) {
		return
	}
	r.ids = append(r.ids, id)
	if len(r.ids) > rememberedMax {
		r.answered = slices.DeleteFunc(r.answered, func(o int64) bool { return o == r.ids[0] })
		r.ids = slices.Delete(r.ids, 0, 1)
	}
}

// Has tells whether a checkpoint is remembered.
func (r *Remembered) Has(id int64) bool { return slices.Contains(r.ids, id) }

// answer tells whether downstream still has to be told, and takes that as done.
func (r *Remembered) answer(id int64) bool {
	if slices.Contains(r.answered, id) {
		return false
	}
	r.answered = append(r.answered, id)
	return true
}
