package kv

import (
	"fmt"
	"slices"
)

// MergeNamespaces joins bytes: what is stored is not decoded.
func (s listState) MergeNamespaces(target string, sources []string) error {
	s.operand = s.operand[:0]
	targetTaken, err := s.takeSources(target, sources, func(value []byte) error {
		if len(s.operand) > 0 {
			s.operand = append(s.operand, comma)
		}
		s.operand = append(s.operand, value...)
		return nil
	})
	if err != nil || len(s.spent) == 0 {
		return err
	}
	key := s.locateIn(target)
	if targetTaken {
		err = s.put(key, s.operand)
	} else {
		err = s.merge(key)
	}
	if err != nil {
		return err
	}
	return s.clearSources(sources)
}

// takeSources calls take with what each source holds under the current key, in
// their order, and notes which do: the target is not among these, but may have
// been taken. Nothing is changed.
func (s *state) takeSources(target string, sources []string, take func(value []byte) error) (targetTaken bool, err error) {
	if !s.in.hasKey {
		return false, s.nowhere()
	}
	if target == "" || slices.Contains(sources, "") {
		return false, fmt.Errorf("state %q of %s: merge namespaces %q into %q: %w", s.meta.Name, s.in.params.Operator, sources, target, errNoNamespace)
	}
	s.spent = s.spent[:0]
	for i, ns := range sources {
		if slices.Contains(sources[:i], ns) {
			continue
		}
		value, ok, err := s.get(s.locateIn(ns))
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		if err := take(value); err != nil {
			return false, fmt.Errorf("namespace %q: %w", ns, err)
		}
		if ns == target {
			targetTaken = true
		} else {
			s.spent = append(s.spent, i)
		}
	}
	return targetTaken, nil
}

// clearSources removes what the sources hold that takeSources noted.
func (s *state) clearSources(sources []string) error {
	for _, i := range s.spent {
		if err := s.remove(s.locateIn(sources[i])); err != nil {
			return err
		}
	}
	return nil
}
