package kv

import (
	"fmt"

	"flinch/backends"
)

var _ backends.Searcher = (*instance)(nil)

// Every key group that an operator can have, be it one byte long or two, is between
// these.
var (
	beforeGroups = []byte{0}
	beyondGroups = []byte{0xff, 0xff}
)

// ForeignGroups seeks twice in each family: the first key below the instance's range,
// and the first one beyond it.
func (in *instance) ForeignGroups() ([]backends.ForeignGroup, error) {
	if in.closed {
		return nil, in.errClosed()
	}
	var foreign []backends.ForeignGroup
	own := in.params.KeyGroups
	start := in.keys.appendGroup(nil, own.Start)
	end := in.keys.appendGroup(nil, own.End+1)
	for _, s := range in.states {
		for _, outside := range [2]struct{ from, to []byte }{{beforeGroups, start}, {end, beyondGroups}} {
			group, found, err := s.firstGroup(outside.from, outside.to)
			if err != nil {
				return nil, fmt.Errorf("search %s/%d for foreign key groups: state %q: %w", in.params.Operator, in.params.Subtask, s.meta.Name, err)
			}
			if found {
				foreign = append(foreign, backends.ForeignGroup{State: s.meta.Name, Group: group})
			}
		}
	}
	return foreign, nil
}

// firstGroup is the key group of the first key in [from, to).
func (s *state) firstGroup(from, to []byte) (group int, found bool, err error) {
	var damaged error
	err = s.family.Scan(from, to, func(key, _ []byte) bool {
		group, damaged = s.in.keys.group(key)
		found = true
		return false
	})
	if err == nil {
		err = damaged
	}
	return group, found && err == nil, err
}
