package checkpoint

import "flinch/backends"

// Failures counts the checkpoints that failed in a row: Flink's
// CheckpointFailureManager. The zero value has counted none.
type Failures struct {
	counted   map[backends.CheckpointID]bool
	nameless  int // attempts to trigger that got no id
	succeeded backends.CheckpointID
}

// Failed counts a failed checkpoint, once, and tells whether more have failed in
// a row than are tolerated. Those older than the last success do not count. An id
// of 0 is a checkpoint that got none.
func (f *Failures) Failed(id backends.CheckpointID, tolerated int) (exceeded bool) {
	switch {
	case id == 0:
		f.nameless++
	case id <= f.succeeded || f.counted[id]:
		return false
	default:
		if f.counted == nil {
			f.counted = map[backends.CheckpointID]bool{}
		}
		f.counted[id] = true
	}
	return f.Count() > tolerated
}

// Succeeded begins the count anew.
func (f *Failures) Succeeded(id backends.CheckpointID) {
	f.succeeded = max(f.succeeded, id)
	f.Reset()
}

// Reset begins the count anew: the job has failed over.
func (f *Failures) Reset() { f.counted, f.nameless = nil, 0 }

// Count is how many have failed since the last success.
func (f *Failures) Count() int { return len(f.counted) + f.nameless }
