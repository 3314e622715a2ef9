package heap

import (
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
)

// mergeNamespaces folds what the sources hold under the current key into the
// target, as RawMerging says. merge makes one value of two, the older first; it
// may change both, and gets none that a snapshot holds.
func (s *state) mergeNamespaces(target string, sources []string, merge func(a, b any) any) error {
	if !s.in.hasKey || target == "" || slices.Contains(sources, "") {
		return s.nowhere()
	}
	t := s.current()
	if t == nil {
		return nil
	}
	// Whatever can fail comes first.
	if err := s.makePrivate(t, target, sources); err != nil {
		return err
	}
	merged, err := s.foldNamespaces(t, sources, merge)
	if merged == nil || err != nil {
		return err
	}
	at := s.addressIn(target)
	if !slices.Contains(sources, target) {
		if old := t.peek(&at); old != nil {
			if merged = merge(old, merged); merged == nil {
				return s.foldedToNil()
			}
		}
	}
	for _, source := range sources {
		from := s.addressIn(source)
		t.remove(&from)
	}
	t.put(&at, merged)
	return nil
}

// foldNamespaces makes one value of what the sources hold, each of them once; nil:
// they hold nothing. No entry is removed or replaced.
func (s *state) foldNamespaces(t *table, sources []string, merge func(a, b any) any) (any, error) {
	var merged any
	for i, source := range sources {
		if slices.Contains(sources[:i], source) {
			continue
		}
		at := s.addressIn(source)
		v := t.peek(&at)
		if v != nil && merged != nil {
			if v = merge(merged, v); v == nil {
				return nil, s.foldedToNil()
			}
		}
		if v != nil {
			merged = v
		}
	}
	return merged, nil
}

// makePrivate copies the values that snapshots hold of those that are to be
// merged.
func (s *state) makePrivate(t *table, target string, sources []string) error {
	if t.required == 0 {
		return nil
	}
	for _, namespaces := range [][]string{sources, {target}} {
		for _, ns := range namespaces {
			at := s.addressIn(ns)
			if _, err := t.get(&at); err != nil {
				return s.notCopied(err)
			}
		}
	}
	return nil
}

// addressIn is where the current key has its entry in a namespace.
func (s *state) addressIn(namespace string) address {
	return addressOf(s.in.key, namespace)
}

// addressOf is where a key has its entry in a namespace.
func addressOf(key backends.Key, namespace string) address {
	return address{key: key, namespace: namespace, hash: backends.BitMix(uint32(key.Hash) ^ hashString(namespace))}
}

func (s *state) foldedToNil() error {
	return fmt.Errorf("%s state %q: %w", s.meta.Kind, s.meta.Name, errFoldedToNil)
}

var errFoldedToNil = errors.New("a function of the job made nil of two values")
