//go:build cgo && !norocksdb

package rocksdb

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flinch/backends"
	"flinch/backends/backendtest"
	"flinch/backends/ttl"
)

// mortal is an instance whose states live for 100 ms of a clock, in each way that a
// state can be laid out.
type mortal struct {
	*backendtest.Instance
	w         *backendtest.World
	clock     int64
	value     backends.RawValue
	list      backends.RawList // of elements of all lengths
	fixed     backends.RawList
	entries   backends.RawMap
	reducing  backends.RawMerging
	undying   backends.RawValue
	snapshots backends.CheckpointID
}

func newMortal(t *testing.T, b backends.Backend, clean bool, stepped int64) *mortal {
	t.Helper()
	m := &mortal{w: backendtest.NewWorld(b)}
	m.w.Tuning = map[string]int64{tuneFlushBytes: 1 << 10, tuneStepped: stepped}
	m.Instance = m.w.Open(t, 0, 1)
	k, err := ttl.With(m.Keyed, ttl.Config{Lifetime: 100 * time.Millisecond, Now: func() int64 { return m.clock }, CleanCompactions: clean})
	must(t, err)
	var errs [6]error
	m.value, errs[0] = k.Value(backendtest.Boxes("value", backends.ValueKind))
	m.list, errs[1] = k.List(backendtest.Boxes("list", backends.ListKind))
	m.fixed, errs[2] = k.List(backendtest.FixedBoxes("fixed", backends.ListKind))
	m.entries, errs[3] = k.Map(backendtest.Boxes("map", backends.MapKind))
	m.reducing, errs[4] = k.Reducing(backendtest.ReducingBoxes("reducing"))
	m.undying, errs[5] = m.Value(backendtest.Boxes("undying", backends.ValueKind))
	must(t, errors.Join(errs[:]...))
	return m
}

const mortalKeys = 40

// live writes at time 0 under all keys, and at time 50 under some, more or anew. All
// that it writes is in files that compactions have gone through.
func (m *mortal) live(t *testing.T) {
	t.Helper()
	box := func(n int64) *backendtest.Box { return &backendtest.Box{N: n} }
	m.clock = 0
	for k := range int64(mortalKeys) {
		m.Use(k)
		must(t, errors.Join(m.value.Update(box(k)), m.reducing.Add(box(k)), m.undying.Update(box(k)), m.entries.Put("a", box(k)), m.entries.Put("b", box(k))))
		for _, l := range []backends.RawList{m.list, m.fixed} {
			must(t, errors.Join(l.Update([]any{box(k), box(k + 1)}), l.Add(box(k+2))))
		}
	}
	m.compact(t)
	m.clock = 50
	for k := int64(0); k < mortalKeys; k += 2 {
		m.Use(k)
		must(t, errors.Join(m.value.Update(box(k)), m.reducing.Add(box(k)), m.entries.Put("b", box(-k)), m.list.Add(box(k)), m.fixed.Add(box(k))))
	}
	m.compact(t)
}

// compact brings everything into files and lets all compactions run that follow.
func (m *mortal) compact(t *testing.T) {
	t.Helper()
	m.snapshots++
	p := m.Take(m.snapshots)
	must(t, p.Discard())
	maintainer := m.Keyed.(backends.Maintainer)
	for maintainer.Backlog() > 0 {
		must(t, maintainer.Maintain(background))
	}
}

// stir writes something unrelated into every family until compactions have gone
// through all of them.
func (m *mortal) stir(t *testing.T) {
	t.Helper()
	for range 6 {
		for _, k := range []int64{-1, -2} {
			m.Use(k)
			b := &backendtest.Box{N: k}
			must(t, errors.Join(m.value.Update(b), m.reducing.Add(b), m.entries.Put("a", b), m.list.Update([]any{b}), m.fixed.Update([]any{b})))
		}
		m.compact(t)
	}
}

// stamps counts the entries of each state by their stamps, but for those of stir.
func (m *mortal) stamps(t *testing.T) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	must(t, m.Entries(m.Params.KeyGroups, func(e backends.Entry) error {
		k, err := backends.Int64Keys().Decode(e.Key)
		if k < 0 || err != nil {
			return err
		}
		if e.State == "undying" {
			counts[e.State]++
			return nil
		}
		stamp, _, err := ttl.Split(e.Value)
		counts[fmt.Sprintf("%s@%d", e.State, stamp)]++
		return err
	}))
	return counts
}

// read is all that the job can read.
func (m *mortal) read(t *testing.T) (lines []string) {
	t.Helper()
	for k := range int64(mortalKeys) {
		m.Use(k)
		v, err := m.value.Get()
		l, err2 := m.list.Get()
		f, err3 := m.fixed.Get()
		a, err4 := m.entries.Get("a")
		b, err5 := m.entries.Get("b")
		r, err6 := m.reducing.Get()
		u, err7 := m.undying.Get()
		must(t, errors.Join(err, err2, err3, err4, err5, err6, err7))
		line := fmt.Sprint(k)
		for _, x := range slices.Concat([]any{v, a, b, r, u, "|"}, l, []any{"|"}, f) {
			if box, ok := x.(*backendtest.Box); ok {
				x = box.N
			}
			line += fmt.Sprint(" ", x)
		}
		lines = append(lines, line)
	}
	return lines
}

// What expired before a compaction is gone after it, and nothing else.
func TestCompactionsLeaveOutWhatHasExpired(t *testing.T) {
	for _, stepped := range []int64{0, 1} {
		for now, gone := range map[int64]string{99: "", 120: "@0", 400: "@"} {
			m := newMortal(t, New(), true, stepped)
			m.live(t)
			before := m.stamps(t)
			if n := m.w.Counters[countExpired]; n != 0 || before["undying"] != mortalKeys || before["fixed@0"] != 3*mortalKeys {
				t.Fatalf("%d values were dropped at first, which left %v", n, before)
			}
			m.clock = now
			m.stir(t)
			after := m.stamps(t)
			dropped := int64(0)
			for of, n := range before {
				if expired := gone != "" && strings.Contains(of, gone); !expired {
					if after[of] != n {
						t.Errorf("at %d: %d of %s are left, of %d", now, after[of], of, n)
					}
					continue
				}
				// What was only appended is not seen: the engine joins it sooner or later.
				if after[of] != 0 && !strings.HasPrefix(of, "list@") && !strings.HasPrefix(of, "fixed@") || after[of] > n/3 {
					t.Errorf("at %d: %d of %s are left, of %d", now, after[of], of, n)
				}
				dropped += int64(n - after[of])
			}
			if got := m.w.Counters[countExpired]; got < dropped || dropped == 0 != (got == 0) {
				t.Errorf("at %d: %d values are gone, %d were counted", now, dropped, got)
			}
		}
	}
}

// Whether compactions leave it out or not: what has expired is not read.
func TestWhatIsReadDoesNotDependOnCompactions(t *testing.T) {
	var first []string
	for _, clean := range []bool{false, true} {
		m := newMortal(t, New(), clean, 0)
		m.live(t)
		m.clock = 120
		m.stir(t)
		if got := m.w.Counters[countExpired]; clean != (got > 0) {
			t.Errorf("clean %v: %d values were dropped", clean, got)
		}
		lines := m.read(t)
		if first == nil {
			first = lines
		}
		if diff := cmp.Diff(first, lines); diff != "" {
			t.Errorf("without, and with compactions that drop (-without +with):\n%s", diff)
		}
	}
}

// Equal seeds give equal files, those with an expiry's name in them included.
func TestFilesWithoutWhatHasExpiredAreEqualForEqualSeeds(t *testing.T) {
	sum := func() (lines []string) {
		m := newMortal(t, New(), true, 1)
		m.live(t)
		m.clock = 120
		m.stir(t)
		for e := range m.w.Disk.Files() {
			lines = append(lines, fmt.Sprint(e.Path, " ", e.Sum()))
		}
		return append(lines, fmt.Sprint(m.w.Counters), fmt.Sprint(m.stamps(t)))
	}
	if diff := cmp.Diff(sum(), sum()); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

// A job that comes back goes on leaving out what expires, over the files of before.
func TestRestoredStateExpiresInCompactions(t *testing.T) {
	m := newMortal(t, New(), true, 0)
	m.live(t)
	h := m.w.Write(t, m.Take(50))
	back := &mortal{w: m.w, clock: 400, Instance: m.w.Open(t, 0, 1, h)}
	k, err := ttl.With(back.Keyed, ttl.Config{Lifetime: 100 * time.Millisecond, Now: func() int64 { return back.clock }, CleanCompactions: true})
	must(t, err)
	v, err := k.Value(backendtest.Boxes("value", backends.ValueKind))
	must(t, err)
	for range 6 {
		back.Use(-1)
		must(t, v.Update(&backendtest.Box{}))
		back.compact(t)
	}
	after := back.stamps(t)
	if after["value@0"]+after["value@50"] != 0 || after["map@0"] == 0 || after["undying"] != mortalKeys {
		t.Errorf("what is left: %v", after)
	}
}

// The engine's own threads are told the time when something is flushed.
func TestEngineWithThreadsLeavesOutWhatHasExpired(t *testing.T) {
	m := newMortal(t, NewNative(realFolder(t)), true, 0)
	m.live(t)
	m.clock = 400
	for range 20 {
		m.stir(t)
		if m.w.Counters[countExpired] > 0 {
			return
		}
	}
	t.Error("nothing was dropped")
}
