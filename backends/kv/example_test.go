package kv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/kv"

	"github.com/tidwall/btree"
)

// engine keeps each instance in ordered trees in memory. This file is all that a
// new backend takes: an Engine, a Store, a Family and a View.
type engine struct{}

func (engine) Name() string { return "memory" }

func (engine) Open(context.Context, backends.KeyedParams) (kv.Store, error) {
	return &store{families: make(map[string]*family)}, nil
}

// store has one tree for each family.
type store struct{ families map[string]*family }

func (s *store) Family(name string) (kv.Family, error) {
	if s.families[name] == nil {
		s.families[name] = &family{tree: newTree()}
	}
	return s.families[name], nil
}

func (s *store) Families() (names []string) {
	for name := range s.families { //tidy:anyorder sorted below
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// View copies the trees, which share their nodes until one of the two changes.
func (s *store) View() (kv.View, error) {
	v := &view{trees: make(map[string]*btree.BTreeG[entry])}
	for name, f := range s.families { //tidy:anyorder one map is copied into another
		v.trees[name] = f.tree.Copy()
	}
	return v, nil
}

func (s *store) Close() error {
	s.families = nil
	return nil
}

type entry struct{ key, value []byte }

func newTree() *btree.BTreeG[entry] {
	less := func(a, b entry) bool { return bytes.Compare(a.key, b.key) < 0 }
	return btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})
}

type family struct{ tree *btree.BTreeG[entry] }

func (f *family) Get(key, dst []byte) ([]byte, bool, error) {
	e, ok := f.tree.Get(entry{key: key})
	return append(dst, e.value...), ok, nil
}

func (f *family) Put(key, value []byte) error {
	f.tree.Set(entry{key: bytes.Clone(key), value: bytes.Clone(value)})
	return nil
}

func (f *family) Delete(key []byte) error {
	f.tree.Delete(entry{key: key})
	return nil
}

func (f *family) Scan(from, to []byte, yield func(key, value []byte) bool) error {
	f.tree.Ascend(entry{key: from}, func(e entry) bool {
		return bytes.Compare(e.key, to) < 0 && yield(e.key, e.value)
	})
	return nil
}

// view is a copy of all trees; nil once it is released.
type view struct {
	trees map[string]*btree.BTreeG[entry]
}

var errReleased = errors.New("the view was released")

func (v *view) Scan(name string, from, to []byte, yield func(key, value []byte) bool) error {
	if v.trees == nil {
		return errReleased
	}
	tree := v.trees[name]
	if tree == nil {
		return nil
	}
	released := false
	tree.Ascend(entry{key: from}, func(e entry) bool {
		if released = v.trees == nil; released {
			return false
		}
		return bytes.Compare(e.key, to) < 0 && yield(e.key, e.value)
	})
	if released {
		return errReleased
	}
	return nil
}

func (v *view) Release() { v.trees = nil }

// A backend over a store of one's own: state is put in, snapshotted, and restored
// in two halves. backendtest.Run tells whether it keeps the whole contract.
func Example() {
	ctx := context.Background()
	backend := kv.New(engine{})
	params := backends.KeyedParams{
		Operator: "counts", Parallelism: 1, MaxParallelism: 128, KeyGroups: backends.RangeOf(0, 1, 128),
		Storage: backendtest.NewStreams(),
	}
	check := func(err error) {
		if err != nil {
			panic(err)
		}
	}

	keyed, err := backend.OpenKeyed(ctx, params)
	check(err)
	counts, err := backends.NewValueState(keyed, "count", backends.Int64Codec())
	check(err)
	for i, word := range []string{"to", "be", "or", "not"} {
		check(keyed.SetCurrentKey(backends.StringKey(word)))
		check(counts.Update(int64(i)))
	}
	pending, err := keyed.Snapshot(1, backends.SnapshotOptions{})
	check(err)
	handle, err := pending.Write(ctx)
	check(err)
	check(keyed.Close())

	params.Parallelism, params.Restore = 2, []backends.KeyedHandle{handle}
	for subtask := range 2 {
		params.Subtask, params.KeyGroups = subtask, backends.RangeOf(subtask, 2, 128)
		half, err := backend.OpenKeyed(ctx, params)
		check(err)
		fmt.Println("subtask", subtask)
		check(half.Entries(params.KeyGroups, func(e backends.Entry) error {
			fmt.Printf("  key group %d: %q = %x\n", e.Group, e.Key, e.Value)
			return nil
		}))
		check(half.Close())
	}
	// Output:
	// subtask 0
	//   key group 58: "not\x00\x00" = 0000000000000003
	// subtask 1
	//   key group 81: "or\x00\x00" = 0000000000000002
	//   key group 84: "be\x00\x00" = 0000000000000001
	//   key group 91: "to\x00\x00" = 0000000000000000
}
