package scenarios_test

import (
	"bytes"
	"context"

	"flinch/backends"
	"flinch/backends/kv"

	"github.com/tidwall/btree"
)

// treeEngine keeps each instance in ordered trees in memory: a key/value store
// that does no more than it has to.
type treeEngine struct{}

func (treeEngine) Name() string { return "tree" }

func (treeEngine) Open(context.Context, backends.KeyedParams) (kv.Store, error) {
	return &treeStore{}, nil
}

// treeStore is also a view: of copies of the trees, which share what is alike.
type treeStore struct {
	families btree.Map[string, *treeFamily]
}

func (s *treeStore) Family(name string) (kv.Family, error) {
	f, found := s.families.Get(name)
	if !found {
		f = &treeFamily{}
		s.families.Set(name, f)
	}
	return f, nil
}

func (s *treeStore) Families() []string { return s.families.Keys() }

func (s *treeStore) View() (kv.View, error) {
	v := &treeStore{}
	s.families.Scan(func(name string, f *treeFamily) bool {
		v.families.Set(name, &treeFamily{*f.Copy()})
		return true
	})
	return v, nil
}

func (s *treeStore) Scan(name string, from, to []byte, yield func(key, value []byte) bool) error {
	f, err := s.Family(name)
	if err != nil {
		return err
	}
	return f.Scan(from, to, yield)
}

func (s *treeStore) Release() {}

func (s *treeStore) Close() error { return nil }

type treeFamily struct{ btree.Map[string, []byte] }

func (f *treeFamily) Get(key, dst []byte) ([]byte, bool, error) {
	value, found := f.Map.Get(string(key))
	return append(dst, value...), found, nil
}

func (f *treeFamily) Put(key, value []byte) error {
	f.Set(string(key), bytes.Clone(value))
	return nil
}

func (f *treeFamily) Delete(key []byte) error {
	f.Map.Delete(string(key))
	return nil
}

func (f *treeFamily) Scan(from, to []byte, yield func(key, value []byte) bool) error {
	f.Ascend(string(from), func(key string, value []byte) bool {
		return key < string(to) && yield([]byte(key), value)
	})
	return nil
}
