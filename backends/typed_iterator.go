package backends

// Iterator goes through the map in the order of the encoded keys and changes it on
// the way: see RawMap.
func (s MapState[K, V]) Iterator() (*MapStateIterator[K, V], error) {
	raw, err := s.raw.Iterator()
	if err != nil {
		return nil, err
	}
	return &MapStateIterator[K, V]{raw: raw, keys: s.keys}, nil
}

// MapStateIterator goes through the entries of one map: see MapIterator.
type MapStateIterator[K, V any] struct {
	raw   MapIterator
	keys  KeyCodec[K]
	key   K
	value V
	err   error
}

// Next goes to the next entry, and returns false at the end and on errors.
func (i *MapStateIterator[K, V]) Next() bool {
	if i.err != nil || !i.raw.Next() {
		return false
	}
	if i.key, i.err = i.keys.Decode(i.raw.Key()); i.err == nil {
		i.value, _, i.err = typed[V](i.raw.Value(), nil)
	}
	if i.err != nil {
		i.raw.Close()
	}
	return i.err == nil
}

// Key is the user key that Next went to.
func (i *MapStateIterator[K, V]) Key() K { return i.key }

// Value is the value that Next went to, lent until the next call on the state.
func (i *MapStateIterator[K, V]) Value() V { return i.value }

// Remove removes the entry that Next went to.
func (i *MapStateIterator[K, V]) Remove() error { return i.raw.Remove() }

// SetValue replaces the value of the entry that Next went to.
func (i *MapStateIterator[K, V]) SetValue(v V) error { return i.raw.SetValue(v) }

// Err is what ended the iteration early.
func (i *MapStateIterator[K, V]) Err() error {
	if i.err != nil {
		return i.err
	}
	return i.raw.Err()
}

// Close ends the iteration; it is idempotent.
func (i *MapStateIterator[K, V]) Close() { i.raw.Close() }
