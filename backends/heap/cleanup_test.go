package heap

import (
	"fmt"
	"slices"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// aging are states whose boxes are their own stamps, and live for 10.
type aging struct {
	*backendtest.Instance
	clean  backends.CleanUp
	now    int64
	looked int // at stamps
	value  backends.RawValue
	list   backends.RawList
	users  backends.RawMap
}

func newAging(t backendtest.TB, w *backendtest.World, clean backends.CleanUp) *aging {
	t.Helper()
	a := &aging{Instance: w.Open(t, 0, 1), clean: clean}
	a.clean.Lifetime, a.clean.Now = 10, func() int64 { return a.now }
	a.clean.Stamp = func(v any) int64 {
		a.looked++
		return v.(*backendtest.Box).N
	}
	var err [3]error
	a.value, err[0] = a.Value(a.boxes("value", backends.ValueKind))
	a.list, err[1] = a.List(a.boxes("list", backends.ListKind))
	a.users, err[2] = a.Map(a.boxes("map", backends.MapKind))
	for _, e := range err {
		must(t, e)
	}
	return a
}

func (a *aging) boxes(name string, kind backends.StateKind) backends.Descriptor {
	d := backendtest.Boxes(name, kind)
	d.CleanUp = &a.clean
	return d
}

// fill puts boxes of three ages under each of n keys.
func (a *aging) fill(t backendtest.TB, n int64) {
	t.Helper()
	for k := range n {
		a.Use(k)
		must(t, a.value.Update(box(k%3)))
		must(t, a.list.AddAll([]any{box(k % 3), box(k % 2), box(2)}))
		for i := range int64(3) {
			must(t, a.users.Put(fmt.Sprint(i), box((k+i)%3)))
		}
	}
}

func box(n int64) *backendtest.Box { return &backendtest.Box{N: n} }

// numbers lists all boxes that the entries of an instance hold.
func numbers(t backendtest.TB, in *backendtest.Instance) (ns []int64) {
	t.Helper()
	all := backends.KeyGroupRange{Start: 0, End: in.Params.MaxParallelism - 1}
	must(t, in.Entries(all, func(e backends.Entry) error {
		v, err := backendtest.BoxCodec().Codec().Decode(e.Value)
		if err == nil {
			ns = append(ns, v.(*backendtest.Box).N)
		}
		return err
	}))
	return ns
}

func count(ns []int64, younger int64) (n int) {
	for _, v := range ns {
		if v >= younger {
			n++
		}
	}
	return n
}

// The clock goes on between the phases, and the live state keeps everything.
func TestFullSnapshotsLeaveOutWhatHadExpired(t *testing.T) {
	for name, opts := range map[string]backends.SnapshotOptions{"checkpoint": {}, "full": {Full: true}, "canonical": canonical} {
		w := newWorld()
		a := newAging(t, w, backends.CleanUp{FullSnapshots: true})
		a.fill(t, 20)
		before := a.Dump()
		for a.now = 10; a.now < 14; a.now++ {
			p, err := a.Snapshot(1, opts)
			must(t, err)
			left := count(numbers(t, a.Instance), a.now-9)
			a.now += 100
			back := w.Open(t, 0, 1, w.Write(t, p))
			a.now -= 100
			got := numbers(t, back)
			if len(got) != left || count(got, a.now-9) != left {
				t.Errorf("%s at %d: %v is left, want %d that have not expired", name, a.now, got, left)
			}
			if !slices.Equal(before, a.Dump()) {
				t.Errorf("%s at %d changed the state", name, a.now)
			}
			// Not registered, its stamps mean nothing.
			again := w.Open(t, 0, 1, w.Write(t, back.Take(2)))
			if !slices.Equal(back.Dump(), again.Dump()) {
				t.Errorf("%s at %d: stored state was cleaned up", name, a.now)
			}
		}
	}
}

func TestSnapshotOfNothingButWhatExpiredHasNoKeyGroups(t *testing.T) {
	for _, opts := range []backends.SnapshotOptions{{}, canonical} {
		w := newWorld()
		a := newAging(t, w, backends.CleanUp{FullSnapshots: true})
		a.fill(t, 20)
		a.now = 100
		p, err := a.Snapshot(1, opts)
		must(t, err)
		h := w.Write(t, p)
		if slices.ContainsFunc(h.Offsets, func(o int64) bool { return o >= 0 }) {
			t.Errorf("%s: offsets %v", h.Format, h.Offsets)
		}
		if got := w.Open(t, 0, 1, h).Dump(); len(got) != 0 {
			t.Errorf("%s: restored %v", h.Format, got)
		}
	}
}

// One key is read over and over; the rest goes a few entries at a time, rehash or
// not, and itself when another is read.
func TestAccessesDropWhatHasExpiredElsewhere(t *testing.T) {
	for per := 1; per < 4; per++ {
		a := newAging(t, newWorld(), backends.CleanUp{PerAccess: per})
		const keys = 300
		for k := range int64(keys) {
			a.Use(k)
			must(t, a.value.Update(box(0)))
		}
		a.now = 10
		a.Use(7)
		for left := keys; left > 1; {
			a.looked = 0
			got, err := a.value.Get()
			must(t, err)
			if got == nil {
				t.Fatal("the entry being read was dropped")
			}
			now := len(numbers(t, a.Instance))
			// Some chains hold more than is asked for.
			if a.looked == 0 || now >= left || left-now > per+10 {
				t.Fatalf("%d at an access: %d stamps looked at, %d entries of %d left", per, a.looked, now, left)
			}
			left = now
		}
		a.Use(8)
		_, err := a.value.Get()
		must(t, err)
		if left := numbers(t, a.Instance); left != nil {
			t.Errorf("%v is left", left)
		}
	}
}

func TestElementsAndUserKeysExpireOneByOne(t *testing.T) {
	a := newAging(t, newWorld(), backends.CleanUp{PerAccess: 2})
	a.fill(t, 40)
	for a.now = 10; a.now < 14; a.now++ {
		a.Use(1000)
		want := count(numbers(t, a.Instance), a.now-9)
		for range 40 {
			_, err := a.value.Get()
			must(t, err)
			_, err = a.list.Get()
			must(t, err)
			_, err = a.users.Get("1")
			must(t, err)
		}
		if got := numbers(t, a.Instance); len(got) != want || count(got, a.now-9) != want {
			t.Errorf("at %d: %v, want %d", a.now, got, want)
		}
	}
}

// What is left of a list that a snapshot holds is not private yet.
func TestCleanUpKeepsOpenSnapshotsAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		a := newAging(t, w, backends.CleanUp{PerAccess: rapid.IntRange(1, 3).Draw(t, "per access")})
		type held struct {
			p    backends.Pending
			want []string
		}
		var open []held
		key := func(*rapid.T) { a.Use(rapid.Int64Range(0, 9).Draw(t, "key")) }
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { key(t) },
			"value": func(t *rapid.T) {
				v, err := a.value.Get()
				must(t, err)
				if v != nil {
					v.(*backendtest.Box).N = a.now
				} else {
					v = box(a.now)
				}
				must(t, a.value.Update(v))
			},
			"list": func(t *rapid.T) {
				l, err := a.list.Get()
				must(t, err)
				for _, e := range l {
					e.(*backendtest.Box).N++
				}
				must(t, a.list.Update(append(l, box(a.now))))
			},
			"map": func(t *rapid.T) {
				it, err := a.users.Iterator()
				must(t, err)
				for it.Next() {
					b := it.Value().(*backendtest.Box)
					b.N++
					must(t, it.SetValue(b))
				}
				must(t, it.Err())
				must(t, a.users.Put(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "user key"), box(a.now)))
			},
			"wait": func(t *rapid.T) { a.now += rapid.Int64Range(1, 10).Draw(t, "span") },
			"snapshot": func(t *rapid.T) {
				open = append(open, held{a.Take(1), a.Dump()})
			},
			"write": func(t *rapid.T) {
				if len(open) == 0 {
					return
				}
				i := rapid.IntRange(0, len(open)-1).Draw(t, "which")
				if got := w.Open(t, 0, 1, w.Write(t, open[i].p)).Dump(); !slices.Equal(got, open[i].want) {
					t.Fatalf("restored %q, want %q", got, open[i].want)
				}
				open = slices.Delete(open, i, i+1)
			},
		})
	})
}

// A list or map that a snapshot holds loses parts for the task alone, also if
// nothing has been in its table since.
func TestCleanUpOfPartsIsNotSeenByOpenSnapshots(t *testing.T) {
	w := newWorld()
	a := newAging(t, w, backends.CleanUp{PerAccess: 3})
	a.fill(t, 20)
	a.now = 9
	before := a.Dump()
	p := a.Take(1)
	a.now = 11
	a.Use(1000)
	for range 100 {
		_, err := a.list.Get()
		must(t, err)
		_, err = a.users.Get("none")
		must(t, err)
	}
	if left := a.Dump(); len(left) >= len(before) || len(left) < 20 {
		t.Errorf("%d entries are left of %d", len(left), len(before))
	}
	if diff := gocmp.Diff(before, w.Open(t, 0, 1, w.Write(t, p)).Dump()); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
}

// Maps that are gone through stay whole while other maps are accessed, and expire
// afterwards.
func TestCleanUpWaitsForIteratorsAndRanges(t *testing.T) {
	a := newAging(t, newWorld(), backends.CleanUp{PerAccess: 50})
	a.fill(t, 10)
	a.Use(3)
	it, err := a.users.Iterator()
	must(t, err)
	a.now = 100
	seen := 0
	for it.Next() {
		seen++
		a.Use(4)
		must(t, a.users.Put("new", box(100)))
	}
	must(t, it.Err())
	a.now = 0
	a.Use(5)
	must(t, a.users.Put("0", box(0)))
	must(t, a.users.Put("1", box(0)))
	ranged := 0
	must(t, a.users.Range(func(string, any) bool {
		a.now = 100
		ranged++
		a.Use(4)
		_, err := a.users.Get("new")
		must(t, err)
		a.Use(5)
		return true
	}))
	if seen != 3 || ranged != 2 {
		t.Errorf("the iterator saw %d entries of 3, the range %d of 2", seen, ranged)
	}
	a.Use(4)
	must(t, a.users.Put("new", box(100)))
	if s := inner(a.Instance).byName["map"]; len(s.sweeper.held) != 0 || a.pairs(t, s) != 1 {
		t.Errorf("%d maps are held, %d are left", len(s.sweeper.held), a.pairs(t, s))
	}
}

// pairs is the number of keys of a state.
func (a *aging) pairs(t backendtest.TB, s *state) (n int) {
	t.Helper()
	must(t, a.KeysAndNamespaces(s.meta.Name, func(string, string) bool {
		n++
		return true
	}))
	return n
}

func TestEmptyBucketsDoNotHoldAnAccessUp(t *testing.T) {
	w := newWorld()
	w.Tuning = map[string]int64{tuneTableCapacity: 1 << 14}
	a := newAging(t, w, backends.CleanUp{PerAccess: 5})
	a.fill(t, 1)
	s := inner(a.Instance).byName["value"]
	for range 2 { // the first comes to the table
		must(t, a.value.Update(box(1)))
	}
	if s.sweeper.bucket != 2*sweepBuckets-1 {
		t.Errorf("two accesses went on to bucket %d", s.sweeper.bucket)
	}
}
