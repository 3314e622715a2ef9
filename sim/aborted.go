package sim

import "slices"

// abortedMax is how many aborted checkpoints a subtask remembers, as in Flink.
const abortedMax = 128

// abortedSet is the checkpoints of which a subtask heard that they are given up
// before their barrier came to it: it takes no part in them. Older ones, whose
// barriers are still to come, are not concerned.
type abortedSet struct{ ids []int64 } // newest last

func (s *abortedSet) add(id int64) {
	if s.has(id) {
		return
	}
	s.ids = append(s.ids, id)
	if len(s.ids) > abortedMax {
		s.ids = slices.Delete(s.ids, 0, 1)
	}
}

func (s *abortedSet) has(id int64) bool { return slices.Contains(s.ids, id) }
