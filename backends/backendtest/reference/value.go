package reference

import "flinch/backends"

type valueState struct{ *state }

var _ backends.RawValue = valueState{}

// Get returns a new value each time.
func (s valueState) Get() (any, error) {
	at, err := s.here(s.namespace)
	if err != nil {
		return nil, err
	}
	if parts := s.in.entries[at]; len(parts) > 0 {
		return s.decode(parts[0])
	}
	if s.d.Default == nil {
		return nil, nil
	}
	return s.d.Value.Copy(s.d.Default)
}

// Update replaces the value; nil removes it.
func (s valueState) Update(v any) error {
	if v == nil {
		return s.Clear()
	}
	at, err := s.here(s.namespace)
	if err != nil {
		return err
	}
	parts, err := s.encodeAll([]any{v})
	if err == nil {
		s.set(at, parts)
	}
	return err
}
