//go:build cgo && !norocksdb

package simenv

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"flinch/faults"
)

const rounds = 8

// A life is what one run of work leaves.
type life struct {
	content  uint64 // of all files
	trace    uint64 // of all operations on the disk
	inMiddle int    // operations of the foreground while a job stood in its middle
}

func live(t testing.TB, s setup) life {
	w := newWorld(t, s)
	return w.live()
}

func (w *world) live() life {
	l := life{}
	w.step = func() {
		if w.env.Suspended() > 0 {
			l.inMiddle++
		}
	}
	if err := w.work(rounds); err != nil {
		w.t.Error(err)
	}
	l.content, l.trace = w.content(), w.sum
	if refused := w.env.Refused(); len(refused) > 0 {
		w.t.Errorf("the engine wanted %v", refused)
	}
	if err := w.close(); err != nil {
		w.t.Error(err)
	}
	return l
}

// seeded makes a choice of every one that is asked for.
func seeded(seed uint64) func(int) int {
	asked := uint64(0)
	return func(n int) int {
		asked++
		return int(hash("choose", seed+asked<<32) % uint64(n))
	}
}

func TestTwoRunsWriteTheSameBytes(t *testing.T) {
	first := live(t, setup{identity: 1})
	other, err := New(Params{FS: newWorld(t, setup{}).fs}) // takes slots, so that the second run has another
	if err != nil {
		t.Fatal(err)
	}
	if second := live(t, setup{identity: 1}); second != first {
		t.Errorf("one run left %x, another one %x", first, second)
	}
	if err := other.Release(); err != nil {
		t.Error(err)
	}
}

func TestAnotherIdentityWritesOtherBytes(t *testing.T) {
	if one, other := live(t, setup{identity: 1}), live(t, setup{identity: 2}); one.content == other.content {
		t.Error("the session ids of two instances reached no file")
	}
}

func TestBytesDoNotHangOnTheNumberOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := life{}
	for n := 1; n <= 2; n++ {
		runtime.GOMAXPROCS(n)
		whole, stepped := live(t, setup{}), live(t, setup{stepped: true, choose: seeded(1)})
		got := life{whole.content ^ stepped.content, whole.trace ^ stepped.trace, stepped.inMiddle}
		if n == 1 {
			one = got
		} else if got != one {
			t.Errorf("with one processor %x, with %d %x", one, n, got)
		}
	}
}

func TestFourGoroutinesAtOnceWriteTheSameBytes(t *testing.T) {
	for _, s := range []setup{{}, {stepped: true}} {
		var lives [4]life
		var group sync.WaitGroup
		for i := range lives {
			group.Go(func() { lives[i] = live(t, s) })
		}
		group.Wait()
		for _, l := range lives {
			if l != lives[0] {
				t.Errorf("stepped=%v: four goroutines left %x", s.stepped, lives)
				break
			}
		}
	}
}

func TestSteppedJobsRepeatBySeedAndDifferBetweenSeeds(t *testing.T) {
	const seeds = 6
	traces := map[uint64]bool{}
	for seed := range uint64(seeds) {
		one, two := live(t, setup{stepped: true, choose: seeded(seed)}), live(t, setup{stepped: true, choose: seeded(seed)})
		if one != two {
			t.Errorf("seed %d left %x, and then %x", seed, one, two)
		}
		if one.inMiddle == 0 {
			t.Errorf("seed %d: no operation while a job stood in its middle", seed)
		}
		traces[one.trace] = true
	}
	if len(traces) != seeds {
		t.Errorf("%d seeds made %d traces", seeds, len(traces))
	}
}

func TestTimeIsVirtual(t *testing.T) {
	at := func(begin time.Duration) life {
		w := newWorld(t, setup{})
		w.now = begin
		return w.live()
	}
	// The seconds of a file's making are in its properties.
	if one, hourLater := at(0), at(time.Hour); one.content == hourLater.content {
		t.Error("virtual time reached no file")
	}
}

func TestOneThreadCallsIntoTheEnv(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	engines := engineThreads(t)
	w := newWorld(t, setup{})
	if err := w.work(rounds); err != nil {
		t.Fatal(err)
	}
	if seen, overlaps := w.env.threads(); seen != 1 || overlaps != 0 {
		t.Errorf("%d threads called into the Env, %d calls overlapped", seen, overlaps)
	}
	w.mustClose()
	w.launch(setup{})
	if err := w.open("a"); err != nil { // many files, which the engine would open with many threads
		t.Fatal(err)
	}
	if seen, _ := w.env.threads(); seen != 1 {
		t.Errorf("%d threads called into the Env when the database was opened again", seen)
	}
	w.mustClose()
	if now := engineThreads(t); now != engines {
		t.Errorf("the engine runs %d threads of its own, %d before", now, engines)
	}
}

func TestSteppedJobsNeverRunTwoAtOnce(t *testing.T) {
	w := newWorld(t, setup{stepped: true, choose: seeded(7)})
	most := 0
	w.seen = func(faults.Op) { most = max(most, w.env.Suspended()) }
	if err := w.work(rounds); err != nil {
		t.Fatal(err)
	}
	seen, overlaps := w.env.threads()
	if overlaps != 0 || seen < 2 || most < 2 {
		t.Errorf("%d threads called, %d calls overlapped, at most %d jobs stood in their middle", seen, overlaps, most)
	}
	w.mustClose()
}

func TestWholeAndSteppedJobsEndInEqualState(t *testing.T) {
	state := func(s setup) []string {
		w := newWorld(t, s)
		if err := w.work(rounds); err != nil {
			t.Fatal(err)
		}
		var values []string
		for cf := range w.cfs {
			for i := range 1000 {
				value, err := w.get(cf, fmt.Sprintf("key-%04d", i))
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, value)
			}
		}
		w.mustClose()
		return values
	}
	if whole, stepped := state(setup{}), state(setup{stepped: true, choose: seeded(2)}); !slices.Equal(whole, stepped) {
		t.Error("whole and stepped jobs end in different states")
	}
}
