package heap

import (
	"fmt"
	"slices"
	"testing"

	"flinch/backends"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// broken tells what is wrong with a queue: each timer of the tables is in it, once,
// knows its place, and is not before the one above it.
func broken(s *state) error {
	n := 0
	for i, table := range s.tables.all() {
		n += table.size
		for e := range table.all() {
			held := e.value.(*timer)
			if held.place >= len(s.queue) || s.queue[held.place] != (slot{held.Time, held}) {
				return fmt.Errorf("%+v is not at its place %d", held.Timer, held.place)
			}
			if held.address() != e.address || held.Group != s.in.params.KeyGroups.Start+i {
				return fmt.Errorf("%+v is at %+v", held.Timer, e.address)
			}
		}
	}
	if n != len(s.queue) {
		return fmt.Errorf("%d timers in the tables, %d in the queue", n, len(s.queue))
	}
	for i, below := range s.queue {
		if i > 0 && below.timer.before(s.queue[(i-1)/fanout].timer) {
			return fmt.Errorf("place %d: %+v is before the one above", i, below.timer.Timer)
		}
	}
	return nil
}

func TestQueueHoldsWhatTheTablesHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		in := w.Open(t, 0, 1)
		q := in.Queue("q")
		type held struct {
			p    backends.Pending
			want []string
		}
		var open []held
		number := func(label string, n int64) int64 { return rapid.Int64Range(0, n-1).Draw(t, label) }
		step := func(op func()) func(*rapid.T) {
			return func(t *rapid.T) {
				in.Use(number("key", 8))
				op()
				if err := broken(inner(in).byName["q"]); err != nil {
					t.Fatal(err)
				}
			}
		}
		failed := func(_ bool, err error) { must(t, err) }
		where := func() (int64, string) { return number("time", 6) - 3, []string{"a", "b"}[number("namespace", 2)] }
		for i := range number("at the beginning", 100) {
			in.Use(i % 8)
			failed(q.Register(i*37%101, "a"))
		}
		register := step(func() { failed(q.Register(where())) })
		t.Repeat(map[string]func(*rapid.T){
			"register":      register,
			"register more": register,
			"delete":        step(func() { failed(q.Delete(where())) }),
			"delete one": step(func() {
				s := inner(in).byName["q"]
				if len(s.queue) == 0 {
					return
				}
				held := s.queue[number("place", int64(len(s.queue)))].timer
				must(t, in.SetCurrentKey(held.address().key))
				if there, err := q.Delete(held.Time, held.Namespace); !there || err != nil {
					t.Fatalf("delete %+v: %v, %v", held.Timer, there, err)
				}
			}),
			"poll": step(func() {
				_, _, err := q.Poll()
				must(t, err)
			}),
			"snapshot": func(*rapid.T) { open = append(open, held{in.Take(1), in.Dump()}) },
			"write": func(t *rapid.T) {
				if len(open) == 0 {
					t.Skip("no snapshot is open")
				}
				i := number("which", int64(len(open)))
				h := w.Write(t, open[i].p)
				back := w.Open(t, 0, 1, h)
				back.Queue("q")
				if diff := gocmp.Diff(open[i].want, back.Dump()); diff != "" {
					t.Fatalf("(-at the snapshot +restored):\n%s", diff)
				}
				if err := broken(inner(back).byName["q"]); err != nil {
					t.Fatalf("restored: %v", err)
				}
				open = slices.Delete(open, int(i), int(i)+1)
			},
		})
	})
}

func TestTimersFireInTheOrderOfCompare(t *testing.T) {
	var all []*timer
	for _, time := range []int64{-1, 0, 1} {
		for _, key := range []string{"a", "a\x00", "b"} {
			for _, ns := range []string{"a", "a\x00", "b"} {
				all = append(all, &timer{Timer: backends.Timer{Time: time, Key: key, Namespace: ns}})
			}
		}
	}
	for _, a := range all {
		for _, b := range all {
			if got, want := a.before(b), a.Compare(b.Timer) < 0; got != want {
				t.Errorf("%+v before %+v: %v", a.Timer, b.Timer, got)
			}
		}
	}
}

// Timers of one key and namespace differ by their time alone, and must not all be
// in one chain.
func TestTimersOfOneKeySpreadOverTheTable(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	q := in.Queue("q")
	in.Use(1)
	for i := range int64(1 << 10) {
		_, err := q.Register(i<<20, "w")
		must(t, err)
	}
	table := inner(in).byName["q"].of(inner(in).group)
	chains := 0
	for _, e := range slices.Concat(table.buckets, table.grown) {
		if e != nil {
			chains++
		}
	}
	if chains < 1<<8 {
		t.Errorf("%d timers in %d chains", table.size, chains)
	}
}

// A snapshot of timers costs what one of values costs: no timer is looked at.
func TestSnapshotOfTimersCopiesNoTimers(t *testing.T) {
	in := newWorld().Open(t, 0, 1)
	q := in.Queue("q")
	in.Use(1)
	for i := range int64(100) {
		_, err := q.Register(i, "w")
		must(t, err)
	}
	p := in.Take(1).(*pending)
	defer p.release()
	frozen := make(map[*timer]bool)
	for _, g := range p.states[0].tables {
		for _, e := range g.buckets {
			for ; e != nil; e = e.next {
				frozen[e.value.(*timer)] = true
			}
		}
	}
	for _, held := range inner(in).byName["q"].queue {
		if !frozen[held.timer] {
			t.Fatalf("%+v was copied", held.timer.Timer)
		}
	}
	if len(frozen) != 100 {
		t.Errorf("%d timers are frozen", len(frozen))
	}
}
