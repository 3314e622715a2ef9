package kv

import (
	"fmt"

	"flinch/backends"
)

// shape is how the entries of a state are laid out: all that it takes to read them
// as they are stored. A snapshot keeps that of its moment.
type shape struct {
	meta         backends.StateMeta
	keys         keyLayout
	elementBytes int // list state: of each element; 0: they vary and are framed
}

// split takes a composite key of the state apart.
func (s *shape) split(composite []byte) (parts, error) {
	if s.meta.Kind == backends.TimerKind {
		return s.keys.splitTimer(composite)
	}
	return s.keys.split(composite)
}

// check tells what is wrong with a stored entry, whatever its codec.
func (s *shape) check(userKey, value []byte) error {
	if s.meta.Kind == backends.TimerKind {
		if len(value) > 0 {
			return fmt.Errorf("a timer has the value %q", value)
		}
		return nil
	}
	if isMap := s.meta.Kind == backends.MapKind; isMap != (len(userKey) > 0) {
		return fmt.Errorf("the user key is %q in %s state", userKey, s.meta.Kind)
	}
	switch s.meta.Kind {
	case backends.ListKind:
		for _, err := range s.elements(value) {
			if err != nil {
				return err
			}
		}
		return nil
	case backends.MapKind:
		_, err := presentValue(value)
		return err
	}
	if len(value) == 0 {
		return errNoBytes
	}
	return nil
}

// rewrite makes another value of a stored one: as it is laid out in the shape to,
// with each value, element or map value replaced by what replace makes of it, which
// is lent until its next call; nil drops it. It appends to dst; a value of nothing
// is to be dropped.
func (s *shape) rewrite(dst, value []byte, to *shape, replace func([]byte) ([]byte, error)) ([]byte, error) {
	switch s.meta.Kind {
	case backends.TimerKind:
		return append(dst, value...), nil
	case backends.ListKind:
		begin := len(dst)
		for element, err := range s.elements(value) {
			if err != nil {
				return dst, err
			}
			if element, err = replace(element); err != nil {
				return dst, err
			}
			if element == nil {
				continue
			}
			if len(dst) > begin {
				dst = append(dst, comma)
			}
			if dst, err = to.appendFramed(dst, element); err != nil {
				return dst, err
			}
		}
		return dst, nil
	case backends.MapKind:
		encoded, err := presentValue(value)
		if err != nil {
			return dst, err
		}
		if encoded, err = replace(encoded); encoded == nil || err != nil {
			return dst, err
		}
		return append(append(dst, present), encoded...), nil
	}
	encoded, err := replace(value)
	return append(dst, encoded...), err
}
