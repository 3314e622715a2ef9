package reference

import (
	"slices"

	"flinch/backends"
)

type listState struct{ *state }

var _ backends.RawList = listState{}

// Get returns new elements each time.
func (s listState) Get() ([]any, error) {
	at, err := s.here(s.namespace)
	if err != nil {
		return nil, err
	}
	return s.decodeAll(s.in.entries[at])
}

// Add appends an element.
func (s listState) Add(v any) error { return s.AddAll([]any{v}) }

// AddAll appends all elements or none.
func (s listState) AddAll(vs []any) error {
	at, err := s.here(s.namespace)
	if err != nil {
		return err
	}
	parts, err := s.encodeAll(vs)
	if err == nil {
		s.set(at, slices.Concat(s.in.entries[at], parts))
	}
	return err
}

// Update replaces all elements, or none if one cannot be stored.
func (s listState) Update(vs []any) error {
	at, err := s.here(s.namespace)
	if err != nil {
		return err
	}
	parts, err := s.encodeAll(vs)
	if err == nil {
		s.set(at, parts)
	}
	return err
}

// MergeNamespaces takes the sources' elements, in the sources' order, and appends
// them to the target's.
func (s listState) MergeNamespaces(target string, sources []string) error {
	to, from, err := s.merged(target, sources)
	if err != nil {
		return err
	}
	var taken []part
	for _, at := range from {
		taken = append(taken, s.in.entries[at]...)
		s.set(at, nil)
	}
	if len(taken) > 0 {
		s.set(to, slices.Concat(s.in.entries[to], taken))
	}
	return nil
}

// merged returns the places of a merge, if all of them are possible.
func (s *state) merged(target string, sources []string) (to place, from []place, err error) {
	if to, err = s.here(target); err != nil {
		return to, nil, err
	}
	for _, source := range sources {
		at, err := s.here(source)
		if err != nil {
			return to, nil, err
		}
		from = append(from, at)
	}
	return to, from, nil
}
