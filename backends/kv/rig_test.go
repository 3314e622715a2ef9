package kv_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/kv"
)

// rig is the example's engine, with what tests need: it fails, counts, and does
// what stores do of their own, as they wish.
type rig struct {
	merges, native bool
	fail           func(op string) error // may be nil
	stores         []*rigStore
	expiring       []kv.Expiring // what families were asked to leave out
	calls          map[string]int
}

func (r *rig) Name() string { return "rig" }

func (r *rig) call(op string) error {
	if r.calls == nil {
		r.calls = make(map[string]int)
	}
	r.calls[op]++
	if r.fail != nil {
		return r.fail(op)
	}
	return nil
}

func (r *rig) Open(ctx context.Context, p backends.KeyedParams) (kv.Store, error) {
	if err := r.call("open"); err != nil {
		return nil, err
	}
	s := &rigStore{store: store{families: make(map[string]*family)}, rig: r}
	r.stores = append(r.stores, s)
	if !r.native {
		return s, nil
	}
	n := &nativeStore{rigStore: s, params: p, uploaded: make(map[backends.CheckpointID]map[string]upload)}
	return n, n.restore(ctx)
}

// last is the store that was opened last.
func (r *rig) last() *rigStore { return r.stores[len(r.stores)-1] }

type rigStore struct {
	store
	rig   *rig
	views []*rigView
	ends  int
}

func (s *rigStore) Family(name string) (kv.Family, error) {
	if err := s.rig.call("family"); err != nil {
		return nil, err
	}
	f, err := s.store.Family(name)
	if s.rig.merges {
		return mergingFamily{rigFamily{f.(*family), s.rig}}, err
	}
	return rigFamily{f.(*family), s.rig}, err
}

func (s *rigStore) View() (kv.View, error) {
	if err := s.rig.call("view"); err != nil {
		return nil, err
	}
	v, err := s.store.View()
	s.views = append(s.views, &rigView{View: v, rig: s.rig})
	return s.views[len(s.views)-1], err
}

func (s *rigStore) Close() error {
	s.ends++
	for _, v := range s.views {
		if v.releases != 1 {
			return errors.New("a view was not released before the store was closed")
		}
	}
	return errors.Join(s.rig.call("close"), s.store.Close())
}

type rigView struct {
	kv.View
	rig      *rig
	releases int
}

func (v *rigView) Scan(name string, from, to []byte, yield func(key, value []byte) bool) error {
	if err := v.rig.call("view scan"); err != nil {
		return err
	}
	return lending(from, to, func() error { return v.View.Scan(name, from, to, yield) })
}

func (v *rigView) Release() {
	v.releases++
	v.View.Release()
}

type rigFamily struct {
	*family
	rig *rig
}

func (f rigFamily) Get(key, dst []byte) ([]byte, bool, error) {
	if err := f.rig.call("get"); err != nil {
		return dst, false, err
	}
	return f.family.Get(key, dst)
}

func (f rigFamily) Put(key, value []byte) error {
	if err := f.rig.call("put"); err != nil {
		return err
	}
	return f.family.Put(key, value)
}

func (f rigFamily) Delete(key []byte) error {
	if err := f.rig.call("delete"); err != nil {
		return err
	}
	return f.family.Delete(key)
}

func (f rigFamily) Scan(from, to []byte, yield func(key, value []byte) bool) error {
	if err := f.rig.call("scan"); err != nil {
		return err
	}
	return lending(from, to, func() error { return f.family.Scan(from, to, yield) })
}

// lending runs a scan as a store does that uses the bounds to the end.
func lending(from, to []byte, scan func() error) error {
	first, last := string(from), string(to)
	err := scan()
	if string(from) != first || string(to) != last {
		panic(fmt.Sprintf("the bounds of a scan were %q and %q, and at its end are %q and %q", first, last, from, to))
	}
	return err
}

func (f rigFamily) CleanUp(e kv.Expiring) { f.rig.expiring = append(f.rig.expiring, e) }

type mergingFamily struct{ rigFamily }

func (f mergingFamily) Merge(key, operand []byte) error {
	if err := f.rig.call("merge"); err != nil {
		return err
	}
	return merging{f.family}.Merge(key, operand)
}

// raw lists what a family of a store holds.
func raw(t *testing.T, s *rigStore, name string) (lines []string) {
	t.Helper()
	f := s.families[name]
	if f == nil {
		t.Fatalf("no family %q among %q", name, s.Families())
	}
	f.tree.Scan(func(e entry) bool {
		lines = append(lines, string(e.key)+" = "+string(e.value))
		return true
	})
	return lines
}

func world(r *rig) *backendtest.World {
	w := backendtest.NewWorld(kv.New(r))
	w.Tuning = small
	return w
}

func must(t backendtest.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}
