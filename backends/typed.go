package backends

import "fmt"

// ValueState is one value of type T for each key and namespace. What Get
// returns is lent until the next call, as RawValue says.
type ValueState[T any] struct{ raw RawValue }

// NewValueState returns the value state of that name, registering it on first use.
func NewValueState[T any](k Keyed, name string, codec TypedCodec[T]) (ValueState[T], error) {
	raw, err := k.Value(Descriptor{Name: name, Kind: ValueKind, Value: codec.Codec()})
	return ValueState[T]{raw: raw}, err
}

// NewValueStateOr is NewValueState for a state that answers absent where it holds
// nothing: a copy of its own each time.
func NewValueStateOr[T any](k Keyed, name string, codec TypedCodec[T], absent T) (ValueState[T], error) {
	raw, err := k.Value(Descriptor{Name: name, Kind: ValueKind, Value: codec.Codec(), Default: absent})
	return ValueState[T]{raw: raw}, err
}

// SetNamespace chooses the namespace of the calls that follow.
func (s ValueState[T]) SetNamespace(ns string) { s.raw.SetNamespace(ns) }

// Get returns the value, or false if there is none.
func (s ValueState[T]) Get() (T, bool, error) { return typed[T](s.raw.Get()) }

// Update stores v and takes ownership of it.
func (s ValueState[T]) Update(v T) error { return s.raw.Update(v) }

// Clear removes the value.
func (s ValueState[T]) Clear() error { return s.raw.Clear() }

// ListState is a list of elements of type T for each key and namespace.
type ListState[T any] struct{ raw RawList }

// NewListState returns the list state of that name, registering it on first use.
func NewListState[T any](k Keyed, name string, codec TypedCodec[T]) (ListState[T], error) {
	raw, err := k.List(Descriptor{Name: name, Kind: ListKind, Value: codec.Codec()})
	return ListState[T]{raw: raw}, err
}

// SetNamespace chooses the namespace of the calls that follow.
func (s ListState[T]) SetNamespace(ns string) { s.raw.SetNamespace(ns) }

// Get returns the elements in a slice of the caller's own; the elements
// themselves are lent.
func (s ListState[T]) Get() ([]T, error) {
	elements, err := s.raw.Get()
	if err != nil || len(elements) == 0 {
		return nil, err
	}
	out := make([]T, len(elements))
	for i, e := range elements {
		if out[i], _, err = typed[T](e, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Add appends an element and takes ownership of it.
func (s ListState[T]) Add(v T) error { return s.raw.Add(v) }

// AddAll appends the elements and takes ownership of them, not of the slice.
func (s ListState[T]) AddAll(vs []T) error { return s.raw.AddAll(untyped(vs)) }

// Update replaces the list by the elements and takes ownership of them, not of
// the slice. No elements clear it.
func (s ListState[T]) Update(vs []T) error { return s.raw.Update(untyped(vs)) }

// MergeNamespaces appends to the target's list those of the sources: see
// RawMerging.
func (s ListState[T]) MergeNamespaces(target string, sources []string) error {
	return s.raw.MergeNamespaces(target, sources)
}

// Clear removes the list.
func (s ListState[T]) Clear() error { return s.raw.Clear() }

// MapState is a map from K to V for each key and namespace.
type MapState[K, V any] struct {
	raw  RawMap
	keys KeyCodec[K]
}

// MapCodec is how a map state writes its user keys and values.
type MapCodec[K, V any] struct {
	Keys   KeyCodec[K]
	Values TypedCodec[V]
}

// NewMapState returns the map state of that name, registering it on first use.
func NewMapState[K, V any](k Keyed, name string, codec MapCodec[K, V]) (MapState[K, V], error) {
	if codec.Keys.Name == "" {
		return MapState[K, V]{}, fmt.Errorf("register state %q: the codec of its user keys has no name: set KeyCodec.Name", name)
	}
	raw, err := k.Map(Descriptor{Name: name, Kind: MapKind, Value: &byUserKey{Codec: codec.Values.Codec(), keys: codec.Keys.Name}})
	return MapState[K, V]{raw: raw, keys: codec.Keys}, err
}

// SetNamespace chooses the namespace of the calls that follow.
func (s MapState[K, V]) SetNamespace(ns string) { s.raw.SetNamespace(ns) }

// Get returns the value of a user key, or false if there is none.
func (s MapState[K, V]) Get(key K) (V, bool, error) { return typed[V](s.raw.Get(s.keys.Encode(key))) }

// Put stores v under a user key and takes ownership of it.
func (s MapState[K, V]) Put(key K, v V) error { return s.raw.Put(s.keys.Encode(key), v) }

// Remove removes a user key.
func (s MapState[K, V]) Remove(key K) error { return s.raw.Remove(s.keys.Encode(key)) }

// Contains tells whether the map has a user key.
func (s MapState[K, V]) Contains(key K) (bool, error) { return s.raw.Contains(s.keys.Encode(key)) }

// IsEmpty tells whether the map has no user key.
func (s MapState[K, V]) IsEmpty() (bool, error) { return s.raw.IsEmpty() }

// Clear removes all user keys.
func (s MapState[K, V]) Clear() error { return s.raw.Clear() }

// Range calls yield for each user key, in the order of the encoded keys, until
// it returns false. The map must not be changed meanwhile.
func (s MapState[K, V]) Range(yield func(K, V) bool) error {
	var failed error
	err := s.raw.Range(func(encoded string, v any) bool {
		var key K
		var value V
		if key, failed = s.keys.Decode(encoded); failed != nil {
			return false
		}
		if value, _, failed = typed[V](v, nil); failed != nil {
			return false
		}
		return yield(key, value)
	})
	if err != nil {
		return err
	}
	return failed
}

func typed[T any](v any, err error) (T, bool, error) {
	var zero T
	if err != nil || v == nil {
		return zero, false, err
	}
	t, ok := v.(T)
	if !ok {
		return zero, false, fmt.Errorf("state holds a %T, not a %T", v, zero)
	}
	return t, true, nil
}

func untyped[T any](vs []T) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out
}
