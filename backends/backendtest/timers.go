package backendtest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
)

// timerClauses are about queues of timers.
var timerClauses = []clause{
	{"TimersAreASet", timersSet},
	{"TimersFireInOneOrderOverAllKeyGroups", timersOrder},
	{"TimersMayHaveAnyTime", timersExtremes},
	{"DeletingTheFirstTimerBringsTheNext", timersDelete},
	{"TimersMayBeRegisteredWhilePolling", timersWhilePolling},
	{"TimersOfALongQueueKeepTheirOrder", timersMany},
	{"TimersRefuseForeignNamesAndPlaces", timersRefused},
	{"QueuesAreApart", timersApart},
	{"SnapshotHoldsTheTimersOfItsMoment", timersSnapshot},
	{"TimersKeepTheirOrderAtAnotherParallelism", timersRescaled},
	{"QueuesThatAreNotRegisteredAreCarriedOn", timersUnregistered},
}

// timer asks for a timer, and tells whether it is new.
func (in *Instance) timer(q backends.RawTimers, key, time int64, ns string) bool {
	in.t.Helper()
	in.Use(key)
	return must2[bool](in.t)(q.Register(time, ns))
}

// untimer takes a timer back, and tells whether it was there.
func (in *Instance) untimer(q backends.RawTimers, key, time int64, ns string) bool {
	in.t.Helper()
	in.Use(key)
	return must2[bool](in.t)(q.Delete(time, ns))
}

// poll takes the first timer, which must be the one that Peek shows.
func poll(t TB, q backends.RawTimers) (backends.Timer, bool) {
	t.Helper()
	for range 2 {
		if _, _, err := q.Peek(); err != nil {
			t.Fatalf("peek: %v", err)
		}
	}
	seen, there, err := q.Peek()
	must(t, err)
	first, found, err := q.Poll()
	must(t, err)
	if seen != first || there != found {
		t.Fatalf("peek shows %+v, %v; poll gives %+v, %v", seen, there, first, found)
	}
	return first, found
}

// drained polls everything.
func drained(t TB, q backends.RawTimers) (all []backends.Timer) {
	t.Helper()
	for {
		first, found := poll(t, q)
		if !found {
			return all
		}
		all = append(all, first)
	}
}

// timerOf is the timer that Poll gives for a key.
func (in *Instance) timerOf(key, time int64, ns string) backends.Timer {
	k := backends.Int64Key(key)
	return backends.Timer{Time: time, Key: k.Encoded, Group: backends.KeyGroup(k.Hash, in.Params.MaxParallelism), Namespace: ns}
}

func sameTimers(t *testing.T, what string, want, got []backends.Timer) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func timersSet(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	q := in.Queue("q")
	if first, found := poll(t, q); found {
		t.Errorf("an empty queue has %+v", first)
	}
	for i, want := range []bool{true, false, false} {
		if got := in.timer(q, 1, 10, "w"); got != want {
			t.Errorf("registered for the %dth time: new is %v", i+1, got)
		}
	}
	for _, other := range []struct {
		key, time int64
		ns        string
	}{{2, 10, "w"}, {1, 11, "w"}, {1, 10, "w\x00"}} {
		if !in.timer(q, other.key, other.time, other.ns) {
			t.Errorf("%+v was there already", other)
		}
	}
	if in.untimer(q, 3, 10, "w") || in.untimer(q, 1, 12, "w") || in.untimer(q, 1, 10, "v") {
		t.Error("an absent timer was deleted")
	}
	if !in.untimer(q, 1, 11, "w") || in.untimer(q, 1, 11, "w") {
		t.Error("a timer is deleted once")
	}
	sameTimers(t, "left", []backends.Timer{in.timerOf(1, 10, "w"), in.timerOf(1, 10, "w\x00"), in.timerOf(2, 10, "w")}, drained(t, q))
	if !in.timer(q, 1, 10, "w") {
		t.Error("after it was polled, a timer may be registered again")
	}
	if got := len(drained(t, q)); got != 1 || in.Dump() != nil {
		t.Errorf("%d timers, entries %v", got, in.Dump())
	}
}

// Timers of one time have keys in all groups: their order is that of the keys, not
// that of the groups.
func timersOrder(t *testing.T, world func() *World) {
	w := world()
	w.Groups = 32
	in := w.Open(t, 0, 1)
	q := in.Queue("q")
	var want []backends.Timer
	for i := range int64(120) {
		key, time, ns := (i*7)%40-20, (i*5)%3, windows[i%2]
		in.timer(q, key, time, ns)
		want = append(want, in.timerOf(key, time, ns))
	}
	slices.SortFunc(want, backends.Timer.Compare)
	want = slices.Compact(want)
	var groups []int
	for _, x := range want {
		groups = append(groups, x.Group)
	}
	if slices.IsSorted(groups) {
		t.Fatal("the order of the groups is that of the timers: the test shows nothing")
	}
	sameTimers(t, "polled", want, drained(t, q))
}

func timersExtremes(t *testing.T, world func() *World) {
	w := world()
	in := w.Open(t, 0, 1)
	times := []int64{0, math.MaxInt64, -1, math.MinInt64, 1, math.MaxInt64 - 1, math.MinInt64 + 1, 255, 256, -256, -257, 1 << 32, -1 << 32}
	q := in.Queue("q")
	for i, time := range times {
		if !in.timer(q, int64(i%3), time, "w") || in.timer(q, int64(i%3), time, "w") {
			t.Errorf("%d is no new timer, or two", time)
		}
	}
	back := w.Open(t, 0, 1, w.Write(t, in.Take(1)))
	slices.Sort(times)
	for _, queue := range []backends.RawTimers{q, back.Queue("q")} {
		var got []int64
		for _, x := range drained(t, queue) {
			got = append(got, x.Time)
		}
		if !slices.Equal(got, times) {
			t.Errorf("polled %d, want %d", got, times)
		}
	}
}

func timersDelete(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	q := in.Queue("q")
	for time := range int64(20) {
		in.timer(q, time%5, time, "w")
	}
	for time := range int64(20) {
		first, found, err := q.Peek()
		must(t, err)
		if want := in.timerOf(time%5, time, "w"); !found || first != want {
			t.Fatalf("first is %+v, %v, want %+v", first, found, want)
		}
		if !in.untimer(q, time%5, time, "w") {
			t.Errorf("%d was not there", time)
		}
	}
	if left := drained(t, q); left != nil {
		t.Errorf("left: %+v", left)
	}
}

// A callback registers timers: due ones fire in the same sweep, before later ones.
func timersWhilePolling(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	q := in.Queue("q")
	in.timer(q, 1, 10, "w")
	in.timer(q, 2, 30, "w")
	var got []string
	for {
		first, found := poll(t, q)
		if !found {
			break
		}
		got = append(got, fmt.Sprintf("%d %s", first.Time, first.Namespace))
		switch {
		case first.Time == 10 && first.Namespace == "w":
			in.timer(q, 3, 20, "w")
			in.timer(q, 1, 5, "late") // in the past already
			in.timer(q, 1, 10, "x")
		case first.Time == 20:
			in.timer(q, 2, 31, "w")
			if !in.untimer(q, 2, 30, "w") {
				t.Error("30 was not there")
			}
		}
	}
	if want := []string{"10 w", "5 late", "10 x", "20 w", "31 w"}; !slices.Equal(got, want) {
		t.Errorf("fired %q, want %q", got, want)
	}
}
