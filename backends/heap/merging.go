package heap

import (
	"fmt"

	"flinch/backends"
)

// mergingState is reducing or aggregating state; the table's value is what was
// reduced, or the accumulator. The functions of the job may change it in place, so
// they never get one that a snapshot holds.
type mergingState struct{ *state }

var _ backends.RawMerging = mergingState{}

// folding is how what is added becomes part of a table's value.
type folding struct {
	begin  func() any // the value to which the first is added; nil: it is the value
	add    func(value, v any) any
	merge  func(a, b any) any
	result func(value any) any // nil: the value itself
}

func foldingOf(d backends.Descriptor) folding {
	switch d.Kind {
	case backends.ReducingKind:
		return folding{add: d.Reduce, merge: d.Reduce}
	case backends.AggregatingKind:
		return folding{begin: d.Aggregate.Create, add: d.Aggregate.Add, merge: d.Aggregate.Merge, result: d.Aggregate.Result}
	}
	return folding{}
}

// Get returns what is private to the task, too: a result may share memory with its
// accumulator.
func (s mergingState) Get() (any, error) {
	v, err := s.get()
	if v == nil || err != nil || s.folding.result == nil {
		return v, err
	}
	return s.folding.result(v), nil
}

func (s mergingState) Add(v any) error {
	if v == nil {
		return fmt.Errorf("%s state %q: add: %w", s.meta.Kind, s.meta.Name, errNil)
	}
	t, err := s.locate()
	if err != nil {
		return err
	}
	var e *entry
	if t != nil {
		if e, err = t.private(&s.at); err != nil {
			return s.notCopied(err)
		}
	}
	if e == nil {
		return s.addFirst(v)
	}
	// An open snapshot holds neither the entry nor its value: it stays so while no
	// other call comes between.
	if v = s.folding.add(e.value, v); v == nil {
		return s.foldedToNil()
	}
	e.value, e.valueVersion = v, t.version
	return nil
}

// addFirst adds v where nothing was.
func (s mergingState) addFirst(v any) error {
	if s.folding.begin != nil {
		if v = s.folding.add(s.folding.begin(), v); v == nil {
			return s.foldedToNil()
		}
	}
	return s.put(v)
}

func (s mergingState) MergeNamespaces(target string, sources []string) error {
	return s.mergeNamespaces(target, sources, s.folding.merge)
}
