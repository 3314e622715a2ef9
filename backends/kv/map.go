package kv

import (
	"fmt"

	"flinch/backends"
)

// mapState is map state: one entry for each user key.
type mapState struct{ *state }

var _ backends.RawMap = mapState{}

// present is the flag before each value of a map: it is not null. Flink can store
// null there, which this contract refuses.
const present = 0

func (s mapState) Get(userKey string) (any, error) {
	key, err := s.locate()
	if err != nil {
		return nil, err
	}
	value, ok, err := s.getUser(key, userKey)
	if !ok || err != nil {
		return nil, err
	}
	return s.decodePresent(value)
}

func (s mapState) Put(userKey string, v any) error {
	if v == nil {
		return fmt.Errorf("map state %q: put: %w", s.meta.Name, errNil)
	}
	if userKey == "" {
		return fmt.Errorf("map state %q: put: the encoded user key is empty", s.meta.Name)
	}
	key, err := s.locate()
	if err != nil {
		return err
	}
	if err := s.encodePresent(v); err != nil {
		return err
	}
	s.changing(key, nil)
	return s.put(s.user(key, userKey), s.scratch)
}

func (s mapState) Remove(userKey string) error {
	key, err := s.locate()
	if err != nil || userKey == "" {
		return err
	}
	if len(s.ranges) > 0 {
		if _, has, err := s.getUser(key, userKey); !has || err != nil {
			return err
		}
		s.changing(key, nil)
	}
	return s.remove(s.user(key, userKey))
}

func (s mapState) Contains(userKey string) (bool, error) {
	key, err := s.locate()
	if err != nil {
		return false, err
	}
	_, has, err := s.getUser(key, userKey)
	return has, err
}

func (s mapState) IsEmpty() (bool, error) {
	key, err := s.locate()
	if err != nil {
		return false, err
	}
	p := s.in.takePage()
	defer s.in.givePage(p)
	p.start(key)
	err = s.fill(p, 1)
	return len(p.entries) == 0, err
}

func (s mapState) Range(yield func(userKey string, v any) bool) error {
	i, err := s.iterate()
	if err != nil {
		return err
	}
	defer i.Close() // deferred for tasks that are killed in yield
	for i.turn() {
		for at := range i.page.entries {
			userKey, v, err := i.read(at)
			if err != nil {
				return err
			}
			if !yield(userKey, v) {
				return nil
			}
			if err := i.disturbed(); err != nil {
				return err
			}
		}
	}
	return i.err
}

func (s mapState) Iterator() (backends.MapIterator, error) {
	i, err := s.iterate()
	if err != nil {
		return nil, err
	}
	return i, nil
}

// Clear removes all user keys.
func (s mapState) Clear() error {
	key, err := s.locate()
	if err != nil {
		return err
	}
	p := s.in.takePage()
	defer s.in.givePage(p)
	p.start(key)
	for more := true; more; {
		if err := s.fill(p, s.in.page); err != nil {
			return err
		}
		more = len(p.entries) == s.in.page
		for i := range p.entries {
			s.changing(p.prefix, nil)
			userKey, _ := p.at(i)
			p.key = append(append(p.key[:0], p.prefix...), userKey...)
			if err := s.remove(p.key); err != nil {
				return err
			}
		}
	}
	return nil
}

// user appends a user key to the composite key that locate gave.
func (s mapState) user(key []byte, userKey string) []byte {
	s.in.key = append(key, userKey...)
	return s.in.key
}

// getUser reads the value of a user key, of which the empty one has none.
func (s mapState) getUser(key []byte, userKey string) ([]byte, bool, error) {
	if userKey == "" {
		return nil, false, nil
	}
	return s.get(s.user(key, userKey))
}

// encodePresent writes the flag and a value into s.scratch.
func (s mapState) encodePresent(v any) error {
	encoded, err := s.encode(v)
	if err != nil {
		return err
	}
	s.scratch = append(append(s.scratch[:0], present), encoded...)
	return nil
}

func (s mapState) decodePresent(value []byte) (any, error) {
	encoded, err := presentValue(value)
	if err != nil {
		return nil, fmt.Errorf("map state %q: %w", s.meta.Name, err)
	}
	return s.decode(encoded)
}

// presentValue takes the flag from the value of a user key.
func presentValue(value []byte) ([]byte, error) {
	switch {
	case len(value) < 2:
		return nil, fmt.Errorf("the value of a user key has %d bytes, of a flag and at least one more", len(value))
	case value[0] != present:
		return nil, fmt.Errorf("the value of a user key has the flag %#x, not %#x", value[0], present)
	}
	return value[1:], nil
}

// fill reads the next entries into p, at most n.
func (s *state) fill(p *page, n int) error {
	p.data, p.entries = p.data[:0], p.entries[:0]
	err := s.family.Scan(p.from, p.to, func(key, value []byte) bool {
		p.add(key[len(p.prefix):], value)
		return len(p.entries) < n
	})
	if err != nil {
		return fmt.Errorf("%s state %q: scan: %w", s.meta.Kind, s.meta.Name, err)
	}
	p.advance()
	return nil
}
