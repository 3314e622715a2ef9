package heap

import (
	"fmt"

	"flinch/backends"
)

// The task's side of queryable states: each call holds the lock. What is read is a
// copy, for the task may change in place what it was lent; and so is what takes the
// place of a value, for it may be lent on by whoever wrote it (package ttl does so).
type (
	sharedValue   struct{ valueState }
	sharedList    struct{ listState }
	sharedMerging struct{ mergingState }
)

var (
	_ backends.RawValue   = sharedValue{}
	_ backends.RawList    = sharedList{}
	_ backends.RawMerging = sharedMerging{}
)

// private is a copy of an element, for the task alone or for the table alone.
func (s *state) private(v any) (any, error) {
	copied, err := s.codec.Copy(v)
	if err != nil {
		return nil, fmt.Errorf("%s state %q: copy for the task: %w", s.meta.Kind, s.meta.Name, err)
	}
	return copied, nil
}

func (s sharedValue) Get() (any, error) {
	s.shared.Lock()
	defer s.shared.Unlock()
	if v, err := s.peek(); v != nil && err == nil {
		return s.private(v)
	}
	return s.valueState.Get()
}

func (s sharedValue) Update(v any) error {
	s.shared.Lock()
	defer s.shared.Unlock()
	if v == nil {
		return s.valueState.Clear()
	}
	v, err := s.private(v)
	if err != nil {
		return err
	}
	return s.valueState.Update(v)
}

func (s sharedValue) Clear() error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.valueState.Clear()
}

func (s sharedList) Get() ([]any, error) {
	s.shared.Lock()
	defer s.shared.Unlock()
	v, err := s.peek()
	if v == nil || err != nil {
		return nil, err
	}
	if v, err = s.layout.apply(v, s.private); err != nil {
		return nil, err
	}
	return v.(*list).elements, nil
}

func (s sharedList) Add(v any) error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.listState.Add(v)
}

func (s sharedList) AddAll(vs []any) error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.listState.AddAll(vs)
}

func (s sharedList) Update(vs []any) error {
	s.shared.Lock()
	defer s.shared.Unlock()
	private := make([]any, len(vs))
	for i, v := range vs {
		if v == nil {
			break // which Update refuses
		}
		var err error
		if private[i], err = s.private(v); err != nil {
			return err
		}
	}
	return s.listState.Update(private)
}

func (s sharedList) Clear() error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.listState.Clear()
}

func (s sharedList) MergeNamespaces(target string, sources []string) error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.listState.MergeNamespaces(target, sources)
}

// Get copies the accumulator: the result may share memory with it.
func (s sharedMerging) Get() (any, error) {
	s.shared.Lock()
	defer s.shared.Unlock()
	v, err := s.peek()
	if v == nil || err != nil {
		return nil, err
	}
	if v, err = s.private(v); err != nil || s.folding.result == nil {
		return v, err
	}
	return s.folding.result(v), nil
}

func (s sharedMerging) Add(v any) error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.mergingState.Add(v)
}

func (s sharedMerging) Clear() error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.mergingState.Clear()
}

func (s sharedMerging) MergeNamespaces(target string, sources []string) error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.mergingState.MergeNamespaces(target, sources)
}
