package backendtest

import (
	"slices"
	"testing"

	"flinch/backends"
)

// More timers than a cache of the first ones holds: it is filled again, and what
// comes in before, within and after what it holds stays in order.
func timersMany(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	q := in.Queue("q")
	var want []backends.Timer
	add := func(key, time int64) {
		if in.timer(q, key, time, "w") {
			want = append(want, in.timerOf(key, time, "w"))
		}
	}
	for i := range int64(600) {
		add(i%11, (i*37)%500)
	}
	for round := range int64(50) {
		slices.SortFunc(want, backends.Timer.Compare)
		for range 7 {
			if first, _ := poll(t, q); first != want[0] {
				t.Fatalf("round %d: %+v, want %+v", round, first, want[0])
			}
			want = want[1:]
		}
		gone := want[(int(round)*13)%len(want)]
		in.Use(keyOf(t, gone))
		if !must2[bool](t)(q.Delete(gone.Time, gone.Namespace)) {
			t.Fatalf("round %d: %+v was not there", round, gone)
		}
		want = slices.DeleteFunc(want, func(x backends.Timer) bool { return x == gone })
		add(round%11, want[0].Time-1)
		add(round%11, want[len(want)/2].Time)
		add(round%11, 500+round)
	}
	slices.SortFunc(want, backends.Timer.Compare)
	sameTimers(t, "the rest", want, drained(t, q))
}

func keyOf(t TB, x backends.Timer) int64 {
	t.Helper()
	return must2[int64](t)(backends.Int64Keys().Decode(x.Key))
}

func timersRefused(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	q := in.Queue("q")
	_, err := q.Register(1, "w")
	wants(t, "register without a key", err, "no current key")
	_, err = q.Delete(1, "w")
	wants(t, "delete without a key", err, "no current key")
	in.Put("state", 1, 1)
	_, err = q.Register(1, "")
	wants(t, "register without a namespace", err, "the namespace is empty")
	_, err = q.Delete(1, "")
	wants(t, "delete without a namespace", err, "the namespace is empty")
	_, err = in.Timers("state")
	wants(t, "the name of a state", err, "is value state, not timer state")
	_, err = in.Value(Boxes("q", backends.ValueKind))
	wants(t, "the name of a queue", err, "is timer state, not value state")
	_, err = in.Timers("")
	wants(t, "no name", err, "no name")
	_, err = in.Value(Boxes("r", backends.TimerKind))
	wants(t, "described as a queue", err, "described as timer state, not value state")
	if lines := in.Dump(); len(lines) != 1 {
		t.Errorf("there is %v", lines)
	}
	must(t, in.Close())
	_, registered := q.Register(1, "w")
	_, deleted := q.Delete(1, "w")
	_, _, peeked := q.Peek()
	_, _, polled := q.Poll()
	_, opened := in.Timers("other")
	for _, o := range []outcome{{"register", registered}, {"delete", deleted}, {"peek", peeked}, {"poll", polled}, {"open", opened}} {
		wants(t, o.what+" after Close", o.err, "closed")
	}
}

// Two queues have nothing in common, nor has a queue with the current key.
func timersApart(t *testing.T, world func() *World) {
	in := world().Open(t, 0, 1)
	one, two := in.Queue("one"), in.Queue("two")
	in.timer(one, 1, 10, "w")
	in.timer(two, 1, 5, "w")
	in.timer(in.Queue("one"), 2, 11, "w") // the same queue by another handle
	in.Put("v", 3, 33)
	sameTimers(t, "one", []backends.Timer{in.timerOf(1, 10, "w"), in.timerOf(2, 11, "w")}, drained(t, one))
	if got := show(must2[any](t)(in.Boxes("v").Get())); got != "33" {
		t.Errorf("polling has changed the current key: it has %s", got)
	}
	sameTimers(t, "two", []backends.Timer{in.timerOf(1, 5, "w")}, drained(t, two))
}

// Timers are polled, added and deleted while their snapshot is under way.
func timersSnapshot(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		q := in.Queue("q")
		for i := range int64(60) {
			in.timer(q, i%7, i, "w")
		}
		poll(t, q)
		before := in.Dump()
		p := in.take(1, o)
		next := int64(0)
		step := func() {
			poll(t, q)
			in.timer(q, next%7, 1000+next, "w")
			in.timer(q, next%7, -next, "w")
			in.untimer(q, (next+40)%7, next+40, "w")
			next++
		}
		step()
		w.at(step)
		h := w.Write(t, p)
		w.at(nil)
		if next < 2 {
			t.Error("no scheduling point in the asynchronous phase")
		}
		same(t, before, w.Open(t, 0, 1, h))
		now := in.Dump()
		back := w.Open(t, 0, 1, w.Write(t, in.take(2, o)))
		same(t, now, back)
		sameTimers(t, "both queues", drained(t, q), drained(t, back.Queue("q")))
	})
}

func timersRescaled(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		w.Groups = 32
		var handles []backends.KeyedHandle
		want := make(map[int][]backends.Timer) // by key group
		for i := range 2 {
			in := w.Open(t, i, 2)
			q := in.Queue("q")
			for n, key := range in.OwnKeys(40) {
				time, ns := int64(n%3)-1, windows[n%2]
				in.timer(q, key, time, ns)
				x := in.timerOf(key, time, ns)
				want[x.Group] = append(want[x.Group], x)
			}
			handles = append(handles, w.Write(t, in.take(1, o)))
		}
		for _, n := range []int{1, 3, 5} {
			for i := range n {
				in := w.Open(t, i, n, handles...)
				var own []backends.Timer
				for group := in.Params.KeyGroups.Start; group <= in.Params.KeyGroups.End; group++ {
					own = append(own, want[group]...)
				}
				slices.SortFunc(own, backends.Timer.Compare)
				sameTimers(t, "restored", own, drained(t, in.Queue("q")))
			}
		}
	})
}

// A job that comes back without a queue must not lose its timers.
func timersUnregistered(t *testing.T, world func() *World) {
	eachWay(t, func(t *testing.T, o backends.SnapshotOptions) {
		w := world()
		in := w.Open(t, 0, 1)
		for i := range int64(20) {
			in.timer(in.Queue("q"), i, 100-i, "w")
		}
		want := in.Dump()
		second := w.Open(t, 0, 1, w.Write(t, in.take(1, o)))
		second.timer(second.Queue("other"), 1, 1, "w")
		poll(t, second.Queue("other"))
		same(t, want, second)
		third := w.Open(t, 0, 1, w.Write(t, second.take(2, o)))
		same(t, want, third)
		_, err := third.Map(Boxes("q", backends.MapKind))
		wants(t, "a state of its name", err, "is timer state, not map state")
		sameTimers(t, "carried on", drained(t, in.Queue("q")), drained(t, third.Queue("q")))
		same(t, nil, third)
	})
}
