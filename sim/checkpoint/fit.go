package checkpoint

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrMisfit is wrapped by the errors of Metadata.Fit: the checkpoint is whole, and
// this job must not be restored from it.
var ErrMisfit = errors.New("it does not fit the job")

// Job is what a checkpoint has to fit: the job that wants to be restored from it.
type Job struct {
	Operators      []string // names of those with state
	MaxParallelism int      // number of key groups
	Parallelism    int      // the highest of its operators
	// AllowNonRestoredState lets the job drop the state of operators that it does
	// not have.
	AllowNonRestoredState bool
}

// Fit tells why the job must not be restored from the checkpoint, and what would
// mend it; nil: it may. Operators that the checkpoint has not start empty, and so
// are no reason. The error wraps ErrMisfit.
func (m Metadata) Fit(j Job) error {
	misfit := func(format string, args ...any) error {
		return fmt.Errorf("restore checkpoint %d: %w: %s", m.ID, ErrMisfit, fmt.Sprintf(format, args...))
	}
	switch left := m.leftOver(j.Operators); {
	case m.MaxParallelism != j.MaxParallelism:
		return misfit("it was taken with max parallelism %d, and the job has %d; keys would change their key groups: set it to %d",
			m.MaxParallelism, j.MaxParallelism, m.MaxParallelism)
	case j.Parallelism > m.MaxParallelism:
		return misfit("the job has parallelism %d, and there are key groups for max parallelism %d: lower the parallelism to %d or less",
			j.Parallelism, m.MaxParallelism, m.MaxParallelism)
	case len(left) > 0 && !j.AllowNonRestoredState:
		return misfit("the job has no operator %s: give the operator its old name, or allow non-restored state (AllowNonRestoredState) to drop what it held",
			strings.Join(left, ", and no operator "))
	}
	return nil
}

// leftOver describes the operators that hold state and are none of the given ones,
// in the checkpoint's order.
func (m Metadata) leftOver(operators []string) (left []string) {
	for _, o := range m.Operators {
		if n := o.stateful(); n > 0 && !slices.Contains(operators, o.Name) {
			left = append(left, fmt.Sprintf("%q (%d of its %d subtasks hold state)", o.Name, n, len(o.Subtasks)))
		}
	}
	return left
}

// stateful counts the subtasks that hold state.
func (o Operator) stateful() (n int) {
	for _, s := range o.Subtasks {
		for h := range s.Streams() {
			if !h.IsEmpty() {
				n++
				break
			}
		}
	}
	return n
}
