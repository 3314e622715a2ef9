package heap

import "flinch/backends"

// sharedMap is the task's side of queryable map state: see sharedValue.
type sharedMap struct{ mapState }

var _ backends.RawMap = sharedMap{}

func (s sharedMap) Get(userKey string) (any, error) {
	s.shared.Lock()
	defer s.shared.Unlock()
	v, err := s.peek()
	if v == nil || err != nil {
		return nil, err
	}
	if v = v.(*userMap).values[userKey]; v == nil {
		return nil, nil
	}
	return s.private(v)
}

func (s sharedMap) Put(userKey string, v any) error {
	s.shared.Lock()
	defer s.shared.Unlock()
	if v != nil {
		var err error
		if v, err = s.private(v); err != nil {
			return err
		}
	}
	return s.mapState.Put(userKey, v)
}

func (s sharedMap) Remove(userKey string) error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.mapState.Remove(userKey)
}

func (s sharedMap) Contains(userKey string) (bool, error) {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.mapState.Contains(userKey)
}

func (s sharedMap) IsEmpty() (bool, error) {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.mapState.IsEmpty()
}

func (s sharedMap) Clear() error {
	s.shared.Lock()
	defer s.shared.Unlock()
	return s.mapState.Clear()
}

// Range does not hold the lock while yield runs, which may ask the state.
func (s sharedMap) Range(yield func(userKey string, v any) bool) error {
	it, err := s.Iterator()
	if err != nil {
		return err
	}
	defer it.Close()
	for it.Next() {
		if !yield(it.Key(), it.Value()) {
			return nil
		}
	}
	return it.Err()
}

func (s sharedMap) Iterator() (backends.MapIterator, error) {
	s.shared.Lock()
	defer s.shared.Unlock()
	it, err := s.iterator()
	if err != nil {
		return nil, err
	}
	return &sharedIterator{mapIterator: it}, nil
}

// sharedIterator lends copies.
type sharedIterator struct {
	*mapIterator
	copy any // of the current entry's value
}

func (it *sharedIterator) Next() bool {
	it.state.shared.Lock()
	defer it.state.shared.Unlock()
	it.copy = nil
	if !it.mapIterator.Next() {
		return false
	}
	private, err := it.state.private(it.value)
	if err != nil {
		it.end(err)
		return false
	}
	it.copy = private
	return true
}

func (it *sharedIterator) Value() any { return it.copy }

func (it *sharedIterator) Remove() error {
	it.state.shared.Lock()
	defer it.state.shared.Unlock()
	it.copy = nil
	return it.mapIterator.Remove()
}

func (it *sharedIterator) SetValue(v any) error {
	it.state.shared.Lock()
	defer it.state.shared.Unlock()
	private := v
	if v != nil {
		var err error
		if private, err = it.state.private(v); err != nil {
			return err
		}
	}
	if err := it.mapIterator.SetValue(private); err != nil {
		return err
	}
	it.copy = v
	return nil
}

func (it *sharedIterator) Close() {
	it.copy = nil
	it.mapIterator.Close()
}
