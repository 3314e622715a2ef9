package checks

import (
	"fmt"
	"math"
	"slices"

	"flinch/model"
)

// spelling writes entries of one operator as readers know them from the steps.
type spelling struct {
	states []model.StateSpec
	now    int64 // of the audit, in milliseconds
}

func newSpelling(e *Evidence, a *Audit, operator int) spelling {
	s := spelling{now: a.Now}
	if 0 <= operator && operator < len(e.Facts.Operators) {
		s.states = e.Facts.Operators[operator].States
	}
	return s
}

// spec is the state of an entry; nil if the operator has none of that name.
func (s spelling) spec(e *model.Entry) *model.StateSpec {
	i := slices.IndexFunc(s.states, func(spec model.StateSpec) bool { return spec.Name == e.State })
	if i < 0 {
		return nil
	}
	return &s.states[i]
}

// timer returns the time of an entry that is a timer. It is the user key, with
// its sign turned so that times sort as bytes.
func (s spelling) timer(e *model.Entry) (int64, bool) {
	spec := s.spec(e)
	if spec == nil || spec.Kind != model.Timers || len(e.UserKey) != 8 {
		return 0, false
	}
	return wordOf(e.UserKey) ^ math.MinInt64, true
}

// name writes where an entry is; of a timer, the queue and the key.
func (s spelling) name(e *model.Entry) string {
	if _, is := s.timer(e); is {
		place := *e
		place.UserKey = ""
		return entryName(&place)
	}
	return entryName(e)
}

// value writes what an entry holds: words, with their stamp if they have one, or
// the time of a timer.
func (s spelling) value(e *model.Entry) string {
	time, is := s.timer(e)
	text := wordsText(e.Value)
	switch {
	case is && e.Value == "":
		text = fmt.Sprintf("timer %d", time)
	case is:
		text = fmt.Sprintf("timer %d, with a value: %s", time, text)
	}
	if e.Stamp != 0 {
		text += fmt.Sprintf(" @%d", e.Stamp)
	}
	return text
}

// lifetime tells what an entry's stamp is to be held against; "": its state has
// no time to live.
func (s spelling) lifetime(e *model.Entry) string {
	spec := s.spec(e)
	if spec == nil || spec.TTL == nil {
		return ""
	}
	return fmt.Sprintf("lifetime %d ms, read at %d", spec.TTL.Lifetime, s.now)
}
