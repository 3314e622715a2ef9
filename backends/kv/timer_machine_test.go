package kv_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

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
