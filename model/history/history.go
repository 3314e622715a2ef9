// Package history is what a run did, as plain data: which machine did what, in
// which phase of which checkpoint, at which step. Everything that is judged or
// printed is judged and printed from here; nothing in this package can run
// anything. Start at Run, which holds the tables of one run, and at Event, its
// flat narrative.
//
// Every fact carries the Step at which it became true, so that the history of a
// run up to any step can be cut out of the whole (Run.Until).
package history

import (
	"fmt"
	"strconv"
	"strings"
)

// Step numbers the events of one run from 1 in the order in which they
// happened. 0 means "never".
type Step = int64

// Machine names one simulated machine. The zero value is the job manager.
type Machine uint8

// The machines of a run: one job manager, the host of checkpoint storage, and
// task managers from FirstTaskManager on.
const (
	JobManager Machine = iota
	Storage
	FirstTaskManager
)

// TaskManager returns the i-th task manager, counted from 0.
func TaskManager(i int) Machine { return FirstTaskManager + Machine(i) }

// String returns the name that appears in cases, traces and reports:
// "job-manager", "storage", "task-manager-1" (counted from 1).
func (m Machine) String() string {
	switch m {
	case JobManager:
		return "job-manager"
	case Storage:
		return "storage"
	}
	return "task-manager-" + strconv.Itoa(int(m-FirstTaskManager)+1)
}

// MarshalText writes the machine's name.
func (m Machine) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Machine) UnmarshalText(text []byte) error {
	name := string(text)
	switch name {
	case "job-manager":
		*m = JobManager
		return nil
	case "storage":
		*m = Storage
		return nil
	}
	number, found := strings.CutPrefix(name, "task-manager-")
	n, err := strconv.Atoi(number)
	if !found || err != nil || n < 1 || n > 200 {
		return fmt.Errorf("machine %q: want job-manager, storage or task-manager-N with N from 1", name)
	}
	*m = TaskManager(n - 1)
	return nil
}

// Phase says in which part of a checkpoint's life something fell.
type Phase uint8

// The phases, in the order of a checkpoint's life, but for the last two, which
// came later: the numbers of the others are in traces. Running means that no
// checkpoint was under way.
const (
	Running Phase = iota
	Triggered
	Aligning
	Synchronous
	Asynchronous
	Acknowledging
	Publishing
	Completing
	Notifying
	Subsuming
	Deleting
	Restoring
	// Registering is a part of Acknowledging on the coordinator's side: shared state
	// is in its book, and the acknowledgement is not counted yet.
	Registering
	// Storing is the second part of Publishing: the metadata is written, and the
	// root of the completed-checkpoint store is being replaced.
	Storing
	PhaseCount // not a phase: how many there are
)

var phaseNames = [PhaseCount]string{
	"running", "triggered", "aligning", "synchronous", "asynchronous", "acknowledging",
	"publishing", "completing", "notifying", "subsuming", "deleting", "restoring",
	"registering", "storing",
}

// Whole returns the phase that a phase is a part of: most often itself.
func (p Phase) Whole() Phase {
	switch p {
	case Registering:
		return Acknowledging
	case Storing:
		return Publishing
	}
	return p
}

// Within tells whether a phase is another one or a part of it.
func (p Phase) Within(o Phase) bool { return p == o || p.Whole() == o }

// String returns the phase's name in lower case.
func (p Phase) String() string {
	if p < PhaseCount {
		return phaseNames[p]
	}
	return "phase-" + strconv.Itoa(int(p))
}

// MarshalText writes the phase's name.
func (p Phase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Phase) UnmarshalText(text []byte) error {
	for i, name := range phaseNames {
		if name == string(text) {
			*p = Phase(i)
			return nil
		}
	}
	return fmt.Errorf("phase %q: want one of %s", text, strings.Join(phaseNames[:], ", "))
}
