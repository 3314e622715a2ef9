package ttl_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/ttl"

	"pgregory.net/rapid"
)

// cell is what one state holds under one key, by user key or position.
type cell map[string]item

type item struct{ n, stamp int64 }

const lifetime = 10

// machine drives states of each kind beside cells.
type machine struct {
	t      *rapid.T
	w      *world
	config ttl.Config
	cells  map[string]cell // by state and key
	value  backends.RawValue
	list   backends.RawList
	all1   backends.RawMap
	sum    backends.RawMerging
	mean   backends.RawMerging
}

func box(n int64) *backendtest.Box { return &backendtest.Box{N: n} }

// fold is not commutative, and changes its first argument.
func fold(a, b any) any {
	a.(*backendtest.Box).N = a.(*backendtest.Box).N*7 + b.(*backendtest.Box).N
	return a
}

func newMachine(t *rapid.T, b backends.Backend) *machine {
	m := &machine{t: t, cells: map[string]cell{}, config: ttl.Config{
		Update:     rapid.SampledFrom([]ttl.Update{ttl.OnCreateAndWrite, ttl.OnReadAndWrite}).Draw(t, "update"),
		Visibility: rapid.SampledFrom([]ttl.Visibility{ttl.NeverReturnExpired, ttl.ReturnExpiredIfNotCleanedUp}).Draw(t, "visibility"),
	}}
	if b.Name() == "heap" {
		m.config.CleanPerAccess = rapid.IntRange(0, 3).Draw(t, "clean-up per access")
	}
	m.w = newWorld(t, b, m.config)
	k := m.w.Keyed
	var err [5]error
	m.value, err[0] = k.Value(backendtest.Boxes("value", backends.ValueKind))
	m.list, err[1] = k.List(backendtest.Boxes("list", backends.ListKind))
	m.all1, err[2] = k.Map(backendtest.Boxes("map", backends.MapKind))
	d := backendtest.Boxes("reducing", backends.ReducingKind)
	d.Reduce = fold
	m.sum, err[3] = k.Reducing(d)
	d = backendtest.Boxes("aggregating", backends.AggregatingKind)
	d.Aggregate = &backends.Aggregate{
		Create: func() any { return box(1) }, Add: fold, Merge: fold,
		Result: func(v any) any { return box(-v.(*backendtest.Box).N) },
	}
	m.mean, err[4] = k.Aggregating(d)
	for _, e := range err {
		m.must(e)
	}
	return m
}

func (m *machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("%v", err)
	}
}

func (m *machine) same(what string, want []line, got []string) {
	m.t.Helper()
	if !agree(want, got) {
		m.t.Fatalf("%s at %d: %v, want %v (%d: maybe)", what, m.w.now, got, want, maybe)
	}
}

// cell chooses a key, makes it current and returns what a state has under it.
func (m *machine) cell(state string) cell {
	key := rapid.Int64Range(0, 2).Draw(m.t, "key")
	m.w.Use(key)
	at := fmt.Sprint(state, key)
	if m.cells[at] == nil {
		m.cells[at] = cell{}
	}
	return m.cells[at]
}

func (m *machine) number() int64 { return rapid.Int64Range(0, 99).Draw(m.t, "n") }

func number(v any) []string {
	if v == nil {
		return nil
	}
	return []string{fmt.Sprint(v.(*backendtest.Box).N)}
}

func (m *machine) onValue() {
	c := m.cell("value")
	if rapid.Bool().Draw(m.t, "write") {
		n := m.number()
		m.must(m.value.Update(box(n)))
		c[""] = item{n, m.w.now}
		return
	}
	want := m.one(c, "", plain)
	got, err := m.value.Get()
	m.must(err)
	m.same("value", want, number(got))
}

func (m *machine) onList() {
	c := m.cell("list")
	at := func(i int) string { return fmt.Sprintf("%04d", i) }
	put := func(ns ...int64) {
		for _, n := range ns {
			next := 0
			for old := range c {
				next = max(next, atoi(old)+1)
			}
			c[at(next)] = item{n, m.w.now}
		}
	}
	n := m.number()
	switch rapid.IntRange(0, 4).Draw(m.t, "op") {
	case 0:
		m.must(m.list.Add(box(n)))
		put(n)
	case 1:
		m.must(m.list.AddAll([]any{box(n), box(n + 1)}))
		put(n, n+1)
	case 2:
		m.must(m.list.Update([]any{box(n)}))
		clear(c)
		put(n)
	default:
		var want []line
		var got []string
		for _, i := range slices.Sorted(maps.Keys(c)) {
			want = append(want, m.one(c, i, plain)...)
		}
		elements, err := m.list.Get()
		m.must(err)
		for _, e := range elements {
			got = append(got, number(e)...)
		}
		m.same("list", want, got)
	}
}

func atoi(s string) int {
	n := 0
	for _, digit := range s {
		n = 10*n + int(digit-'0')
	}
	return n
}

func (m *machine) onMap() {
	c := m.cell("map")
	user := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(m.t, "user key")
	switch rapid.IntRange(0, 5).Draw(m.t, "op") {
	case 0, 1:
		n := m.number()
		m.must(m.all1.Put(user, box(n)))
		c[user] = item{n, m.w.now}
	case 2:
		want := m.one(c, user, plain)
		got, err := m.all1.Get(user)
		m.must(err)
		m.same("map value", want, number(got))
	case 3:
		want := m.one(c, user, func(int64) string { return "there" })
		has, err := m.all1.Contains(user)
		m.must(err)
		var got []string
		if has {
			got = []string{"there"}
		}
		m.same("map contains", want, got)
	case 4:
		want := m.all(c)
		var got []string
		m.must(m.all1.Range(func(k string, v any) bool {
			got = append(got, fmt.Sprintf("%s=%d", k, v.(*backendtest.Box).N))
			return true
		}))
		m.same("map", want, got)
	default:
		m.edit(c, user)
	}
}

// edit goes through a map and changes one entry on the way.
func (m *machine) edit(c cell, user string) {
	remove, n := rapid.Bool().Draw(m.t, "remove"), m.number()
	var got []string
	i, err := m.all1.Iterator()
	m.must(err)
	for i.Next() {
		got = append(got, fmt.Sprintf("%s=%d", i.Key(), i.Value().(*backendtest.Box).N))
		switch {
		case i.Key() != user:
		case remove:
			m.must(i.Remove())
		default:
			m.must(i.SetValue(box(n)))
		}
	}
	m.must(i.Err())
	i.Close()
	before, want := slices.Sorted(maps.Keys(c)), []line(nil)
	for _, at := range before {
		lines := m.one(c, at, pair(at))
		want = append(want, lines...)
		switch {
		case at != user || len(lines) == 0 || !slices.Contains(got, lines[0].text):
		case remove:
			delete(c, at)
		default:
			c[at] = item{n, m.w.now}
		}
	}
	m.same("map iterator", want, got)
}

// onMerging drives reducing state and, with another first value, aggregating state.
func (m *machine) onMerging(name string, s backends.RawMerging, first func(n int64) int64, sign int64) {
	c := m.cell(name)
	if rapid.Bool().Draw(m.t, "read") {
		want := m.one(c, "", func(n int64) string { return plain(sign * n) })
		got, err := s.Get()
		m.must(err)
		m.same(name, want, number(got))
		return
	}
	n := m.number()
	m.must(s.Add(box(n)))
	old, ok := c[""]
	next := item{first(n), m.w.now}
	if ok && old.stamp+lifetime > m.w.now {
		next.n = old.n*7 + n
	}
	c[""] = next
}

func TestStateWithATimeToLiveEqualsTheModel(t *testing.T) { onEach(t, equalsTheModel) }

func equalsTheModel(t *testing.T, b backends.Backend) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t, b)
		t.Repeat(map[string]func(*rapid.T){
			"value":    func(*rapid.T) { m.onValue() },
			"list":     func(*rapid.T) { m.onList() },
			"map":      func(*rapid.T) { m.onMap() },
			"reducing": func(*rapid.T) { m.onMerging("reducing", m.sum, func(n int64) int64 { return n }, 1) },
			"aggregating": func(*rapid.T) {
				m.onMerging("aggregating", m.mean, func(n int64) int64 { return 7 + n }, -1)
			},
			"wait": func(*rapid.T) { m.w.now += rapid.Int64Range(1, lifetime+1).Draw(t, "span") },
		})
	})
}
