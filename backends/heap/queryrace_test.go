package heap

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/ttl"
)

// Values of a task that counts two things up together are never seen halfway, and
// the race detector sees nothing at all: snapshots, listings and clean-up go on.
func TestQueriesRunBesideTheTask(t *testing.T) {
	w := openWorld()
	in := w.Open(t, 0, 1)
	now := int64(0)
	c := ttl.Config{
		Lifetime: time.Second, Update: ttl.OnReadAndWrite, Now: func() int64 { now++; return now },
		CleanPerAccess: 2, CleanFullSnapshots: true,
	}
	aging, err := ttl.With(in.Keyed, c)
	must(t, err)
	user := newUser(t, in.Keyed, aging)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	var failed error
	var once sync.Once
	for i := range 3 {
		readers.Go(func() {
			for n := int64(i); ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := user.ask(n % 4); err != nil {
					once.Do(func() { failed = err })
				}
			}
		})
	}
	for round := range int64(60) {
		p := in.Take(backends.CheckpointID(round))
		for k := range int64(40) {
			in.Use(k)
			user.work(t)
		}
		in.Dump()
		w.Write(t, p)
	}
	close(stop)
	readers.Wait()
	must(t, failed)
	must(t, in.Close())
	if err := user.ask(0); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("after Close: %v", err)
	}
}

// user is a task that changes values in place before it writes them back, and the
// one who asks for them.
type user struct {
	q            backends.Queryable
	value, aging backends.RawValue
	list         backends.RawList
	users        backends.RawMap
	sum          backends.RawMerging
}

func newUser(t *testing.T, k, aging backends.Keyed) *user {
	t.Helper()
	u := &user{q: k.(backends.Queryable)}
	var err [5]error
	u.value, err[0] = k.Value(backendtest.Boxes("value", backends.ValueKind))
	u.list, err[1] = k.List(backendtest.Boxes("list", backends.ListKind))
	u.users, err[2] = k.Map(backendtest.Boxes("map", backends.MapKind))
	u.sum, err[3] = k.Reducing(backendtest.ReducingBoxes("sum"))
	u.aging, err[4] = aging.Value(backendtest.Boxes("aging", backends.ValueKind))
	for _, e := range err {
		must(t, e)
	}
	return u
}

func (u *user) work(t *testing.T) {
	t.Helper()
	for _, s := range []backends.RawValue{u.value, u.aging} {
		v, err := s.Get()
		must(t, err)
		if v == nil {
			v = box(0)
		}
		v.(*backendtest.Box).N++
		must(t, s.Update(v))
	}
	l, err := u.list.Get()
	must(t, err)
	for _, e := range l {
		e.(*backendtest.Box).N++
	}
	if len(l) < 3 {
		l = append(l, box(int64(len(l))))
	}
	must(t, u.list.Update(l))
	must(t, u.list.Add(box(7)))
	must(t, u.list.Update(l))
	for _, user := range []string{"b", "a"} {
		must(t, u.users.Put(user, box(1)))
	}
	must(t, u.users.Range(func(_ string, v any) bool {
		v.(*backendtest.Box).N += 4
		return true
	}))
	it, err := u.users.Iterator()
	must(t, err)
	for it.Next() {
		it.Value().(*backendtest.Box).N++
		must(t, it.SetValue(it.Value()))
		it.Value().(*backendtest.Box).N++
	}
	must(t, it.Err())
	// Out of order: who needs the order has to find it.
	must(t, u.users.Remove("a"))
	must(t, u.users.Put("a", box(9)))
	must(t, u.sum.Add(box(1)))
	_, err = u.sum.Get()
	must(t, err)
}

// ask looks at all states of a key. The codec finds out what was seen halfway.
func (u *user) ask(key int64) error {
	for _, state := range []string{"value", "list", "map", "sum", "aging"} {
		found, err := u.q.Query(state, backends.Int64Key(key), backends.VoidNamespace)
		if err != nil {
			return err
		}
		for _, e := range found {
			value := e.Value
			if state == "aging" {
				if _, value, err = ttl.Split(value); err != nil {
					return err
				}
			}
			if _, err := backendtest.BoxCodec().Codec().Decode(value); err != nil {
				return fmt.Errorf("state %q has %x: %w", state, e.Value, err)
			}
		}
	}
	return nil
}
