package kv_test

import (
	"context"

	"flinch/backends"
	"flinch/backends/kv"
)

// plainMerging is the example's engine with families that merge.
type plainMerging struct{ engine }

func (plainMerging) Open(context.Context, backends.KeyedParams) (kv.Store, error) {
	return &mergingStore{store{families: make(map[string]*family)}}, nil
}

type mergingStore struct{ store }

func (s *mergingStore) Family(name string) (kv.Family, error) {
	f, err := s.store.Family(name)
	return merging{f.(*family)}, err
}

// merging appends where there is room behind a value: views hold the value up to
// its old end.
type merging struct{ *family }

func (f merging) Merge(key, operand []byte) error {
	old, ok := f.tree.Get(entry{key: key})
	if !ok {
		return f.Put(key, operand)
	}
	f.tree.Set(entry{key: old.key, value: append(append(old.value, ','), operand...)})
	return nil
}
