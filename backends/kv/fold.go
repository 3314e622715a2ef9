package kv

import (
	"fmt"

	"flinch/backends"
)

// foldingState is reducing or aggregating state: one entry with the codec's bytes
// of the value or accumulator.
type foldingState struct{ *state }

var _ backends.RawMerging = foldingState{}

func (s foldingState) Get() (any, error) {
	key, err := s.locate()
	if err != nil {
		return nil, err
	}
	held, err := s.held(key)
	if held == nil || err != nil || s.reducing() {
		return held, err
	}
	return s.aggregate.Result(held), nil
}

func (s foldingState) Add(v any) error {
	if v == nil {
		return fmt.Errorf("%s state %q: add: %w", s.meta.Kind, s.meta.Name, errNil)
	}
	key, err := s.locate()
	if err != nil {
		return err
	}
	held, err := s.held(key)
	if err != nil {
		return err
	}
	return s.hold(key, s.add(held, v))
}

func (s foldingState) MergeNamespaces(target string, sources []string) error {
	var merged any
	targetTaken, err := s.takeSources(target, sources, func(value []byte) error {
		v, err := s.decode(value)
		if merged != nil && err == nil {
			v, err = s.combine(merged, v)
		}
		merged = v
		return err
	})
	if err != nil || len(s.spent) == 0 {
		return err
	}
	key := s.locateIn(target)
	if !targetTaken {
		held, err := s.held(key)
		if err != nil {
			return err
		}
		if held != nil {
			if merged, err = s.combine(held, merged); err != nil {
				return err
			}
		}
	}
	if err := s.hold(key, merged); err != nil {
		return err
	}
	return s.clearSources(sources)
}

func (s foldingState) reducing() bool { return s.meta.Kind == backends.ReducingKind }

// held returns what is stored, nil if nothing is.
func (s foldingState) held(key []byte) (any, error) {
	value, ok, err := s.get(key)
	if !ok || err != nil {
		return nil, err
	}
	return s.decode(value)
}

// hold stores what was folded.
func (s foldingState) hold(key []byte, folded any) error {
	if folded == nil {
		return s.foldedToNil()
	}
	encoded, err := s.encode(folded)
	if err != nil {
		return err
	}
	return s.put(key, encoded)
}

// add folds v into what is held, which may be nil.
func (s foldingState) add(held, v any) any {
	switch {
	case s.reducing() && held == nil:
		return v
	case s.reducing():
		return s.reduce(held, v)
	case held == nil:
		held = s.aggregate.Create()
	}
	return s.aggregate.Add(held, v)
}

// combine makes one of two that are held, the older first.
func (s foldingState) combine(a, b any) (any, error) {
	merge := s.reduce
	if !s.reducing() {
		merge = s.aggregate.Merge
	}
	merged := merge(a, b)
	if merged == nil {
		return nil, s.foldedToNil()
	}
	return merged, nil
}

func (s foldingState) foldedToNil() error {
	return fmt.Errorf("%s state %q: its function returned nil: %w", s.meta.Kind, s.meta.Name, errNil)
}
