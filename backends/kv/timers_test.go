package kv_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flinch/backends"
	"flinch/backends/backendtest"

	gocmp "github.com/google/go-cmp/cmp"
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
