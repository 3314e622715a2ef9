package kv_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func timersOf(t backendtest.TB, in *backendtest.Instance, name string) backends.RawTimers {
	t.Helper()
	q, err := in.Timers(name)
	must(t, err)
	return q
}

// The key "k" is in group 40: what the engine sees is part of the contract with
// it. Negative times come first.
func TestTimersHaveTheLayoutOfFlink(t *testing.T) {
	r := &rig{}
	w := world(r)
	w.KeyBytes, w.Groups = 0, 128
	in := w.Open(t, 0, 1)
	q := timersOf(t, in, "_timer_state/event_x")
	key := backends.StringKey("k")
	must(t, in.SetCurrentKey(key))
	for time, ns := range map[int64]string{-1: "\x00w", 2: backends.VoidNamespace} {
		added, err := q.Register(time, ns)
		if !added || err != nil {
			t.Fatalf("register: %v, %v", added, err)
		}
	}
	group := string(rune(backends.KeyGroup(key.Hash, 128)))
	want := []string{
		group + "\x7f\xff\xff\xff\xff\xff\xff\xffk\x00\x00\x01\x00\xffw\x00\x00 = ",
		group + "\x80\x00\x00\x00\x00\x00\x00\x02k\x00\x00\x00 = ",
	}
	if diff := gocmp.Diff(want, raw(t, r.last(), "_timer_state/event_x")); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

// naiveTimers is a queue as a sorted slice.
type naiveTimers []backends.Timer

func (n *naiveTimers) find(x backends.Timer) (int, bool) {
	return slices.BinarySearchFunc(*n, x, backends.Timer.Compare)
}

// timerMachine does the same with a queue and a naive one.
type timerMachine struct {
	*rapid.T
	w     *backendtest.World
	in    *backendtest.Instance
	q     backends.RawTimers
	naive naiveTimers
	id    backends.CheckpointID
}

func (m *timerMachine) draw() (backends.Timer, bool) {
	key := backends.Int64Key(rapid.Int64Range(0, 5).Draw(m.T, "key"))
	x := backends.Timer{
		Time:      rapid.Int64Range(-8, 8).Draw(m.T, "time"),
		Key:       key.Encoded,
		Group:     backends.KeyGroup(key.Hash, m.w.Groups),
		Namespace: rapid.SampledFrom([]string{backends.VoidNamespace, "a", "a\x00"}).Draw(m.T, "namespace"),
	}
	must(m, m.in.SetCurrentKey(key))
	return x, true
}

func (m *timerMachine) register(*rapid.T) {
	x, _ := m.draw()
	at, has := m.naive.find(x)
	added, err := m.q.Register(x.Time, x.Namespace)
	if added == has || err != nil {
		m.Fatalf("register %+v: %v, %v; it was there: %v", x, added, err, has)
	}
	if !has {
		m.naive = slices.Insert(m.naive, at, x)
	}
}

func (m *timerMachine) delete(*rapid.T) {
	x, _ := m.draw()
	at, has := m.naive.find(x)
	removed, err := m.q.Delete(x.Time, x.Namespace)
	if removed != has || err != nil {
		m.Fatalf("delete %+v: %v, %v; it was there: %v", x, removed, err, has)
	}
	if has {
		m.naive = slices.Delete(m.naive, at, at+1)
	}
}

func (m *timerMachine) first() (want backends.Timer, has bool) {
	if len(m.naive) > 0 {
		return m.naive[0], true
	}
	return want, false
}

func (m *timerMachine) peek(*rapid.T) {
	want, has := m.first()
	if got, ok, err := m.q.Peek(); got != want || ok != has || err != nil {
		m.Fatalf("peek: %+v, %v, %v, want %+v, %v", got, ok, err, want, has)
	}
}

func (m *timerMachine) poll(*rapid.T) {
	want, has := m.first()
	if got, ok, err := m.q.Poll(); got != want || ok != has || err != nil {
		m.Fatalf("poll: %+v, %v, %v, want %+v, %v", got, ok, err, want, has)
	}
	if has {
		m.naive = m.naive[1:]
	}
}

// restore goes on with what a snapshot has, of two instances' key groups at times.
func (m *timerMachine) restore(*rapid.T) {
	m.id++
	h := m.w.Write(m, m.in.Take(m.id))
	must(m, m.in.Close())
	if rapid.Bool().Draw(m.T, "by two halves") {
		var halves []backends.KeyedHandle
		for i := range 2 {
			half := m.w.Open(m, i, 2, h)
			halves = append(halves, m.w.Write(m, half.Take(m.id)))
			must(m, half.Close())
		}
		m.open(halves...)
		return
	}
	m.open(h)
}

func (m *timerMachine) open(from ...backends.KeyedHandle) {
	m.in = m.w.Open(m, 0, 1, from...)
	m.q = timersOf(m, m.in, "q")
}

// entries compares what is reported, in canonical order.
func (m *timerMachine) entries(*rapid.T) {
	var got []backends.Timer
	must(m, m.in.Entries(m.in.Params.KeyGroups, func(e backends.Entry) error {
		time, err := backends.TimeOfKey(e.UserKey)
		if len(e.Value) > 0 || e.State != "q" {
			m.Errorf("entry %+v", e)
		}
		got = append(got, backends.Timer{Time: time, Key: e.Key, Group: e.Group, Namespace: e.Namespace})
		return err
	}))
	want := slices.Clone(m.naive)
	slices.SortFunc(want, func(a, b backends.Timer) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), strings.Compare(a.Key, b.Key), strings.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Time, b.Time))
	})
	if diff := gocmp.Diff([]backends.Timer(want), got); len(want)+len(got) > 0 && diff != "" {
		m.Errorf("entries (-want +got):\n%s", diff)
	}
}

// A cache of one to three timers overflows, is used up and is filled again all
// the time.
func TestCachedTimersAreTheSetThatIsStored(t *testing.T) {
	refills := int64(0)
	rapid.Check(t, func(t *rapid.T) {
		r := &rig{native: rapid.Bool().Draw(t, "native")}
		m := &timerMachine{T: t, w: world(r)}
		m.w.Groups = rapid.SampledFrom([]int{2, 8, 200}).Draw(t, "groups")
		m.w.Tuning = map[string]int64{"kv.timer_cache": rapid.Int64Range(1, 3).Draw(t, "cache")}
		m.open()
		t.Repeat(map[string]func(*rapid.T){
			"register": m.register, "register more": m.register, "delete": m.delete, "peek": m.peek, "poll": m.poll,
			"restore": m.restore, "": m.entries,
		})
		for len(m.naive) > 0 {
			m.poll(t)
		}
		m.poll(t)
		refills += m.w.Counters["timer_cache_refills"]
	})
	if refills == 0 {
		t.Error("no cache was refilled")
	}
}

// Timers that are covered by the cache cost the store no read, and polling reads
// it once for as many as the cache holds.
func TestTimersAreReadFromTheCache(t *testing.T) {
	r := &rig{}
	w := world(r)
	w.Groups, w.Tuning = 1, map[string]int64{"kv.timer_cache": 10}
	in := w.Open(t, 0, 1)
	q := timersOf(t, in, "q")
	in.Use(1)
	for time := range int64(10) {
		_, err := q.Register(time, "w")
		must(t, err)
	}
	if r.calls["get"] != 0 || r.calls["scan"] != 1 {
		t.Errorf("10 timers were registered by %v", r.calls)
	}
	for time := range int64(100) {
		_, err := q.Register(time, "w")
		must(t, err)
	}
	for range 100 {
		_, ok, err := q.Poll()
		if !ok || err != nil {
			t.Fatalf("poll: %v, %v", ok, err)
		}
	}
	if r.calls["get"] != 89 || r.calls["scan"] > 11 || r.calls["delete"] != 100 {
		t.Errorf("100 timers were registered and polled by %v", r.calls)
	}
}

func TestErrorsOfTheEngineLeaveTheTimersAsTheyAre(t *testing.T) {
	broken := errors.New("disk on fire")
	r := &rig{}
	w := world(r)
	w.Tuning = map[string]int64{"kv.timer_cache": 1}
	in := w.Open(t, 0, 1)
	q := timersOf(t, in, "q")
	in.Use(1)
	for _, what := range []string{"scan", "put", "get", "delete"} {
		r.fail = func(op string) error {
			if op == what {
				return broken
			}
			return nil
		}
		var err error
		switch what {
		case "scan", "put":
			_, err = q.Register(1, "w")
		case "get":
			for time := range int64(3) {
				r.calls["get"] = 0
				if _, err = q.Register(time, "w"); err != nil {
					break
				}
			}
		case "delete":
			_, _, err = q.Poll()
		}
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), `"q"`) {
			t.Errorf("%s fails: %v", what, err)
		}
	}
	// 0 is there, and 1 is not cached.
	r.fail = func(op string) error {
		if op == "scan" {
			return broken
		}
		return nil
	}
	first, ok, err := q.Poll()
	if first.Time != 0 || !ok || err != nil {
		t.Errorf("polled %+v, %v, %v", first, ok, err)
	}
	if _, _, err = q.Peek(); !errors.Is(err, broken) {
		t.Errorf("refill: %v", err)
	}
	r.fail = nil
	var left []int64
	for {
		x, ok, err := q.Poll()
		must(t, err)
		if !ok {
			break
		}
		left = append(left, x.Time)
	}
	if !slices.Equal(left, []int64{1}) {
		t.Errorf("left were %v", left)
	}
}

func TestDamagedTimersAreErrors(t *testing.T) {
	for _, c := range []struct{ key, value, words string }{
		{"\x00", "", "no time"},
		{"\x00\x80\x00\x00\x00\x00\x00\x00\x02short", "", "no whole key"},
		{"\x00\x80\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x02", "", "does not end with a namespace"},
		{"\x00\x80\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x02\x00more", "", "does not end with a namespace"},
		{"\x00\x80\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x02\x00", "x", `has the value "x"`},
	} {
		r := &rig{}
		in := world(r).Open(t, 0, 1)
		q := timersOf(t, in, "q")
		must(t, r.last().families["q"].Put([]byte(c.key), []byte(c.value)))
		_, _, err := q.Peek()
		entries := in.Entries(in.Params.KeyGroups, func(backends.Entry) error { return nil })
		for what, err := range map[string]error{"peek": err, "entries": entries} {
			if err == nil || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), `"q"`) {
				t.Errorf("%s with the timer %q: %v, want %q", what, c.key, err, c.words)
			}
		}
	}
}

// Timers are held back until all of their group are there, and no longer.
func TestTimersAreReportedWhereTheirNameStands(t *testing.T) {
	w := world(&rig{})
	w.Groups = 2
	in := w.Open(t, 0, 1)
	for key := range int64(4) {
		for _, name := range []string{"p", "q"} {
			in.Put("a", key, 1)
			_, err := timersOf(t, in, name).Register(key, "w")
			must(t, err)
			in.Put("pp", key, 1)
		}
	}
	var got []string
	must(t, in.Entries(in.Params.KeyGroups, func(e backends.Entry) error {
		got = append(got, fmt.Sprint(e.Group, e.State, len(e.Value) > 0, e.UserKey != ""))
		return nil
	}))
	if !slices.IsSorted(got) || len(got) != 16 || strings.Count(strings.Join(got, " "), "false true") != 8 {
		t.Errorf("entries in the order %q", got)
	}
}

// Groups of others may be in the store's files, hidden or not.
func TestTimersOfOtherKeyGroupsAreNeverReturned(t *testing.T) {
	r := &rig{}
	w := world(r)
	in := w.Open(t, 1, 2)
	q := timersOf(t, in, "q")
	f := r.last().families["q"]
	rest := "\x80\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x02\x00"
	for _, group := range []int{in.Params.KeyGroups.Start - 1, in.Params.KeyGroups.End + 1, in.Params.KeyGroups.End} {
		must(t, f.Put(fmt.Appendf(nil, "%c%s", rune(group), rest), nil))
	}
	x, ok, err := q.Poll()
	if x.Group != in.Params.KeyGroups.End || !ok || err != nil {
		t.Errorf("polled %+v, %v, %v", x, ok, err)
	}
	if x, ok, err = q.Poll(); ok || err != nil {
		t.Errorf("polled %+v of another, %v", x, err)
	}
}
