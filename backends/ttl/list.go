package ttl

import "flinch/backends"

// listState is list state of stamped elements.
type listState struct {
	backends.RawList
	clock *clock
}

var _ backends.RawList = (*listState)(nil)

// Get drops the elements that have expired.
func (s *listState) Get() ([]any, error) {
	all, err := s.RawList.Get()
	if err != nil || all == nil {
		return nil, err
	}
	now := s.clock.now()
	shown, kept := make([]any, 0, len(all)), 0
	for _, e := range all {
		element := e.(*stamped)
		expired := backends.Expired(element.at, s.clock.lifetime, now)
		if !expired || s.clock.shows {
			shown = append(shown, element.value)
		}
		if expired {
			continue
		}
		if s.clock.touches {
			element.at = now
		}
		all[kept] = element
		kept++
	}
	// The list is lent: whoever changes it in place writes it back.
	if kept < len(all) || s.clock.touches {
		if err := s.RawList.Update(all[:kept]); err != nil {
			return nil, err
		}
	}
	if len(shown) == 0 {
		return nil, nil
	}
	return shown, nil
}

func (s *listState) Add(v any) error {
	if v == nil {
		return s.RawList.Add(nil)
	}
	return s.RawList.Add(s.clock.stamp(v))
}

func (s *listState) AddAll(vs []any) error { return s.RawList.AddAll(s.clock.stampAll(vs)) }

func (s *listState) Update(vs []any) error { return s.RawList.Update(s.clock.stampAll(vs)) }
