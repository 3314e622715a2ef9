package sim

import (
	"fmt"

	"flinch/backends"
)

// given is an instance whose answers are looked at before they are used: where a
// backend gives nothing and no error, it is told so, instead of a nil that the
// harness stumbles over, and seems to be to blame for.
type given struct {
	backends.Keyed
	whose string // "operator first, subtask 0"
	by    string // name of the backend
}

// given is the instance for whoever registers states and takes snapshots.
func (k *keyed) given() given {
	return given{Keyed: k.backend, whose: fmt.Sprintf("operator %s, subtask %d", k.name(), k.subtask), by: k.w.cfg.Backend.Name()}
}

// nothing is the error of a call that returned nil without one.
func nothing(backend, call, whose string) error {
	return fmt.Errorf("backend %q: %s of %s returned nil and no error", backend, call, whose)
}

// something passes on what a call returned.
func something[T any](g given, call string, got T, err error) (T, error) {
	if err == nil && any(got) == nil {
		err = nothing(g.by, call, g.whose)
	}
	return got, err
}

func (g given) Value(d backends.Descriptor) (backends.RawValue, error) {
	s, err := g.Keyed.Value(d)
	return something(g, "Value", s, err)
}

func (g given) List(d backends.Descriptor) (backends.RawList, error) {
	s, err := g.Keyed.List(d)
	return something(g, "List", s, err)
}

func (g given) Map(d backends.Descriptor) (backends.RawMap, error) {
	s, err := g.Keyed.Map(d)
	return something(g, "Map", s, err)
}

func (g given) Reducing(d backends.Descriptor) (backends.RawMerging, error) {
	s, err := g.Keyed.Reducing(d)
	return something(g, "Reducing", s, err)
}

func (g given) Aggregating(d backends.Descriptor) (backends.RawMerging, error) {
	s, err := g.Keyed.Aggregating(d)
	return something(g, "Aggregating", s, err)
}

func (g given) Timers(name string) (backends.RawTimers, error) {
	s, err := g.Keyed.Timers(name)
	return something(g, "Timers", s, err)
}

func (g given) Snapshot(id backends.CheckpointID, o backends.SnapshotOptions) (backends.Pending, error) {
	p, err := g.Keyed.Snapshot(id, o)
	return something(g, "Snapshot", p, err)
}
