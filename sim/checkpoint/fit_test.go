package checkpoint

import (
	"errors"
	"strings"
	"testing"

	"flinch/backends"
)

// fitting is a checkpoint of two operators with state, one of them in one of its
// subtasks only, and of one without any.
func fitting() (Metadata, Job) {
	held := backends.StreamHandle{Path: "chk-7/state", SizeBytes: 3}
	keyed := func(h backends.StreamHandle) Subtask { return Subtask{Keyed: []backends.KeyedHandle{{Stream: h}}} }
	m := Metadata{ID: 7, Parallelism: 2, MaxParallelism: 8, Operators: []Operator{
		{Name: "second", Subtasks: []Subtask{keyed(held), keyed(held)}},
		{Name: "stateless", Subtasks: []Subtask{{}, keyed(backends.StreamHandle{})}},
		{Name: "first", Subtasks: []Subtask{{}, {Operator: []backends.OperatorHandle{{Stream: held}}}}},
	}}
	return m, Job{Operators: []string{"first", "second"}, MaxParallelism: 8, Parallelism: 8}
}

func TestJobsThatFitMayBeRestored(t *testing.T) {
	for name, change := range map[string]func(j *Job){
		"at the highest parallelism, without an operator that held no state": func(*Job) {},
		"with an operator more": func(j *Job) { j.Operators = append(j.Operators, "third") },
		"without an operator, with leave": func(j *Job) {
			j.Operators, j.AllowNonRestoredState = []string{"second"}, true
		},
		"without any operator, with leave": func(j *Job) { j.Operators, j.AllowNonRestoredState = nil, true },
	} {
		m, j := fitting()
		change(&j)
		if err := m.Fit(j); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestJobsThatDoNotFitAreToldWhyAndWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		change func(j *Job)
		says   string
	}{
		"more key groups": {
			func(j *Job) { j.MaxParallelism = 16 },
			"it was taken with max parallelism 8, and the job has 16; keys would change their key groups: set it to 8",
		},
		"fewer key groups, with leave to drop state": {
			func(j *Job) { j.MaxParallelism, j.Parallelism, j.AllowNonRestoredState = 4, 4, true },
			"it was taken with max parallelism 8, and the job has 4",
		},
		"more subtasks than key groups": {
			func(j *Job) { j.Parallelism = 9 },
			"the job has parallelism 9, and there are key groups for max parallelism 8: lower the parallelism to 8 or less",
		},
		"an operator with another name": {
			func(j *Job) { j.Operators[0] = "frist" },
			`the job has no operator "first" (1 of its 2 subtasks hold state): give the operator its old name, or allow non-restored state (AllowNonRestoredState)`,
		},
		"two left-over operators": {
			func(j *Job) { j.Operators = []string{"stateless"} },
			`the job has no operator "second" (2 of its 2 subtasks hold state), and no operator "first" (1 of its 2 subtasks hold state): give`,
		},
	} {
		m, j := fitting()
		c.change(&j)
		err := m.Fit(j)
		if want := "restore checkpoint 7: it does not fit the job: " + c.says; !errors.Is(err, ErrMisfit) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v; want %q", name, err, want)
		}
	}
}

// TestFilesOfAnIncrementalSnapshotAreState: also where the coordinator knows them by
// name only.
func TestFilesOfAnIncrementalSnapshotAreState(t *testing.T) {
	m, j := fitting()
	m.Operators = append(m.Operators, Operator{Name: "files", Subtasks: []Subtask{
		{Keyed: []backends.KeyedHandle{{Files: []backends.FileHandle{{Name: "1.sst", Stream: backends.StreamHandle{Path: "shared/1", Placeholder: true}}}}}},
	}})
	if err := m.Fit(j); !errors.Is(err, ErrMisfit) {
		t.Errorf("restored without its files: %v", err)
	}
}
